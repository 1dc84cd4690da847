"""A voice: one note from its key to its last echo, and what has to be rendered for it next."""

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TypeAlias

import numpy as np

from sounding.keyboard import Key
from sounding.piece import Piece
from sounding.playback import Playback

__all__ = ["HELD", "Rank", "RenderJob", "Voice", "VoiceLengths"]

HELD = -1  # instead of a number of frames: the key is down throughout
_MOST_IN_HAND = 2  # renders of one voice at once: the newest turn need not wait for the one before
_MARGIN_S = 0.1  # how long before it runs out a voice goes first, beside twice the time of its render


class Rank(IntEnum):
    """Why a note is rendered; the smaller, the sooner."""

    SILENT = 0  # its key is down, and nothing is heard yet
    RUNS_OUT = 1  # what there is ends soon
    LET_GO = 2
    TURNED = 3
    LONGER = 4  # it goes on as it is, and there is time


# Of two of a rank, that with fewer renders in hand comes first, then that with fewer frames left.
Urgency: TypeAlias = tuple[Rank, int, int]


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
        least_margin: Of what is left of a voice before it goes before turns.
        round: Frames that go by until every voice has been rendered once.
    """

    held: tuple[int, ...]
    tail: tuple[int, ...]
    ahead: int
    least_margin: int
    slowness: float = 0.1
    round: int = 0

    @classmethod
    def at(cls, sample_rate: int) -> "VoiceLengths":
        """Return the lengths at a sample rate, Hz."""
        held, tail = (0.35, 1.2, 3.0), (0.8, 6.0)
        return cls(
            tuple(round(s * sample_rate) for s in held),
            tuple(round(s * sample_rate) for s in tail),
            round(0.4 * sample_rate),
            round(_MARGIN_S * sample_rate),
        )

    def beyond(self, place: int) -> int:
        """Return how far to render what plays at a place, so that it is there before that has gone by."""
        return place + self.ahead + self.round + round(1.5 * self.slowness * place)

    def margin(self, n_frames: int) -> int:
        """Return how much of a voice is left when a render of a length has to begin."""
        return self.least_margin + round(2.0 * self.slowness * n_frames)

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

    @property
    def place(self) -> int:
        """Frame of the note that is heard next."""
        return 0 if self.playback is None else int(self.playback.place)

    @property
    def expects_more(self) -> bool:
        """Whether a longer render of what plays will be asked for."""
        piece = self.first if self.playback is None else self.playback.piece
        if self.job is None or (piece is not None and piece.is_over):
            return False
        return self._next_step() is not None

    def wanted(self, revision: int, patch: np.ndarray, space: int) -> tuple[Urgency, RenderJob] | None:
        """Return what is to be rendered next, and how urgent that is.

        Args:
            revision: Of the patch that it is to have.
            patch: That patch `(P,)`.
            space: Number of its space.
        """
        if len(self.in_hand) >= _MOST_IN_HAND or (self.job is None and self.in_hand):
            return None
        n = self._length(revision)
        if n is None:
            return None
        for job in self.in_hand:
            if (job.revision, job.held) == (revision, self.held) and job.n_frames >= n:
                return None
        note, velocity = self.key.note, self.velocity
        job = RenderJob(self.serial, revision, patch, space, note, velocity, self.held, n)
        return self._urgency(job), job

    def _length(self, revision: int) -> int | None:
        """Return the length in frames of the next render; None where all is there."""
        lengths, job = self.lengths, self.job
        if job is None:
            return min(lengths.held[0] + lengths.round, lengths.held[1])
        if job.revision != revision or job.held != self.held:
            released = self.held != HELD
            longest = self.held + lengths.tail[-1] if released else lengths.held[-1]
            least = self.held + lengths.tail[0] if released else 0
            return min(max(lengths.beyond(self.place), least), longest)
        return self._next_step() if self.expects_more else None

    def _next_step(self) -> int | None:
        lengths, job = self.lengths, self.job
        assert job is not None, "asked of a voice that has been rendered"
        steps = lengths.held if job.held == HELD else [job.held + n for n in lengths.tail]
        return next((n for n in steps if n > job.n_frames), None)

    def _urgency(self, wanted: RenderJob) -> Urgency:
        job, in_hand = self.job, len(self.in_hand)
        if job is None:
            return Rank.SILENT, in_hand, 0
        coming = [job, *self.in_hand]
        left = max(one.n_frames for one in coming) - self.place
        if self.expects_more and left < self.lengths.margin(wanted.n_frames):
            rank = Rank.RUNS_OUT
        elif all(one.held != self.held for one in coming):
            rank = Rank.LET_GO
        else:
            rank = Rank.LONGER if job.revision == wanted.revision else Rank.TURNED
        return rank, in_hand, left
