"""The sound that a sketch is after: dropped here, or sung to the server, which then lends it to us."""

from dataclasses import dataclass

import numpy as np

__all__ = ["TargetSound", "SketchTarget"]

_ANSWERED = ("refining", "done")


@dataclass(frozen=True)
class TargetSound:
    """A sound, mono `(n_samples,)`."""

    audio: np.ndarray
    sample_rate: int
    serial: int


class SketchTarget:
    """Follows the states of sketches: whose sound is known, and which has to be asked for.

    Attributes:
        sound: The sound of the present sketch; None where there is none, or not yet.
        n_begun: Sketches that were seen to begin.
    """

    def __init__(self) -> None:
        self.sound: TargetSound | None = None
        self.n_begun = 0
        self._serial = 0
        self._state = "idle"
        self._dropped = False  # the next sketch is a sound of ours

    def drop(self, audio: np.ndarray, sample_rate: int) -> None:
        """Take a sound that was dropped here; the server is about to be asked to hear it."""
        self.put(audio, sample_rate)
        self._dropped = True

    def put(self, audio: np.ndarray, sample_rate: int) -> None:
        """Take the sound of the present sketch."""
        self._serial += 1
        self.sound = TargetSound(audio, sample_rate, self._serial)

    def follow(self, state: str) -> bool:
        """Take in a state of `/flow/sketch/state`.

        Returns:
            Whether the server is to be asked for the sound.
        """
        before, self._state = self._state, state
        if state == before:
            return False
        if state in _ANSWERED:
            self._dropped = False
        if state == "recording" or (state == "hearing" and before != "recording"):  # a new sketch begins
            self.n_begun += 1
            if state == "hearing" and self._dropped:
                self._dropped = False
            else:
                self.sound = None
        sung = state == "hearing" and before == "recording"
        return self.sound is None and (sung or state in _ANSWERED)
