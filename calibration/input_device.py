"""Audio inputs: listing them, finding the one that is meant, and opening it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.errors import DeviceError
from core.native_output import native_output_dropped

__all__ = [
    "InputDevice",
    "InputStream",
    "find_input",
    "inputs_as_text",
    "list_inputs",
    "play_and_record",
    "rescan_inputs",
]

_SETTLING_BLOCKS = 20  # a driver that has just started reports overflows that were none
_CLOSE_S = 2.0  # a driver whose device is gone may never return
_MOST_CHANNELS = 64
_PLUGS = (
    "default",
    "sysdefault",
    "pulse",
    "pipewire",
)  # they take any number, and have the first two to give
_OTHER_RATES = (48_000, 44_100, 96_000, 32_000, 16_000)  # where the device refuses its own
_UNAVAILABLE = -9985  # PortAudio's code for a device that somebody else has
_TAKEN = ("unavailable", "busy", "in use", "exclusive", "-2004287478")  # in its words, or the system's


@dataclass(frozen=True, kw_only=True)
class InputDevice:
    """An audio input.

    Attributes:
        number: The system's number for it now; another device may have it tomorrow.
        name: As the system shows it.
        sample_rate: Hz.
        n_channels: Number of channels.
        channel: The one that is meant, counted from 1; 0 for whichever is sung into.
    """

    number: int
    name: str
    sample_rate: int
    n_channels: int
    channel: int = 0

    @property
    def choice(self) -> str:
        """What chooses it: its name, and the channel that is meant."""
        return f"{self.name}:{self.channel}" if self.channel else self.name

    @property
    def words(self) -> str:
        """It as people are told of it."""
        return f"input {self.channel} of '{self.name}'" if self.channel else f"'{self.name}'"


def _portaudio() -> Any:
    try:
        with native_output_dropped():  # ALSA and JACK report at length what they do not find
            import sounddevice  # loads PortAudio, which only a microphone needs
    except (ImportError, OSError) as error:
        raise DeviceError(
            "no microphone: PortAudio is missing. Install it: sudo apt install libportaudio2 (Linux), "
            "pip install --force-reinstall sounddevice (macOS, Windows)."
        ) from error
    return sounddevice


def rescan_inputs() -> None:
    """Look for devices again, to find what was plugged in since; no stream may be open.

    Raises:
        DeviceError: PortAudio is missing.
    """
    sounddevice = _portaudio()
    try:
        with native_output_dropped():
            sounddevice._terminate()
            sounddevice._initialize()
    except sounddevice.PortAudioError as error:
        raise DeviceError(f"the sound system does not answer ({error}); connect a microphone.") from error


def list_inputs() -> list[InputDevice]:
    """List the audio inputs.

    Raises:
        DeviceError: PortAudio is missing.
    """
    return [
        InputDevice(
            number=int(device["index"]),
            name=" ".join(str(device["name"]).split()),
            sample_rate=int(device["default_samplerate"]),
            n_channels=int(device["max_input_channels"]),
        )
        for device in _portaudio().query_devices()
        if device["max_input_channels"] > 0
    ]


def inputs_as_text(inputs: list[InputDevice]) -> str:
    """Return a list of inputs for people: numbers, names, and how many channels they have."""
    return "\n".join(f"{i.number:3d} {i.name} ({_counted(i)})" for i in inputs) or "no microphone"


def _counted(device: InputDevice) -> str:
    return "1 input" if device.n_channels == 1 else f"{device.n_channels} inputs"


def find_input(wanted: str = "") -> InputDevice:
    """Return the input that is meant.

    Args:
        wanted: Its number, its name or part of its name, and, behind a colon, one of its channels; empty for
            the system's default.

    Raises:
        DeviceError: There is none, several match, or it has not so many channels.
    """
    inputs = list_inputs()
    if not inputs:
        raise DeviceError("there is no microphone; connect one and try again.")
    if not wanted:
        usual = _portaudio().default.device[0]
        return next((device for device in inputs if device.number == usual), inputs[0])
    found: list[InputDevice] = _called(wanted, inputs)
    channel: int | None = None
    name, _, number = wanted.rpartition(":")
    if not found and name and number.isdecimal():  # names may have colons of their own: `(hw:1,0)`
        found, channel = _called(name, inputs), int(number)
    if len({device.name for device in found}) == 1:
        device = found[0]  # Windows lists each device once per sound system
        if channel is None:
            return device
        if not 1 <= channel <= device.n_channels:
            raise DeviceError(
                f"'{device.name}' has {device.n_channels} inputs, counted from 1, so there is no input "
                f"{channel}. Choose one of them."
            )
        return replace(device, channel=channel)
    names = "; ".join(f"{device.number} {device.name}" for device in inputs)
    raise DeviceError(
        f"{'several microphones are' if found else 'no microphone is'} called '{wanted}'. "
        f"Name one of these, or its number: {names}."
    )


def _called(wanted: str, inputs: list[InputDevice]) -> list[InputDevice]:
    """Return the inputs of that number or name, else those with such a part in their name."""
    if wanted.isdecimal():
        return [device for device in inputs if device.number == int(wanted)]
    return [device for device in inputs if device.name.lower() == wanted.lower()] or [
        device for device in inputs if wanted.lower() in device.name.lower()
    ]


def play_and_record(device: InputDevice, audio: np.ndarray) -> np.ndarray:
    """Play mono audio `(n_samples,)` on the default output, and return what the input records meanwhile.

    Both begin at once, so the delay between the two is that of the whole loop.

    Returns:
        Float32 `(n_samples, n_channels)`.

    Raises:
        DeviceError: There is no output, or one of the two is busy.
    """
    sounddevice = _portaudio()
    try:
        heard = sounddevice.playrec(
            audio,
            samplerate=device.sample_rate,
            channels=_channel_counts(device)[0],
            dtype="float32",
            device=(device.number, None),
            blocking=True,
        )
    except (sounddevice.PortAudioError, ValueError) as error:
        raise DeviceError(
            f"the sound system cannot play and record at once ({error}). Connect a loudspeaker, or skip the "
            "loop with --no-loop."
        ) from error
    return np.nan_to_num(heard)


class InputStream:
    """An open audio input; its blocks go to `on_block`, from the sound driver's thread.

    All channels are opened, since nobody knows into which one somebody sings; where the driver refuses so
    many, or its own sample rate, others are tried.

    Args:
        device: The input.
        on_block: Called with a copy of each block, float32 `(n, n_channels)`; it must return at once.
        latency: `low` to follow somebody, `high` to miss nothing.

    Attributes:
        device: As given.
        sample_rate: Hz; not always the device's own.
        n_channels: How many are open.
        n_overflows: Blocks that the driver had to drop.

    Raises:
        DeviceError: It is gone, or another program has it.
    """

    def __init__(
        self, device: InputDevice, on_block: Callable[[np.ndarray], None], latency: str = "high"
    ) -> None:
        sounddevice = _portaudio()
        self.device = device
        self.n_overflows = 0
        self._n_blocks = 0

        def callback(block: np.ndarray, n_frames: int, time: Any, status: Any) -> None:
            if status.input_overflow and self._n_blocks > _SETTLING_BLOCKS:
                self.n_overflows += 1
            self._n_blocks += 1
            on_block(block.copy())

        failures: list[Exception] = []
        for self.sample_rate, self.n_channels in _settings(device):
            try:
                with native_output_dropped():
                    self._stream = sounddevice.InputStream(
                        samplerate=self.sample_rate,
                        device=device.number,
                        channels=self.n_channels,
                        dtype="float32",
                        latency=latency,
                        callback=callback,
                    )
                self._stream.start()
                return
            except (sounddevice.PortAudioError, ValueError) as failure:
                failures.append(failure)
                if _is_taken(failure):
                    break
        raise DeviceError(_why_closed(device, failures[-1])) from failures[-1]

    @property
    def is_running(self) -> bool:
        """Whether the driver says that it runs, which it may go on saying of a device that is gone."""
        try:
            return bool(self._stream.active)
        except Exception:  # the sound system itself is gone
            return False

    def close(self) -> bool:
        """Close the stream; False if the driver does not return, so that only ending the process helps."""
        thread = threading.Thread(target=self._abort, name="close", daemon=True)
        thread.start()
        thread.join(_CLOSE_S)
        return not thread.is_alive()

    def _abort(self) -> None:
        try:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)
        except Exception:  # what is gone cannot be closed
            return


def _settings(device: InputDevice) -> Iterator[tuple[int, int]]:
    """Yield sample rates and numbers of channels to try, those of the device first."""
    for rate in dict.fromkeys((device.sample_rate, *_OTHER_RATES)):
        for n_channels in _channel_counts(device):
            yield rate, n_channels


def _channel_counts(device: InputDevice) -> list[int]:
    """Return how many channels to open, the best first: all, else two, else one; never less than is meant."""
    most = 2 if device.name.lower() in _PLUGS else _MOST_CHANNELS
    n_all = max(min(device.n_channels, most), device.channel)
    counts = dict.fromkeys((n_all, device.n_channels, 2, 1))
    return [n for n in counts if device.channel <= n <= device.n_channels]


def _is_taken(failure: Exception) -> bool:
    """Whether a stream could not be opened because another program has the device."""
    words = " ".join(map(str, failure.args)).lower()
    return _UNAVAILABLE in failure.args or any(word in words for word in _TAKEN)


def _why_closed(device: InputDevice, failure: Exception) -> str:
    if _is_taken(failure):
        return (
            f"another program has taken the microphone '{device.name}'. Close it there, or choose another "
            "one with --microphone."
        )
    return (
        f"the microphone '{device.name}' cannot be opened ({failure}). Allow this program to use it in the "
        "system's privacy settings, or choose another one with --microphone."
    )
