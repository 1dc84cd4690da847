"""Synths outside, each of which plays one instrument's frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.space import ParameterSpace
from server.tracks.track import Track
from server.tracks.tracks import Tracks

__all__ = ["FrameListener", "Output", "Outputs"]


class FrameListener(Protocol):
    """Is told of each frame, such as a synth that speaks MIDI."""

    def frame(self, space: ParameterSpace, patch: np.ndarray) -> None:
        """Send a patch `(P,)` on; called on the loop, so it has to return at once."""
        ...


@dataclass(frozen=True, slots=True)
class Output:
    """What plays an instrument's frames.

    Attributes:
        listener: Told of each.
        instrument: Identity or name of the instrument; empty for whatever has the focus.
    """

    listener: FrameListener
    instrument: str = ""


class Outputs:
    """All of them. One whose instrument is not there keeps its sound.

    Args:
        outputs: In any order.
        tracks: All instruments.
    """

    def __init__(self, outputs: Sequence[Output], tracks: Tracks) -> None:
        self._tracks = tracks
        self._playing: list[tuple[Output, Track | None]] = [(output, None) for output in outputs]
        self.instruments_changed()

    def frame(self, track: Track) -> None:
        """Pass the patch of a frame on to what plays the instrument."""
        for output, playing in self._playing:
            if playing is track:
                output.listener.frame(track.instrument.model.space, track.instrument.patch)

    def instruments_changed(self) -> None:
        """Find out again what each plays; one that plays another instrument now is told its patch."""
        for k, (output, before) in enumerate(self._playing):
            track = self._tracks.named(output.instrument)
            if track is not before:
                self._playing[k] = output, track
                if track is not None:
                    output.listener.frame(track.instrument.model.space, track.instrument.patch)
