"""A synth outside: patches go out as control changes, and its sound comes back through an audio input."""

import math
from dataclasses import dataclass
from time import perf_counter, sleep
from types import TracebackType
from typing import Any

import numpy as np
import rtmidi
import scipy.signal

from core.errors import DeviceError
from core.space import ParameterSpace, Patch
from synths.engine import Note
from synths.external.control_changes import PendingChanges, Spelling
from synths.external.midi_system import DIN_BYTES_PER_S, open_output
from synths.external.recorder import Recorder

__all__ = ["ExternalSynth", "Wiring"]

_CONNECTING_S = 0.3  # JACK drops what is sent before its next periods make the connection
_SETTLE_S = 0.05  # a synth glides to a new value
_ALL_SOUND_OFF, _ALL_NOTES_OFF = 120, 123
_QUIET_DB = 6.0  # above the noise floor; what is louder is still ringing
_QUIET_WINDOW_S = 0.05
_LONGEST_RING_S = 6.0
_MOST_TAKES = 8  # a take with a gap is repeated after a pause
_PAUSE_S = 0.5
_MOST_LOST_S = 0.02  # of sound in a take; clocks alone differ by less than 1 ms


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """How a synth is connected.

    Attributes:
        midi_port: Part of the name of the MIDI output that leads to it.
        audio_input: Part of the name of the audio input that it plays into.
        delay_s: From a note's being sent to its sound's arrival, as `calibration.loop` measures it.
        spelling: How values are sent.
        channel: MIDI channel, 1 to 16.
        din: Whether its MIDI goes through a five-pin cable, which is slow.
        midi_system: Such as `jack`; None for the first one that works.
    """

    midi_port: str
    audio_input: str
    delay_s: float = 0.0
    spelling: Spelling = "cc"
    channel: int = 1
    din: bool = False
    midi_system: str | None = None


class ExternalSynth:
    """Plays patches on a synth outside, in real time; see `synths.engine.Engine`. A context manager.

    Controls that the space does not name keep the synth's own values.

    Args:
        space: Has the controllers' numbers.
        wiring: How it is connected.
        sample_rate: Of the renders, Hz.

    Attributes:
        noise_db: Level of the input while nothing plays, dB of full scale.

    Raises:
        DeviceError: A port is missing.
    """

    def __init__(self, space: ParameterSpace, wiring: Wiring, sample_rate: int = 22_050) -> None:
        self.sample_rate = sample_rate
        self.noise_db = -math.inf
        self._space, self._wiring = space, wiring
        self._changes = PendingChanges(space, wiring.spelling, wiring.channel)
        self.recorder = Recorder(wiring.audio_input)
        self._port, _ = open_output(wiring.midi_port, wiring.midi_system, virtual=False)

    def __enter__(self) -> "ExternalSynth":
        self.recorder.__enter__()
        sleep(_CONNECTING_S)
        self.silence()
        sleep(_CONNECTING_S)
        self.noise_db = _level_db(self.recorder.recent(_CONNECTING_S))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.silence()
        finally:
            self.recorder.__exit__(kind, error, trace)
            self._port.close_port()
            self._port.delete()

    def rounded(self, vector: np.ndarray) -> np.ndarray:
        """Return the patch `(P,)` that the synth holds after it is sent this one, rounded to its steps."""
        return self._changes.rounded(vector)

    def send(self, vector: np.ndarray) -> None:
        """Send what differs from the last patch, and wait until the synth has glided there."""
        self._changes.want(vector)
        while messages := self._changes.next():
            for message in messages:
                self._send_message(message)
        sleep(_SETTLE_S)

    def silence(self) -> None:
        """Stop every sound."""
        for controller in (_ALL_NOTES_OFF, _ALL_SOUND_OFF):
            self._send_message(bytes((0xB0 | self._wiring.channel - 1, controller, 0)))

    def wait_for_quiet(self) -> bool:
        """Wait until nothing rings any more; return whether it became quiet."""
        deadline = perf_counter() + _LONGEST_RING_S
        while _level_db(self.recorder.recent(_QUIET_WINDOW_S)) > max(self.noise_db, -90.0) + _QUIET_DB:
            if perf_counter() > deadline:
                return False
            sleep(_QUIET_WINDOW_S)
        return True

    def play_note(self, note: Note) -> int:
        """Play a note to its note off; return the number of the input's sample at its note on."""
        channel = self._wiring.channel - 1
        began = perf_counter()
        self._send_message(bytes((0x90 | channel, note.note, note.velocity)))
        start = self.recorder.sample_at(began)
        sleep(max(0.0, began + note.held_seconds - perf_counter()))
        self._send_message(bytes((0x80 | channel, note.note, 0)))
        return start

    def render(self, patch: Patch, note: Note) -> np.ndarray:
        """Send a patch and record a note of it, float32 `(2, n_samples)`; see `synths.engine.Engine.render`.

        Raises:
            PatchError: The patch does not fit the space.
            DeviceError: A port has disappeared, or audio was lost in every take.
        """
        vector = self._space.encode(patch)
        self.silence()
        self.wait_for_quiet()
        self.send(vector)
        return self.record_note(note)

    def record_note(self, note: Note) -> np.ndarray:
        """Record a note of the synth as it is, float32 `(2, n_samples)`.

        Raises:
            DeviceError: A port has disappeared, or audio was lost in every take.
        """
        for _ in range(_MOST_TAKES):
            self.silence()
            self.wait_for_quiet()
            before = self.recorder.lag()
            start = self.play_note(note)
            rate = self.recorder.sample_rate
            audio = self.recorder.cut(
                start + round(self._wiring.delay_s * rate), math.ceil(note.seconds * rate)
            )
            lost_s = self.recorder.lag() - before
            if lost_s < _MOST_LOST_S:
                return self._resampled(audio, round(note.seconds * self.sample_rate))
            sleep(_PAUSE_S)
        raise DeviceError(
            f"audio from '{self.recorder.name}' has gaps, {lost_s * 1e3:.0f} ms in the last note. Close "
            "other programs, or give the sound card a larger buffer."
        )

    def _resampled(self, audio: np.ndarray, n: int) -> np.ndarray:
        common = math.gcd(self.sample_rate, self.recorder.sample_rate)
        up, down = self.sample_rate // common, self.recorder.sample_rate // common
        if up != down:  # before cutting: a filter rings at both ends
            audio = scipy.signal.resample_poly(audio, up, down, axis=1)
        audio = audio[:, :n] if audio.shape[1] >= n else np.pad(audio, ((0, 0), (0, n - audio.shape[1])))
        return np.array(np.broadcast_to(audio, (2, n)), np.float32)

    def _send_message(self, message: bytes) -> None:
        try:
            self._port.send_message(message)
        except rtmidi.RtMidiError as error:
            raise DeviceError(
                f"'{self._wiring.midi_port}' takes no MIDI any more ({error}); connect it again."
            ) from error
        if self._wiring.din:
            sleep(len(message) / DIN_BYTES_PER_S)


def _level_db(audio: np.ndarray) -> float:
    power: Any = np.mean(audio.astype(np.float64) ** 2)
    return 10.0 * math.log10(max(float(power), 1e-12))
