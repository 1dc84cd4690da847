"""Render patches at equal loudness, as far as that is possible.

Where a synth's volume is a plain gain at its very end, the render is scaled and not made twice. Where a
distortion or a limiter follows it, it is turned and heard until the level is right. Where no volume is known,
the sound is scaled, and the patch does not say so.
"""

from dataclasses import dataclass

import numpy as np

from core.loudness import SILENCE_LUFS, momentary_loudness
from core.space import Parameter, ParameterSpace, VolumeGain
from synths.catalog import facts_of
from synths.engine import Engine, Note

__all__ = ["TARGET_LUFS", "LeveledRender", "render_leveled", "volume_of"]

TARGET_LUFS = -24.0  # of the loudest 400 ms of one note: room for chords and for percussive peaks
_MOST_TURNS = 8
_LEVEL_WITHIN_DB = 0.25
_DB_A_DECADE = 40.0  # amsynth's gain is the square of its master_vol, where nothing limits
_LEAST = 1e-3  # a volume
_FLAT_DB = 0.01
_MOST_GAIN_DB = 30.0  # a plug-in's sound that needs more is as good as silent


@dataclass(frozen=True)
class LeveledRender:
    """A patch at the target loudness.

    Attributes:
        vector: The patch with its volume set, `(P,)`.
        audio: Mono, `(n_samples,)`.
    """

    vector: np.ndarray
    audio: np.ndarray


def volume_of(space: ParameterSpace) -> int | None:
    """Return the index of the parameter that levels a space's patches, or None."""
    name = facts_of(space).volume
    return space.index(name) if name is not None and name in space else None


def render_leveled(
    vector: np.ndarray, space: ParameterSpace, engine: Engine, note: Note
) -> LeveledRender | None:
    """Render a patch with its volume set so that its loudest 400 ms measure `TARGET_LUFS`.

    Args:
        vector: Normalized parameters `(P,)`; its volume is replaced.
        space: Space of the patch; it has its synth's volume, if one is known.
        engine: Engine that renders.
        note: Note to play.

    Returns:
        The levelled render, or None for a patch that stays too quiet or clips at that loudness.
    """
    vector = np.array(vector, np.float32)
    facts = facts_of(space)
    if facts.volume is None:
        return _scaled(vector, space, engine, note)
    k = space.index(facts.volume)
    if not facts.volume_is_gain:
        return _turned(vector, space, k, engine, note)
    volume: Parameter = space[k]
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


def _turned(
    vector: np.ndarray, space: ParameterSpace, k: int, engine: Engine, note: Note
) -> LeveledRender | None:
    """Find the volume at which the render has the level, by secants of level over the volume's gain."""
    curve = _Gain(facts_of(space).gain)
    at_db, tried = curve.db(float(space[k].neutral)), list[tuple[float, float]]()
    for _ in range(_MOST_TURNS):
        vector[k] = value = curve.value(at_db)
        audio = engine.render(space.decode(vector), note).mean(axis=0)
        loudness = momentary_loudness(audio, engine.sample_rate)
        if loudness <= SILENCE_LUFS:
            return None
        if abs(TARGET_LUFS - loudness) <= _LEVEL_WITHIN_DB:
            return LeveledRender(vector, audio)
        if value == 1.0 and loudness < TARGET_LUFS:
            return None
        slope = 1.0
        if tried and (turned_db := at_db - tried[-1][0]):
            # A limiter flattens the slope; below a tenth it is noise in the measurement.
            slope = min(max((loudness - tried[-1][1]) / turned_db, 0.1), 1.0)
        tried.append((at_db, loudness))
        at_db = min(max(at_db + (TARGET_LUFS - loudness) / slope, curve.db(0.0)), curve.db(1.0))
    return None


@dataclass(frozen=True)
class _Gain:
    """A volume's gain in dB over its value: a square law, or as measured."""

    measured: VolumeGain | None

    def db(self, value: float) -> float:
        if self.measured is None:
            return _DB_A_DECADE * float(np.log10(max(value, _LEAST)))
        return float(np.interp(value, *self._points()))

    def value(self, db: float) -> float:
        if self.measured is None:
            return min(float(10.0 ** (db / _DB_A_DECADE)), 1.0)
        values, gain_db = self._points()
        return float(np.interp(db, gain_db, values))

    def _points(self) -> tuple[np.ndarray, np.ndarray]:
        assert self.measured is not None
        gain_db = np.array(self.measured.gain_db)
        # A small slope where there is none, so that a gain belongs to one value.
        gain_db += _FLAT_DB * np.arange(len(gain_db))
        return np.linspace(0.0, 1.0, len(gain_db)), gain_db


def _scaled(vector: np.ndarray, space: ParameterSpace, engine: Engine, note: Note) -> LeveledRender | None:
    """Scale the render and leave the patch as it is."""
    audio = engine.render(space.decode(vector), note).mean(axis=0)
    gain_db = TARGET_LUFS - momentary_loudness(audio, engine.sample_rate)
    if gain_db > _MOST_GAIN_DB or np.abs(audio).max() > 1.0:
        return None
    return LeveledRender(vector, np.asarray(audio * 10.0 ** (gain_db / 20.0), np.float32))
