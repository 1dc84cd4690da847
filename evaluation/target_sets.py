"""The targets models are measured on.

Held-out renders of their dataset, those of a smaller space's dataset, or a folder of other sounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ConfigError, SoundError
from core.sound_file import SOUND_KINDS, sound_files
from evaluation.evaluated_model import EvaluatedModel
from evaluation.match import read_targets
from evaluation.score_cache import target_key
from synths.engine import Note
from training.data.dataset import DatasetFolder
from training.data.nested import embedded, own_shards
from training.data.split import split_shards

__all__ = ["TargetSet", "held_out_set", "is_dataset", "shared_set", "sound_set"]


@dataclass(frozen=True, kw_only=True)
class TargetSet:
    """Targets, all for models of one space.

    Attributes:
        name: Name for headings.
        description: What the targets are.
        mels: Levelled log-mels, as models hear them, `(n, n_mels, n_frames)`.
        fine: Their fine frames, uint8 `(n, 26, 368)`.
        notes: Notes at which answers are played, n.
        keys: Keys of the targets, see `evaluation.score_cache`.
        audio: Mono sounds, or None where the targets are the renders of `patches`.
        patches: True patches `(n, P)`, or None.
        all_patches: Patches of the whole held-out part, where `patches` are drawn from it.
        all_mels, all_fine: Their mels and fine frames.
        judged: Indices of the parameters that parameter errors are about; None for all.
    """

    name: str
    description: str
    mels: np.ndarray
    fine: np.ndarray
    notes: tuple[Note, ...]
    keys: tuple[str, ...]
    audio: tuple[np.ndarray, ...] | None = None
    patches: np.ndarray | None = None
    all_patches: np.ndarray | None = None
    all_mels: np.ndarray | None = None
    all_fine: np.ndarray | None = None
    judged: np.ndarray | None = None

    def __len__(self) -> int:
        """Return the number of targets, n."""
        return len(self.keys)


def held_out_set(model: EvaluatedModel, n_targets: int, seed: int = 0) -> TargetSet:
    """Draw targets from the held-out shards of a run's dataset; of a nested one, from those of its own size.

    Args:
        model: A run.
        n_targets: At most; the same seed draws the same targets for every run of that dataset.
        seed: Seed of the draw.

    Raises:
        ConfigError: The model is not a run, or its dataset is too small to hold anything out.
    """
    run = model.run
    if run is None:
        raise ConfigError(
            f"{model.name} is a model folder, but held-out renders need the run that it came from."
        )
    shards = run.folder.shards()[: run.settings.shards]
    return _drawn(model, run.folder, shards, n_targets, seed, f"{model.space.name}, held out")


def is_dataset(folder: Path) -> bool:
    """Whether a folder is a dataset, and not one of sounds."""
    return (folder / "dataset.yaml").is_file()


def shared_set(model: EvaluatedModel, folder: Path, n_targets: int, seed: int = 0) -> TargetSet | None:
    """Draw targets from the held-out sounds of a smaller space's dataset, as patches of the model's space.

    The same seed draws the same sounds for models of every size. Parameter errors are about the parameters
    that the smaller space has, so that sizes can be compared.

    Returns:
        The targets, or None if the model's space does not hold those of the dataset.

    Raises:
        ConfigError: The dataset is too small to hold anything out, or it was rendered otherwise.
    """
    dataset = DatasetFolder(folder)
    space = dataset.space
    if space.synth != model.space.synth or any(name not in model.space for name in space.names):
        return None
    if dataset.mel != model.mel or Note(**dataset.facts["note"]) != model.note:
        raise ConfigError(f"{folder} was rendered with another note or mel than {model.name} has learned.")
    name = f"{model.space.name}, sounds of {space.name}"
    found = _drawn(model, dataset, dataset.shards(), n_targets, seed, name)
    return replace(found, judged=np.array([model.space.index(one) for one in space.names]))


def _drawn(
    model: EvaluatedModel,
    folder: DatasetFolder,
    shards: Sequence[int],
    n_targets: int,
    seed: int,
    name: str,
) -> TargetSet:
    """Draw targets from the held-out ones of some shards."""
    held_out = own_shards(folder, split_shards(shards)[2])
    if not held_out:
        raise ConfigError(f"{folder.path} has no held-out shards yet: it needs at least 40 shards.")
    test = folder.read(held_out)
    patches = test.patches
    if folder.space.names != model.space.names:
        patches = embedded(patches, folder.space, model.space)
    rows = np.random.default_rng(seed).permutation(len(test))[:n_targets]
    facts = _facts(model)
    return TargetSet(
        name=name,
        description=f"{len(rows)} of {len(test)} held-out renders of {folder.path.name}",
        mels=test.mels[rows].astype(np.float32),
        fine=test.fine[rows],
        notes=(model.note,) * len(rows),
        keys=tuple(target_key(facts, patch) for patch in patches[rows]),
        patches=patches[rows],
        all_patches=patches,
        all_mels=test.mels,
        all_fine=test.fine,
    )


def sound_set(model: EvaluatedModel, folder: Path) -> tuple[TargetSet, list[str]]:
    """Read the sounds of a folder, cut and levelled as `evaluate.py match` does.

    Returns:
        The set, and a line for each file that could not be heard.

    Raises:
        SoundError: No file could be heard.
    """
    files, left_out = sound_files(folder)
    targets, skipped = read_targets(files, model)
    if not targets:
        raise SoundError(
            f"no sound in {folder} can be heard. Choose a folder of sound files ({SOUND_KINDS})."
        )
    lines = [f"{path.name}: {reason}" for path, reason in (*left_out, *((s.path, s.reason) for s in skipped))]
    facts = _facts(model)
    keys = [target_key({**facts, "note": vars(t.note)}, t.heard.audio) for t in targets]
    mels, fine = model.hear_all([t.heard.audio for t in targets])
    found = TargetSet(
        name=f"{model.space.name}, sounds of {folder.name}",
        description=f"{len(targets)} sounds of {folder.name}, {len(lines)} skipped",
        mels=mels,
        fine=fine,
        notes=tuple(t.note for t in targets),
        keys=tuple(keys),
        audio=tuple(t.heard.audio for t in targets),
    )
    return found, lines


def _facts(model: EvaluatedModel) -> dict[str, Any]:
    names: Sequence[str] = model.space.names
    return {
        "synth": model.space.synth,
        "parameters": list(names),
        "note": vars(model.note),
        "mel": model.mel.to_dict(),
    }
