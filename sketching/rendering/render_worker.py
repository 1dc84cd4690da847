"""What a render worker does: render a patch and measure how far it is from a sound."""

import math
from dataclasses import dataclass, replace

import numpy as np

from core.errors import RenderError
from core.loudness import SILENCE_LUFS, level, momentary_loudness
from core.mel import MelConfig, log_mel
from core.playing.gestures import Gestures
from core.space import ParameterSpace
from sketching.rendering.distance import DistanceFeatures, distance_db, distance_features
from synths.catalog import load_engine
from synths.engine import Engine, FadingEngine, Note, play

__all__ = ["INAUDIBLE", "RenderMeasurement", "Renderer", "RenderedPatch"]

_SILENT_LUFS = -70.0
_LEAST_GAIN = 0.03  # more than that is not made up for


@dataclass(frozen=True, kw_only=True, eq=False)
class RenderMeasurement:
    """What was measured of one render.

    Attributes:
        distance_db: To the sound, see `sketching.rendering.distance`; infinite if the patch is silent or
            fails, or if there is no sound yet.
        loudness: LUFS of the loudest 400 ms, as rendered, but for the loudness curve of gestures: where
            these are not played, as by a plug-in that has not loaded them, the patch is as loud as others.
        mel: Levelled log-mel of the render, float16 `(n_mels, n_frames)`; None if it is silent.
        soft: Middle scale of its soft mels, float16 `(bands, n)`; None if there is no sound yet.
        features: For comparison with a sound that is still to come; None if there is a sound.
    """

    distance_db: float
    loudness: float
    mel: np.ndarray | None
    soft: np.ndarray | None = None
    features: DistanceFeatures | None = None

    def compared(self, target: DistanceFeatures) -> "RenderMeasurement":
        """Return it compared with a sound that came later."""
        distance = float("inf") if self.features is None else distance_db(target, self.features)
        return replace(self, distance_db=distance, features=None)


@dataclass(frozen=True, eq=False)
class RenderedPatch:
    """A patch `(P,)`, what was measured of its render, and the gestures it was rendered with."""

    patch: np.ndarray
    measurement: RenderMeasurement
    gestures: Gestures | None = None


INAUDIBLE = RenderMeasurement(distance_db=float("inf"), loudness=SILENCE_LUFS, mel=None)


class Renderer:
    """Renders patches of one space and compares them with one sound.

    Args:
        space: Of the patches.
        mel: How the model hears; also the rate of the renders.
        audio: The sound, mono; None if it is still to come.
        note: The note that is played; sounds are compared over its length.
        target_lufs: Loudness of the mels.
        engine: Plays the patches; that of the space by default.
    """

    def __init__(
        self,
        space: ParameterSpace,
        mel: MelConfig,
        audio: np.ndarray | None,
        note: Note,
        target_lufs: float,
        engine: Engine | None = None,
    ) -> None:
        self.space, self.mel, self.note, self.target_lufs = space, mel, note, target_lufs
        self.engine: Engine = engine or load_engine(space, mel.sample_rate)
        self.target = None if audio is None else distance_features(audio, mel.sample_rate, note.seconds)

    def render(self, patch: np.ndarray, gestures: Gestures | None = None) -> np.ndarray:
        """Return a render of a patch, mono, until it has faded or the note's length is over."""
        values = self.space.decode(patch)
        tail = self.engine.tail_seconds(values) if isinstance(self.engine, FadingEngine) else math.inf
        note = replace(self.note, seconds=min(self.note.held_seconds + tail, self.note.seconds))
        return np.asarray(play(self.engine, values, note, gestures).mean(axis=0))

    def measure(self, patch: np.ndarray, gestures: Gestures | None = None) -> RenderMeasurement:
        """Render a patch `(P,)` and measure it; one that fails is infinitely far away."""
        try:
            audio = self.render(patch, gestures)
        except RenderError:
            return INAUDIBLE
        rate = self.mel.sample_rate
        loudness = momentary_loudness(audio, rate)
        if loudness < _SILENT_LUFS:
            return INAUDIBLE
        leveled = level(audio, rate, self.target_lufs, loudness=loudness)
        features = distance_features(audio, rate, self.note.seconds, loudness=loudness)
        return RenderMeasurement(
            distance_db=float("inf") if self.target is None else distance_db(self.target, features),
            loudness=_without_curve(audio, rate, gestures) if gestures else loudness,
            mel=log_mel(leveled, self.mel).astype(np.float16),
            soft=None if self.target is None else features.mels[1].astype(np.float16),
            features=features.in_half_precision() if self.target is None else None,
        )


def _without_curve(audio: np.ndarray, sample_rate: int, gestures: Gestures) -> float:
    """Return the loudness that a render would have without its loudness curve; or more, if it has an echo."""
    gain = gestures.gain(np.arange(len(audio)) / sample_rate)
    return momentary_loudness(audio / np.maximum(gain, _LEAST_GAIN), sample_rate)
