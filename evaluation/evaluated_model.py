"""A trained model as evaluation sees it, wherever it lies: a run of `train.py`, or a model folder."""

import hashlib
import importlib.metadata
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.atomic_file import write_atomically
from core.cache_folder import cache_folder
from core.descriptors import DESCRIPTOR_NAMES
from core.errors import CheckpointError, ConfigError
from core.mel import MelConfig, log_mel
from core.metrics import level
from core.nearest import did_you_mean
from core.space import ParameterSpace
from evaluation.answers import mean_patch, model_answers, nearest_rows
from evaluation.playing import Player
from models.folder import ModelFolder
from models.installed import list_models
from models.torch_folder import load_regression_flow
from synths.catalog import facts_of
from synths.engine import Note
from training.data.dataset import Dataset
from training.data.split import split_shards
from training.runs import TrainedRun, load_run

__all__ = ["Bank", "Listener", "open_listener", "open_run"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bank:
    """Sounds that are there already: what the nearest one, and the mean patch, are taken from.

    Attributes:
        sounds: Patches and their levelled mels.
        words: What these sounds are, as in `252 presets`.
        names: Of the sounds, or empty.
    """

    sounds: Dataset
    words: str
    names: tuple[str, ...] = ()

    @property
    def mean_patch(self) -> np.ndarray:
        """Mean of the patches, `(P,)`: the answer that listens to nothing."""
        return mean_patch(self.sounds)

    def nearest(self, mels: np.ndarray) -> np.ndarray:
        """Rows `(n,)` of the sounds nearest to levelled mels `(n, n_mels, n_frames)`."""
        return nearest_rows(mels, self.sounds)


@dataclass(frozen=True)
class Listener:
    """A model that answers sounds with patches.

    Attributes:
        name: For headings.
        space: Of the answers.
        mel: How it hears.
        note: What it was trained on.
        target_lufs: Loudness that sounds are brought to before it hears them.
        answers: Log-mels `(n, n_mels, n_frames)` to patches `(n, P)`.
        bank: Reads or renders what stands beside its answers; takes a while.
        folder: The model folder, where it is one: macros and presets too.
        run: The run, where it is one.
    """

    name: str
    space: ParameterSpace
    mel: MelConfig
    note: Note
    target_lufs: float
    answers: Callable[[np.ndarray], np.ndarray]
    bank: Callable[[], Bank]
    folder: ModelFolder | None = None
    run: TrainedRun | None = None

    def hear(self, audio: np.ndarray) -> np.ndarray:
        """Give the levelled log-mel `(n_mels, n_frames)` of mono audio."""
        return log_mel(level(audio, self.mel.sample_rate, self.target_lufs), self.mel)


def open_listener(name: str, workers: int = 2) -> Listener:
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


def open_run(path: Path) -> Listener:
    """Open a run of `train.py`.

    Raises:
        CheckpointError: It has no weights yet, or they do not fit.
    """
    run = load_run(path)
    facts = run.folder.facts

    def bank() -> Bank:
        train, _, _ = split_shards(run.folder.shards()[: run.settings.shards])
        sounds = run.folder.read(train)
        return Bank(sounds, f"{len(sounds):,} training renders")

    return Listener(
        name=run.settings.name,
        space=run.folder.space,
        mel=run.folder.mel,
        note=Note(**facts["note"]),
        target_lufs=float(facts["target_lufs"]),
        answers=run.answers,
        bank=bank,
        run=run,
    )


def _open_folder(path: Path, workers: int) -> Listener:
    folder = ModelFolder.load(path)
    model, mel = load_regression_flow(folder), folder.mel
    note, lufs = folder.settings.note, folder.settings.target_lufs

    def bank() -> Bank:
        presets = folder.presets
        n = len(presets)
        mels = _preset_mels(folder, mel, note, lufs, workers)
        empty = np.zeros((n, len(DESCRIPTOR_NAMES)), np.float32)
        sounds = Dataset(presets.patches, mels, empty, np.zeros(n, np.int32))
        return Bank(sounds, f"{n} presets of the model's map", presets.names)

    return Listener(
        folder.name, folder.space, mel, note, lufs, partial(model_answers, model), bank, folder=folder
    )


def _preset_mels(folder: ModelFolder, mel: MelConfig, note: Note, lufs: float, workers: int) -> np.ndarray:
    """Log-mels of the levelled presets; rendered once, then read from the cache."""
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
        pass  # not there yet, or damaged: rendered again
    logger.info("rendering the %d presets of %s, once", len(folder.presets), folder.name)
    with Player(folder.space, mel.sample_rate, workers) as player:
        sounds = player.play(list(folder.presets.patches), note, "presets")
    mels = np.stack([log_mel(level(s, mel.sample_rate, lufs), mel) for s in sounds]).astype(np.float16)
    try:
        write_atomically(file, save({"mels": mels}))
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}; set XDG_CACHE_HOME.") from error
    return mels


def _engine_version(space: ParameterSpace) -> str:
    wheel = facts_of(space).wheel
    try:
        return importlib.metadata.version(wheel) if wheel is not None else "unknown"
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
