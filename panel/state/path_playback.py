"""The path in tempo: where along it the point is at a time."""

from dataclasses import dataclass

__all__ = ["PathPlayback"]


@dataclass(frozen=True, kw_only=True)
class PathPlayback:
    """How the path is played.

    Attributes:
        bpm: Beats a minute.
        beats: Beats from one end to the other.
        back: Whether it comes back the same way; otherwise it jumps to the start.
        loop: Whether it begins again.
    """

    bpm: float = 120.0
    beats: float = 8.0
    back: bool = True
    loop: bool = True

    @property
    def seconds(self) -> float:
        """Seconds from one end to the other."""
        return 60.0 / max(self.bpm, 1.0) * max(self.beats, 0.25)

    def position(self, elapsed_s: float) -> float | None:
        """Return the position along the path, 0 to 1, or None when it is over.

        >>> PathPlayback(bpm=60, beats=4, back=True, loop=False).position(6.0)
        0.5
        """
        turns = max(elapsed_s, 0.0) / self.seconds
        round_trip = 2.0 if self.back else 1.0
        if turns >= round_trip and not self.loop:
            return None
        turns %= round_trip
        return 2.0 - turns if turns > 1.0 else turns
