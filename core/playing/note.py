"""The note that a patch is played with."""

from dataclasses import dataclass

__all__ = ["Note"]


@dataclass(frozen=True, kw_only=True)
class Note:
    """What is played.

    Attributes:
        note, velocity: MIDI, 0 to 127.
        held_seconds: From note on to note off.
        seconds: Length of the render, release included.
    """

    note: int = 60
    velocity: int = 100
    held_seconds: float = 3.0
    seconds: float = 4.0
