"""Writes a note of the current patch to a file each time it has come to rest.

The engine of the model's own synth renders the note in a thread of its own. It is levelled and goes into a
folder. Where no such engine is installed, a warning says so and the server goes on
without it. Nothing here is on a knob's way to the synth.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from core.errors import BridgeError, RenderError
from core.loudness import momentary_loudness
from core.playing.gestures import Gestures
from core.space import ParameterSpace
from server.audition.folder_sink import FolderSink, Sink
from sounding.limiter import CEILING
from synths.catalog import facts_of, load_engine
from synths.engine import Engine, Note, play

__all__ = ["NOTE", "Audition", "leveled", "make_audition"]

logger = logging.getLogger(__name__)

TARGET_LUFS = -18.0  # of the loudest 400 ms: about as loud as most music
MOST_GAIN_DB = 12.0  # a nearly silent patch stays soft, and its noise with it
_KNEE = 0.6 * CEILING  # where the limiter begins
_END_SECONDS = 0.05  # a render that is cut off is faded out
NOTE = Note(held_seconds=1.5, seconds=2.5)


def leveled(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Bring a render to `TARGET_LUFS` and under `CEILING`, with a soft end.

    Args:
        audio: `(2, n_samples)`.
        sample_rate: Hz.

    Returns:
        Float32 `(n_samples, 2)`. Quiet renders are raised by 12 dB at most; peaks are bent, not clipped.
    """
    gain_db = min(TARGET_LUFS - momentary_loudness(audio, sample_rate), MOST_GAIN_DB)
    loud = np.nan_to_num(audio.T * 10.0 ** (gain_db / 20.0), posinf=CEILING, neginf=-CEILING)
    over = np.abs(loud) - _KNEE
    bent = _KNEE + (CEILING - _KNEE) * np.tanh(over / (CEILING - _KNEE))
    safe = np.where(over > 0.0, np.sign(loud) * bent, loud)
    n = min(int(_END_SECONDS * sample_rate), len(safe))
    safe[len(safe) - n :] *= np.linspace(1.0, 0.0, n)[:, None]
    return np.ascontiguousarray(safe, np.float32)


class Audition:
    """Renders and plays the newest patch; renders that are outdated before they sound are dropped.

    Args:
        space: Space of the patches.
        sink: Where notes go.
        note: The note to play.
        make_engine: Starts an engine at a sample rate; by default that of the space's synth.
    """

    def __init__(
        self,
        space: ParameterSpace,
        sink: Sink,
        note: Note = NOTE,
        make_engine: Callable[[int], Engine] | None = None,
    ) -> None:
        self._space, self._sink, self._note = space, sink, note
        self._make_engine = make_engine or partial(_start_engine, space)
        self._wanted: tuple[np.ndarray, Gestures | None] | None = None
        self._stopping = False
        self._condition = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="audition", daemon=True)
        self._thread.start()

    def settled(self, vector: np.ndarray, gestures: Gestures | None = None) -> None:
        """Play a patch that has come to rest; return at once.

        Args:
            vector: Normalized values `(P,)`.
            gestures: To play it with.
        """
        with self._condition:
            self._wanted = np.array(vector, np.float32), gestures
            self._condition.notify()

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop the thread and close the sink; wait at most this long for a render."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            sample_rate = self._sink.open()
            engine = self._make_engine(sample_rate)
            while (wanted := self._next()) is not None:
                vector, gestures = wanted
                try:
                    audio = play(engine, self._space.decode(vector), self._note, gestures)
                except BridgeError as error:
                    logger.warning("this patch cannot be auditioned: %s", error)
                    continue
                if self._wanted is None:  # else a newer one is waiting
                    self._sink.play(leveled(audio, sample_rate))
        except BridgeError as error:
            logger.warning("%s", error)
        except Exception:
            logger.exception("the audition stopped because of a bug")
        finally:
            self._sink.close()

    def _next(self) -> tuple[np.ndarray, Gestures | None] | None:
        """Wait for a patch and return it with its gestures, or None when it is time to stop."""
        with self._condition:
            self._condition.wait_for(lambda: self._wanted is not None or self._stopping)
            wanted, self._wanted = self._wanted, None
            return None if self._stopping else wanted


def _start_engine(space: ParameterSpace, sample_rate: int) -> Engine:
    """Start the engine of a space's own synth.

    Raises:
        RenderError: No engine plays it here, or the engine is not installed or does not start.
    """
    facts = facts_of(space)
    if facts.make_engine is None:
        raise RenderError(
            f"nothing is auditioned: no engine here plays {facts.title}. Listen to the synth itself, and "
            "start the server without --audition-to."
        )
    try:
        return load_engine(space, sample_rate)
    except BridgeError as error:
        raise RenderError(f"nothing is auditioned: {error}") from error


def make_audition(space: ParameterSpace, folder: Path) -> Audition:
    """Return an audition that writes into a folder."""
    return Audition(space, FolderSink(folder))
