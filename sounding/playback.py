"""One voice as it sounds: the piece that plays, the place in it, and the fade to the next."""

import numpy as np

from sounding.fades import crossfade_gains, likeness
from sounding.piece import Piece

__all__ = ["Playback"]

_GLIDE = 0.3  # part of the way to the bent pitch, at each call
_NEAR = 1e-5


class Playback:
    """Plays pieces of one note; a newer one takes over at the same place.

    Args:
        piece: What plays first, from its beginning: an attack is never faded in.

    Attributes:
        place: Frame of the piece that comes next; between two frames while the pitch is bent.
        bend: Speed at which it is to be read: 1 as rendered, 2 an octave up.
        expects_more: Whether a longer piece is on its way.
        n_late: Times that it looped, or fell silent, because that was not there in time.
    """

    def __init__(self, piece: Piece, bend: float = 1.0) -> None:
        self._piece = piece
        self._step = self.bend = bend
        self.place = 0.0
        self.expects_more = False
        self.n_late = 0
        self._old: Piece | None = None
        self._old_place = 0.0
        self._faded = 0
        self._gains = crossfade_gains(1, 1.0)
        self._next: tuple[Piece, int] | None = None
        self._left: int | None = None  # frames until it has stopped
        self._n_stop = 1

    @property
    def piece(self) -> Piece:
        """What plays, or is being faded in."""
        return self._piece

    @property
    def is_over(self) -> bool:
        """Whether only silence is left."""
        if self._left is not None:
            return self._left <= 0
        waits = self._old is not None or self._next is not None
        return not waits and not self._piece.loops and self.place >= len(self._piece)

    def replace(self, piece: Piece, n_fade: int) -> None:
        """Go on with another piece at the same place; the newest wins if a fade is under way."""
        if self._old is not None:
            self._next = piece, n_fade
            return
        at = piece.wrapped(self.place)
        old = self._piece.read(self.place, n_fade, self._step)
        alike = likeness(old, piece.read(at, n_fade, self._step))
        self._gains = crossfade_gains(n_fade, alike)
        self._old, self._old_place, self._faded = self._piece, self.place, 0
        self._piece, self.place = piece, at

    def stop(self, n_fade: int) -> None:
        """Fade out, and end."""
        if self._left is None or self._left > n_fade:
            self._left = self._n_stop = n_fade

    def glide(self) -> None:
        """Move a little towards the bent pitch."""
        self._step += _GLIDE * (self.bend - self._step)
        if abs(self._step - self.bend) < _NEAR:
            self._step = self.bend

    def add_to(self, out: np.ndarray) -> None:
        """Add the next frames to `out`, `(n, 2)`."""
        done = 0
        while done < len(out):
            n = len(out) - done
            if self._old is not None:
                n = min(n, len(self._gains[0]) - self._faded)
            block = self._read(n)
            if self._left is not None:
                block = block * self._stopping(n)
            out[done : done + n] += block
            done += n

    def _read(self, n: int) -> np.ndarray:
        new = self._piece.read(self.place, n, self._step)
        self._advance(n)
        if self._old is None:
            return new
        old = self._old.read(self._old_place, n, self._step)
        self._old_place = self._old.wrapped(self._old_place + n * self._step)
        fall, rise = (gain[self._faded : self._faded + n] for gain in self._gains)
        self._faded += n
        if self._faded >= len(self._gains[0]):
            self._old = None
            if self._next is not None:
                (piece, n_fade), self._next = self._next, None
                mixed = old * fall + new * rise
                self.replace(piece, n_fade)
                return mixed
        return old * fall + new * rise

    def _advance(self, n: int) -> None:
        beyond = self.place + n * self._step
        place, self.place = self.place, self._piece.wrapped(beyond)
        ended = not self._piece.loops and place < len(self._piece) <= beyond
        self.n_late += self.expects_more and (self.place < beyond or ended)

    def _stopping(self, n: int) -> np.ndarray:
        assert self._left is not None, "stopped"
        left = np.maximum(self._left - np.arange(n), 0)
        self._left -= n
        return (left / self._n_stop).astype(np.float32)[:, None]
