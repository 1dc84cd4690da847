"""Patches that are rendered to find macros: away from the training renders, and along dials.

Training renders say how patches sound that somebody might design. A dial leads elsewhere, and what a network
says of places that it has not seen is not to be trusted, least of all how loud they are.
"""

from dataclasses import dataclass

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES, describe
from core.playing.note import Note
from core.space import ParameterSpace
from evaluation.macros.heard import MORE_DESCRIPTORS, more_descriptors
from evaluation.patch_renderer import PatchRenderer
from models.steering.level_arrays import VolumeScale
from training.data.leveled_render import TARGET_LUFS
from training.data.progress import Progress

__all__ = ["OUTPUTS", "HeardPatches", "hear_patches", "varied_values", "without_volume"]

# Descriptors of timbre: loudness is the leveler's.
OUTPUTS = (*(name for name in DESCRIPTOR_NAMES if name != "loudness"), *MORE_DESCRIPTORS)
_SILENT_LUFS = -65.0
_MOST_VARIED = 6  # parameters at once


@dataclass(frozen=True)
class HeardPatches:
    """What patches sound like.

    Attributes:
        values: All parameters but the volume, `(N, C)`.
        volume_db: The volume at which each is as loud as all the others, `(N,)`; None without a volume.
        descriptors: `OUTPUTS` of each, `(N, len(OUTPUTS))`; NaN where nobody listened.
    """

    values: np.ndarray
    volume_db: np.ndarray | None
    descriptors: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    def joined(self, other: "HeardPatches") -> "HeardPatches":
        """Return these and others."""
        volumes = None
        if self.volume_db is not None and other.volume_db is not None:
            volumes = np.concatenate([self.volume_db, other.volume_db])
        return HeardPatches(
            np.concatenate([self.values, other.values]),
            volumes,
            np.concatenate([self.descriptors, other.descriptors]),
        )


def hear_patches(
    values: np.ndarray, space: ParameterSpace, renderer: PatchRenderer, note: Note, label: str
) -> HeardPatches:
    """Render patches and describe them; silent ones are left out.

    Args:
        values: All parameters but the volume, `(N, C)`, or all where the space has none.
        space: Space of the patches.
        renderer: Plays them.
        note: That is played.
        label: Of the progress bar.
    """
    scale = VolumeScale.of(space)
    patches, at_db = values, 0.0
    if scale is not None:
        at_db = space["volume"].plain(space["volume"].neutral)
        patches = scale.insert(values, np.full((len(values), 1), at_db))
    rows, volumes, descriptors = [], [], []
    with Progress(len(values), unit="render", label=label, leave=False) as bar:
        for k, audio in enumerate(renderer.stream(list(patches), note)):
            bar.update()
            told = dict(
                zip(DESCRIPTOR_NAMES, describe(audio, renderer.sample_rate, note.held_seconds), strict=True)
            )
            if told["loudness"] < _SILENT_LUFS:
                continue
            more = more_descriptors(audio, renderer.sample_rate, note)
            rows.append(k)
            # The volume is a plain gain, or as good as one.
            volumes.append(at_db + TARGET_LUFS - float(told["loudness"]))
            descriptors.append([{**told, **more}[name] for name in OUTPUTS])
    return HeardPatches(
        values[rows].astype(np.float32),
        None if scale is None else np.array(volumes, np.float32),
        np.array(descriptors, np.float32).reshape(len(rows), len(OUTPUTS)),
    )


def varied_values(values: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return some of the patches `(N, C)`, `(n, C)`, with a few parameters of each drawn anew."""
    low, high = np.percentile(values, (1, 99), axis=0)
    varied = values[rng.integers(len(values), size=n)].astype(np.float32)
    for row in varied:
        chosen = rng.choice(len(row), rng.integers(1, min(_MOST_VARIED, len(row)) + 1), replace=False)
        row[chosen] = rng.uniform(low[chosen], high[chosen])
    return varied


def without_volume(space: ParameterSpace, patches: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Return patches `(N, P)` without their volume, and that in dB; None where the space has none."""
    scale = VolumeScale.of(space)
    if scale is None:
        return patches, None
    raw = patches[:, scale.index] * (scale.high - scale.low) + scale.low
    return np.delete(patches, scale.index, axis=1), np.sqrt(np.maximum(raw, 0.0)) + scale.offset
