"""Hearing the present patch: a note of it, each time it has come to rest.

The note is rendered by Vital's own engine in a thread of its own, brought to one loudness, and goes to
the speakers or into a folder. Nothing here is on a knob's way to the synth.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.atomic_file import replacing
from core.errors import BridgeError, DeviceError
from core.loudness import momentary_loudness
from core.space import ParameterSpace
from synths.engine import Engine, Note

__all__ = [
    "CEILING",
    "Audition",
    "Crossfader",
    "FolderSink",
    "Sink",
    "SpeakerSink",
    "leveled",
    "make_audition",
]

logger = logging.getLogger(__name__)

TARGET_LUFS = -18.0  # loudest 400 ms: as loud as most music plays
MOST_GAIN_DB = 12.0  # a nearly silent patch stays soft, so its noise does not jump out
CEILING = 10.0 ** (-1.0 / 20.0)  # -1 dBFS, no sample goes beyond
_KNEE = 0.6 * CEILING  # where the limiter begins to bend
_FADE_SECONDS = 0.03
_END_SECONDS = 0.05  # a render that is cut off fades out
_NOTE = Note(held_seconds=1.5, seconds=2.5)
_BLOCK = 1_024  # frames mixed at once; a larger callback is mixed in pieces


class Sink(Protocol):
    """Where notes go."""

    def open(self) -> int:
        """Get ready and give the sample rate wanted, Hz.

        Raises:
            DeviceError: It cannot be used.
        """
        ...

    def play(self, audio: np.ndarray) -> None:
        """Take a note, float32 `(n_samples, 2)`.

        Raises:
            DeviceError: It cannot be played.
        """
        ...

    def close(self) -> None:
        """Let go of what `open` took."""
        ...


def leveled(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Bring a render to `TARGET_LUFS` and under `CEILING`, with a soft end.

    Args:
        audio: `(2, n_samples)`.
        sample_rate: Hz.

    Returns:
        Float32 `(n_samples, 2)`. What is too quiet is raised by 12 dB at most; peaks are bent, not cut.
    """
    gain_db = min(TARGET_LUFS - momentary_loudness(audio, sample_rate), MOST_GAIN_DB)
    loud = np.nan_to_num(audio.T * 10.0 ** (gain_db / 20.0), posinf=CEILING, neginf=-CEILING)
    over = np.abs(loud) - _KNEE
    bent = _KNEE + (CEILING - _KNEE) * np.tanh(over / (CEILING - _KNEE))
    safe = np.where(over > 0.0, np.sign(loud) * bent, loud)
    n = min(int(_END_SECONDS * sample_rate), len(safe))
    safe[len(safe) - n :] *= np.linspace(1.0, 0.0, n)[:, None]
    return np.ascontiguousarray(safe, np.float32)


class Crossfader:
    """Plays the note offered last, crossfaded in 30 ms at equal power against what still sounds.

    `offer` is for one thread, `fill` for the audio callback, which takes no lock and makes no array.

    Args:
        sample_rate: Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        angle = np.linspace(0.0, 0.5 * np.pi, int(_FADE_SECONDS * sample_rate))
        # One column a channel: numpy allocates to stretch one column over two.
        self._rise, self._fall = (
            np.repeat(curve[:, None], 2, axis=1).astype(np.float32)
            for curve in (np.sin(angle), np.cos(angle))
        )
        silence = np.zeros((0, 2), np.float32)
        self._offered: tuple[int, np.ndarray] = (0, silence)  # replaced whole, so never half new
        self._taken = 0
        self._now, self._at = silence, 0
        self._old, self._old_at = silence, 0
        self._faded = len(self._rise)
        self._scratch = np.zeros((_BLOCK, 2), np.float32)

    def offer(self, audio: np.ndarray) -> None:
        """Play this next, instead of anything offered before that has not begun."""
        self._offered = (self._offered[0] + 1, audio)

    def fill(self, out: np.ndarray) -> None:
        """Write the next frames, `(n_frames, 2)`."""
        for start in range(0, len(out), _BLOCK):
            self._fill(out[start : start + _BLOCK])

    def _fill(self, out: np.ndarray) -> None:
        serial, audio = self._offered
        if serial != self._taken and self._faded >= len(self._rise):
            self._taken = serial
            self._old, self._old_at = self._now, self._at
            self._now, self._at = audio, 0
            sounding = self._old_at < len(self._old)
            self._faded = 0 if sounding else len(self._rise)
        self._at = _read(self._now, self._at, out)
        n = min(len(self._rise) - self._faded, len(out))
        if n > 0:
            out[:n] *= self._rise[self._faded : self._faded + n]
            old = self._scratch[:n]
            self._old_at = _read(self._old, self._old_at, old)
            old *= self._fall[self._faded : self._faded + n]
            out[:n] += old
            # Two notes in phase can add up to 3 dB more than either.
            np.clip(out[:n], -CEILING, CEILING, out=out[:n])
            self._faded += n


def _read(audio: np.ndarray, at: int, out: np.ndarray) -> int:
    """Copy frames from a place on, silence after the end; gives the place after them."""
    n = max(0, min(len(audio) - at, len(out)))
    out[:n] = audio[at : at + n]
    out[n:] = 0.0
    return at + len(out)


class SpeakerSink:
    """The default audio output."""

    def __init__(self) -> None:
        self._stream: Any = None
        self._crossfader: Crossfader | None = None

    def open(self) -> int:
        """Start the stream; see `Sink.open`."""
        try:
            import sounddevice  # loads PortAudio, which a server without ears does not need
        except (ImportError, OSError) as error:
            raise DeviceError(
                "no sound: PortAudio is missing. Install it: sudo apt install libportaudio2 (Linux), "
                "pip install --force-reinstall sounddevice (macOS, Windows)."
            ) from error
        try:
            sample_rate = 44_100
            try:
                sounddevice.check_output_settings(channels=2, dtype="float32", samplerate=sample_rate)
            except sounddevice.PortAudioError:  # JACK has one rate only
                sample_rate = int(sounddevice.query_devices(kind="output")["default_samplerate"])
            crossfader = Crossfader(sample_rate)

            def callback(out: np.ndarray, frames: int, time: Any, status: Any) -> None:
                crossfader.fill(out)

            stream = sounddevice.OutputStream(
                samplerate=sample_rate, channels=2, dtype="float32", callback=callback
            )
            stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(
                f"no sound: there is no audio output that works ({error}). Connect one and start again, "
                "or hear the notes as files with --audition-to FOLDER."
            ) from error
        self._stream, self._crossfader = stream, crossfader
        return sample_rate

    def play(self, audio: np.ndarray) -> None:
        """Play a note; see `Sink.play`."""
        assert self._crossfader is not None, "opened first"
        self._crossfader.offer(audio)

    def close(self) -> None:
        """Stop the stream."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class FolderSink:
    """A folder of 16-bit WAV files, `0001.wav` first; it goes on after those that are there.

    Args:
        folder: Made when the first note comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._sample_rate = 44_100

    def open(self) -> int:
        """Make the folder; see `Sink.open`."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            there = [int(path.stem) for path in self._folder.glob("*.wav") if path.stem.isdigit()]
        except OSError as error:
            raise DeviceError(f"{self._folder} cannot be written: {error.strerror}; give another.") from error
        self._count = max(there, default=0)
        return self._sample_rate

    def play(self, audio: np.ndarray) -> None:
        """Write a note, whole or not at all; see `Sink.play`."""
        import soundfile

        path = self._folder / f"{self._count + 1:04d}.wav"
        try:
            with replacing(path) as partial:
                soundfile.write(partial, audio, self._sample_rate, subtype="PCM_16", format="WAV")
        except (OSError, soundfile.SoundFileError) as error:
            raise DeviceError(f"{path} cannot be written: {error}; give another folder.") from error
        self._count += 1

    def close(self) -> None:
        """Nothing is held open."""


class Audition:
    """Renders and plays the newest patch; one that is outdated before it sounds is dropped.

    Args:
        space: Space of the patches.
        sink: Where notes go.
        note: What is played.
        make_engine: Gives the engine for a sample rate; Vital's own by default.
    """

    def __init__(
        self,
        space: ParameterSpace,
        sink: Sink,
        note: Note = _NOTE,
        make_engine: Callable[[int], Engine] | None = None,
    ) -> None:
        self._space, self._sink, self._note = space, sink, note
        self._make_engine = make_engine or _vital
        self._wanted: np.ndarray | None = None
        self._stopping = False
        self._condition = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="audition", daemon=True)
        self._thread.start()

    def settled(self, vector: np.ndarray) -> None:
        """Hear a patch that has come to rest; gives control back at once.

        Args:
            vector: Normalized values `(P,)`.
        """
        with self._condition:
            self._wanted = np.array(vector, np.float32)
            self._condition.notify()

    def close(self, timeout_s: float = 5.0) -> None:
        """End the thread, if its render takes no longer than this, and let go of the sink."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            sample_rate = self._sink.open()
            engine = self._make_engine(sample_rate)
            while (vector := self._next()) is not None:
                try:
                    audio = engine.render(self._space.decode(vector), self._note)
                except BridgeError as error:
                    logger.warning("this patch is not heard: %s", error)
                    continue
                if self._wanted is None:  # or a newer one is on its way
                    self._sink.play(leveled(audio, sample_rate))
        except BridgeError as error:
            logger.warning("%s", error)
        except Exception:
            logger.exception("the audition ends; this is a bug")
        finally:
            self._sink.close()

    def _next(self) -> np.ndarray | None:
        """Wait for a patch; None when it is time to stop."""
        with self._condition:
            self._condition.wait_for(lambda: self._wanted is not None or self._stopping)
            vector, self._wanted = self._wanted, None
            return None if self._stopping else vector


def _vital(sample_rate: int) -> Engine:
    from synths.vital import VitalEngine  # loads the engine, so not before somebody listens

    return VitalEngine(sample_rate)


def make_audition(space: ParameterSpace, folder: Path | None) -> Audition:
    """Give the audition that plays to the speakers, or writes into a folder."""
    return Audition(space, SpeakerSink() if folder is None else FolderSink(folder))
