"""Render a patch so that it is as loud as all the others, and say when that cannot be done."""

from dataclasses import dataclass

import numpy as np

from core.loudness import momentary_loudness
from core.space import Parameter, ParameterSpace
from synths.engine import Engine, Note

__all__ = ["TARGET_LUFS", "LeveledRender", "render_leveled"]

TARGET_LUFS = -24.0  # of the loudest 400 ms of one note: room for chords and for percussive peaks


@dataclass(frozen=True)
class LeveledRender:
    """A patch at the target loudness.

    Attributes:
        vector: The patch with its volume set, `(P,)`.
        audio: Mono, `(n_samples,)`.
    """

    vector: np.ndarray
    audio: np.ndarray


def render_leveled(
    vector: np.ndarray, space: ParameterSpace, engine: Engine, note: Note
) -> LeveledRender | None:
    """Render a patch with its volume set so that its loudest 400 ms measure `TARGET_LUFS`.

    The synth's volume is a plain gain at its very end, so the render is scaled and not made twice.

    Args:
        vector: Normalized parameters `(P,)`; its volume is replaced.
        space: Their space, which has a `volume`.
        engine: What plays.
        note: What is played.

    Returns:
        The levelled render, or None for a patch that stays too quiet or clips at that loudness.
    """
    k = space.index("volume")
    volume: Parameter = space[k]
    vector = np.array(vector, np.float32)
    vector[k] = volume.neutral
    audio = engine.render(space.decode(vector), note).mean(axis=0)
    wanted_db = volume.plain(volume.neutral) + TARGET_LUFS - momentary_loudness(audio, engine.sample_rate)
    if not volume.plain(0.0) < wanted_db <= volume.plain(1.0):
        return None
    vector[k] = volume.normalized(wanted_db)
    gain = 10.0 ** ((volume.plain(float(vector[k])) - volume.plain(volume.neutral)) / 20.0)
    audio = (audio * gain).astype(np.float32)
    if np.abs(audio).max() > 1.0:
        return None
    return LeveledRender(vector, audio)
