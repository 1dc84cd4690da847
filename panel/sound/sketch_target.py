"""The sound that a sketch is to match: uploaded here, or recorded by the server, which then exports it."""

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
    """Follows the states of sketches: whether a sketch's sound is known, or has to be asked for.

    Attributes:
        sound: The sound of the current sketch; None if there is none, or not yet.
        n_begun: How many sketches have begun.
    """

    def __init__(self) -> None:
        self.sound: TargetSound | None = None
        self.n_begun = 0
        self._serial = 0
        self._state = "idle"
        self._uploaded = False  # the next sketch is a sound from this panel

    def set_uploaded(self, audio: np.ndarray, sample_rate: int) -> None:
        """Set a sound that was uploaded here; the next sketch that begins is about it."""
        self.set(audio, sample_rate)
        self._uploaded = True

    def set(self, audio: np.ndarray, sample_rate: int) -> None:
        """Set the sound of the current sketch."""
        self._serial += 1
        self.sound = TargetSound(audio, sample_rate, self._serial)

    def forget(self) -> None:
        """Forget the sound and the state; those of another sketch follow."""
        self.sound, self._state, self._uploaded = None, "", False
        self.n_begun += 1

    def follow(self, state: str) -> bool:
        """Follow a state of `/flow/sketch/state`.

        Returns:
            Whether the server is to be asked for the sound.
        """
        before, self._state = self._state, state
        if state == before:
            return False
        if state in _ANSWERED:
            self._uploaded = False
        if state == "recording" or (state == "hearing" and before != "recording"):  # a new sketch begins
            self.n_begun += 1
            if state == "hearing" and self._uploaded:
                self._uploaded = False
            else:
                self.sound = None
        recorded = state == "hearing" and before == "recording"
        return self.sound is None and (recorded or state in _ANSWERED)
