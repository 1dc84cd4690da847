"""A trained model as evaluation sees it, whether it is a run of `train.py` or a model folder."""

import hashlib
import importlib.metadata
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.atomic_file import write_atomically
from core.descriptors import DESCRIPTOR_NAMES
from core.errors import CheckpointError, ConfigError
from core.fine_frames import FINE_SHAPE, fine_frames
from core.loudness import level
from core.mel import MelConfig, log_mel
from core.nearest import did_you_mean
from core.space import ParameterSpace
from evaluation.cache_folder import cache_folder
from evaluation.patch_renderer import PatchRenderer
from evaluation.references import ReferenceSounds
from models.folder import ModelFolder
from models.installed import list_models
from sketching.answerer import Answerer
from synths.catalog import facts_of
from synths.engine import Note
from training.data.dataset import Dataset
from training.data.split import split_shards
from training.runs import TrainedRun, load_run

__all__ = ["EvaluatedModel", "open_evaluated_model", "open_run"]

logger = logging.getLogger(__name__)


class _Leveled(NamedTuple):
    audio: np.ndarray
    mel: np.ndarray


@dataclass(frozen=True)
class EvaluatedModel:
    """A model that answers sounds with patches.

    Attributes:
        name: Name for headings.
        space: Space of the answers.
        mel: Settings of the mels that it hears.
        note: Note of the training renders.
        target_lufs: Loudness of the sounds that it hears.
        references: Function that reads or renders the sounds its answers are compared with; slow.
        answerer: Answers as the server does, with the model folder; None for a run.
        run: The run, or None for a model folder.
    """

    name: str
    space: ParameterSpace
    mel: MelConfig
    note: Note
    target_lufs: float
    references: Callable[[], ReferenceSounds]
    answerer: Answerer | None = None
    run: TrainedRun | None = None

    @property
    def folder(self) -> ModelFolder | None:
        """The model folder with macros and presets, or None for a run."""
        return None if self.answerer is None else self.answerer.folder

    def levelled_mel(self, audio: np.ndarray) -> np.ndarray:
        """Return the levelled log-mel `(n_mels, n_frames)` of mono audio."""
        return log_mel(level(audio, self.mel.sample_rate, self.target_lufs), self.mel)

    def hear_all(self, sounds: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return the levelled log-mels `(n, n_mels, n_frames)` of mono sounds, and their fine frames."""
        leveled = [level(audio, self.mel.sample_rate, self.target_lufs) for audio in sounds]
        mels = np.stack([log_mel(audio, self.mel) for audio in leveled])
        return mels, np.stack([fine_frames(audio) for audio in leveled])

    def answers(self, sounds: Sequence[np.ndarray]) -> np.ndarray:
        """Return the first answers `(n, P)` to mono sounds, cut to a note; a folder's are the server's."""
        if self.answerer is None:
            assert self.run is not None
            return self.run.answers(*self.hear_all(sounds))
        first = []
        for sound in sounds:
            audio = level(sound, self.mel.sample_rate, self.target_lufs)
            first.append(self.answerer.first(_Leveled(audio, log_mel(audio, self.mel)))[0].patch)
        return np.stack(first)


def open_evaluated_model(name: str, workers: int = 2) -> EvaluatedModel:
    """Open a model by the name of a shipped one, the path of a model folder, or the path of a run.

    Raises:
        CheckpointError: There is no such model, or it is damaged.
    """
    path = Path(name)
    if (path / "settings.yaml").is_file():
        return open_run(path)
    if (path / "model.yaml").is_file():
        return _open_folder(path, workers)
    shipped = list_models()
    if name not in shipped:
        raise CheckpointError(
            f"there is no model '{name}'; {did_you_mean(name, shipped)}. --model takes the name of a shipped "
            "model, a model folder, or a run of train.py."
        )
    return _open_folder(shipped[name], workers)


def open_run(path: Path) -> EvaluatedModel:
    """Open a run of `train.py`.

    Raises:
        CheckpointError: It has no weights yet, or they do not fit.
    """
    run = load_run(path)
    facts = run.folder.facts

    def references() -> ReferenceSounds:
        train, _, _ = split_shards(run.folder.shards()[: run.settings.shards])
        sounds = run.folder.read(train)
        return ReferenceSounds(sounds, f"{len(sounds):,} training renders")

    return EvaluatedModel(
        name=run.settings.name,
        space=run.folder.space,
        mel=run.folder.mel,
        note=Note(**facts["note"]),
        target_lufs=float(facts["target_lufs"]),
        references=references,
        run=run,
    )


def _open_folder(path: Path, workers: int) -> EvaluatedModel:
    answerer = Answerer(path, workers, polite=False)
    folder, mel = answerer.folder, answerer.mel
    note, lufs = folder.settings.note, folder.settings.target_lufs

    def references() -> ReferenceSounds:
        presets = folder.presets
        n = len(presets)
        mels = _preset_mels(folder, mel, note, lufs, workers)
        sounds = Dataset(
            presets.patches,
            mels,
            descriptors=np.zeros((n, len(DESCRIPTOR_NAMES)), np.float32),
            kinds=np.zeros(n, np.int32),
            fine=np.zeros((n, *FINE_SHAPE), np.uint8),
        )
        return ReferenceSounds(sounds, f"{n} presets of the model's map", presets.names)

    return EvaluatedModel(folder.name, folder.space, mel, note, lufs, references, answerer)


def _preset_mels(folder: ModelFolder, mel: MelConfig, note: Note, lufs: float, workers: int) -> np.ndarray:
    """Return log-mels of the levelled presets; they are rendered once, then read from the cache."""
    facts: Mapping[str, Any] = {
        "presets": folder.files["presets.safetensors"],
        "space": folder.space.to_dict(),
        "engine": _engine_version(folder.space),
        "mel": mel.to_dict(),
        "note": vars(note),
        "lufs": lufs,
    }
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:24]
    file = cache_folder("preset-mels") / f"{folder.name}-{key}.safetensors"
    try:
        mels = load_file(file)["mels"]
        if mels.shape == (len(folder.presets), *mel.shape):
            return mels
    except (OSError, SafetensorError, KeyError):
        pass  # missing or damaged: render again
    logger.info("rendering the %d presets of %s, once", len(folder.presets), folder.name)
    with PatchRenderer(folder.space, mel.sample_rate, workers) as renderer:
        sounds = renderer.render(list(folder.presets.patches), note, "presets")
    mels = np.stack([log_mel(level(s, mel.sample_rate, lufs), mel) for s in sounds]).astype(np.float16)
    try:
        write_atomically(file, save({"mels": mels}))
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written: {error.strerror}. Set XDG_CACHE_HOME to another folder."
        ) from error
    return mels


def _engine_version(space: ParameterSpace) -> str:
    wheel = facts_of(space).wheel
    try:
        return importlib.metadata.version(wheel) if wheel is not None else "unknown"
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
