"""Audio of one take as it comes in; its pitch is tracked meanwhile, so that little is left to do."""

import logging
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from core.pitch import PitchTrack
from server.sketch.messages import TakeBegun

if TYPE_CHECKING:
    from core.swift_tracker import SwiftStream

__all__ = ["TakeAudio"]

logger = logging.getLogger(__name__)

_TRACK_EVERY_SECONDS = 0.3  # not every block: the tracker hears some context again with each push


class TakeAudio:
    """The audio blocks of a take, for one thread that pushes and one that reads.

    Args:
        begun: What the microphone process sent when it began.

    Attributes:
        kept: Whether it is to be answered; known once it has ended.
    """

    def __init__(self, begun: TakeBegun) -> None:
        self.begun = begun
        self.kept = False
        self._blocks: list[np.ndarray] = []
        self._queue: SimpleQueue[np.ndarray | None] = SimpleQueue()
        self._ended = threading.Event()
        self._track: PitchTrack | None = None
        self._stream: SwiftStream | None = None
        self._tracking: threading.Thread | None = None
        if not begun.following:
            self._tracking = threading.Thread(target=self._track_pitch, name="pitch", daemon=True)
            self._tracking.start()

    @property
    def take_number(self) -> int:
        """Number of the take."""
        return self.begun.take_number

    def push(self, block: np.ndarray) -> None:
        """Add the next samples."""
        if not self.begun.following:
            self._blocks.append(block)
        self._queue.put(block)

    def end(self, keep: bool) -> None:
        """End the take; `keep` tells whether it is to be answered."""
        self.kept = keep
        self._ended.set()
        self._queue.put(None)

    @property
    def ended(self) -> bool:
        """Whether the take has ended."""
        return self._ended.is_set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the end, at most for this many seconds."""
        self._ended.wait(seconds)

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the blocks as they come, until the end; those that wait are joined."""
        ended = False
        while not ended:
            waiting = [self._queue.get()]
            while not self._queue.empty():
                waiting.append(self._queue.get())
            ended = any(block is None for block in waiting)
            blocks = [block for block in waiting if block is not None]
            if blocks:
                yield np.concatenate(blocks)

    def audio(self) -> np.ndarray:
        """Return the take so far, float32 `(n_samples,)`."""
        return np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.float32)

    def track_so_far(self) -> PitchTrack | None:
        """Return the pitch as far as it has been tracked, while the take goes on."""
        return None if self._stream is None else self._stream.so_far()

    def track(self) -> PitchTrack | None:
        """Return the pitch of the whole take once it has ended; None if it has to be tracked anew."""
        if self._tracking is not None:
            self._tracking.join()
        return self._track

    def _track_pitch(self) -> None:
        try:
            from core.swift_tracker import SwiftStream

            stream = self._stream = SwiftStream(self.begun.sample_rate)
            waiting: list[np.ndarray] = []
            n_waiting = 0
            for block in self.blocks():
                waiting.append(block)
                n_waiting += len(block)
                if n_waiting >= _TRACK_EVERY_SECONDS * self.begun.sample_rate:
                    stream.push(np.concatenate(waiting))
                    waiting, n_waiting = [], 0
            if waiting:
                stream.push(np.concatenate(waiting))
            self._track = stream.finish()
        except Exception:
            logger.exception("the pitch could not be tracked while recording; this is a bug")
