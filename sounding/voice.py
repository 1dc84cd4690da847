"""A voice: one note from its key to its last echo, and what has to be rendered for it next."""

from dataclasses import dataclass, field, replace

import numpy as np

from sounding.keyboard import Key
from sounding.piece import Piece
from sounding.playback import Playback

__all__ = ["HELD", "RenderJob", "Voice", "VoiceLengths"]

HELD = -1  # instead of a number of frames: the key is down throughout
_MOST_IN_HAND = 2  # renders of one voice at once: the newest turn need not wait for the one before


@dataclass(frozen=True, slots=True, eq=False)
class RenderJob:
    """A stretch of a note to render, from its beginning.

    Attributes:
        voice: Number of the voice.
        revision: Number of the patch; it grows with each.
        patch: Normalized values `(P,)`.
        space: Number of its space.
        note, velocity: MIDI.
        held: Frames from note on to note off; `HELD` for a key that is down.
        n_frames: Length of the render.
    """

    voice: int
    revision: int
    patch: np.ndarray
    space: int
    note: int
    velocity: int
    held: int
    n_frames: int


@dataclass(frozen=True, slots=True)
class VoiceLengths:
    """How far notes are rendered, in frames.

    Attributes:
        held: Of a key that is down, one after the other; the last one loops.
        tail: After a key was let go, one after the other.
        ahead: Beyond the place that plays, after a turn.
        slowness: Seconds that it takes to render a second.
    """

    held: tuple[int, ...]
    tail: tuple[int, ...]
    ahead: int
    slowness: float = 0.1

    @classmethod
    def at(cls, sample_rate: int) -> "VoiceLengths":
        """Return the lengths at a sample rate, Hz."""
        held, tail = (0.25, 1.0, 3.0), (0.4, 2.0, 6.0)
        return cls(
            tuple(round(s * sample_rate) for s in held),
            tuple(round(s * sample_rate) for s in tail),
            round(0.3 * sample_rate),
        )

    def beyond(self, place: int) -> int:
        """Return how far to render what plays at a place, so that it is there before that has gone by."""
        return place + self.ahead + round(1.5 * self.slowness * place)

    def slowed(self, slowness: float) -> "VoiceLengths":
        """Return these lengths, for renders that take longer or less long."""
        return replace(self, slowness=0.8 * self.slowness + 0.2 * slowness)


@dataclass(slots=True, eq=False)
class Voice:
    """One note.

    Attributes:
        serial: Its number.
        key, velocity: What plays it.
        began: Frame of the stream at which its key went down.
        lengths: How far it is rendered.
        held: Frames until its key was let go; `HELD` while it is down.
        playback: What sounds; None until the first piece has come and begun.
        first: The first piece, until it begins to play.
        arrived: Frame of the stream at which that came.
        job: Of the piece that plays, or will play first.
        in_hand: Jobs that are being rendered.
    """

    serial: int
    key: Key
    velocity: int
    began: int
    lengths: VoiceLengths
    held: int = HELD
    playback: Playback | None = None
    first: Piece | None = None
    arrived: int = 0
    started: int = 0
    job: RenderJob | None = None
    in_hand: list[RenderJob] = field(default_factory=list)

    def release(self, now: int) -> None:
        """Let its key go at a frame of the stream."""
        if self.playback is None:
            self.held = max(now - self.began, 1)
        else:  # as long after its beginning as the key was held, so that it sounds as long
            self.held = max(int(self.playback.place) + self.started - self.began, 1)

    def is_newer(self, job: RenderJob) -> bool:
        """Whether a render is to be played instead of what plays."""
        now = self.job
        if now is None:
            return True
        if job.revision != now.revision or job.held != now.held:
            return job.revision >= now.revision and (job.held != HELD or now.held == HELD)
        return job.n_frames > now.n_frames

    def continues(self, job: RenderJob) -> bool:
        """Whether a render only carries on what plays: the same patch, the key as it was."""
        return self.job is not None and (self.job.revision, self.job.held) == (job.revision, job.held)

    def wanted(self, revision: int, patch: np.ndarray, space: int) -> tuple[float, RenderJob] | None:
        """Return what is to be rendered next, and how urgent that is: the smaller, the sooner.

        Args:
            revision: Of the instrument's patch.
            patch: The instrument's patch `(P,)`.
            space: Number of its space.
        """
        if len(self.in_hand) >= _MOST_IN_HAND:
            return None
        found = self._length(revision)
        if found is None:
            return None
        urgency, n = found
        for job in self.in_hand:
            if (job.revision, job.held) == (revision, self.held) and job.n_frames >= n:
                return None
        if self.job is None and self.in_hand:
            return None
        note, velocity = self.key.note, self.velocity
        return urgency, RenderJob(self.serial, revision, patch, space, note, velocity, self.held, n)

    def _length(self, revision: int) -> tuple[float, int] | None:
        """Return urgency and length in frames of the next render; None where all is there."""
        lengths, job = self.lengths, self.job
        place = 0 if self.playback is None else int(self.playback.place)
        if job is None:
            return 0.0, lengths.held[0]
        if job.revision != revision or job.held != self.held:
            released = self.held != HELD
            longest = self.held + lengths.tail[-1] if released else lengths.held[-1]
            least = self.held + lengths.tail[0] if released else 0
            return 1.0 if job.held != self.held else 2.0, min(max(lengths.beyond(place), least), longest)
        piece = self.first if self.playback is None else self.playback.piece
        if piece is not None and piece.is_over:
            return None
        steps = lengths.held if self.held == HELD else [self.held + n for n in lengths.tail]
        longer = [n for n in steps if n > job.n_frames]
        if not longer:
            return None
        # A second left, and turns go first; a tenth, and it goes before them.
        left = (job.n_frames - place) / lengths.held[1]
        return 0.5 + 10.0 * left, longer[0]
