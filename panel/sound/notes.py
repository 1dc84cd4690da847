"""Notes to hear in the browser, rendered by the built-in engine in a worker thread of the panel."""

import asyncio
import io
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from core.errors import ConfigError, RenderError
from core.playing.gestures import Gestures
from core.space import ParameterSpace

if TYPE_CHECKING:
    from synths.engine import Engine

__all__ = ["SAMPLE_RATE", "NoteRenderer", "to_wav"]

SAMPLE_RATE = 44_100  # Hz
_HELD_SECONDS = 2.0
_SECONDS = 3.0
_KEPT = 24  # notes of 1 MB
_MOST_WAITING = 6
_UNPLAYED = "No engine on this machine plays this model's synth; play the synth itself."


class NoteRenderer:
    """Renders notes, one after the other, and keeps the latest.

    Args:
        make_engine: Returns the engine for a space and a sample rate; the catalog's `load_engine` by default.
    """

    def __init__(self, make_engine: "Callable[[ParameterSpace, int], Engine] | None" = None) -> None:
        self._make_engine = make_engine or _load_engine
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="notes")
        self._kept: OrderedDict[tuple[str, bytes, int, Gestures | None], np.ndarray] = OrderedDict()
        self._engines: dict[str, Engine] = {}
        self._waiting = 0

    async def audio(
        self,
        space: ParameterSpace | None,
        patch: np.ndarray,
        note: int = 60,
        gestures: Gestures | None = None,
    ) -> np.ndarray:
        """Return a note of a patch with its gestures, levelled like the audition, float32 `(n_samples, 2)`.

        Raises:
            RenderError: No engine here plays this synth, the engine failed, or too many notes wait.
        """
        if space is None or len(patch) != len(space):
            raise RenderError(_UNPLAYED)
        if not 0 <= note <= 127:
            raise RenderError("A MIDI note is 0 to 127.")
        key = space.name, patch.astype(np.float32).tobytes(), note, gestures
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if self._waiting >= _MOST_WAITING:
            raise RenderError("More notes than this machine can play at once; wait a moment.")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            audio = await loop.run_in_executor(
                self._worker, self._render, space, patch.copy(), note, gestures
            )
        finally:
            self._waiting -= 1
        self._kept[key] = audio
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return audio

    def close(self) -> None:
        """End the worker after the note that it renders."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _render(
        self, space: ParameterSpace, patch: np.ndarray, note: int, gestures: Gestures | None
    ) -> np.ndarray:
        from server.audition.audition import leveled
        from synths.engine import Note, play

        engine = self._engines.get(space.synth)
        if engine is None:
            engine = self._engines[space.synth] = self._make_engine(space, SAMPLE_RATE)
        played = Note(note=note, held_seconds=_HELD_SECONDS, seconds=_SECONDS)
        return leveled(play(engine, space.decode(patch), played, gestures), SAMPLE_RATE)


def to_wav(audio: np.ndarray, sample_rate: int = SAMPLE_RATE) -> bytes:
    """Return audio `(n_samples,)` or `(n_samples, n_channels)` as a 16-bit WAV file."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, audio, sample_rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _load_engine(space: ParameterSpace, sample_rate: int) -> "Engine":
    from synths.catalog import load_engine

    try:
        return load_engine(space, sample_rate)
    except ConfigError as error:
        raise RenderError(_UNPLAYED) from error
