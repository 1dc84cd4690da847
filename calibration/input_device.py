"""Audio inputs: listing them, finding the one that is meant, and opening it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import DeviceError

__all__ = ["InputDevice", "InputStream", "find_input", "list_inputs", "play_and_record", "rescan_inputs"]

_SETTLING_BLOCKS = 20  # a driver that has just started reports overflows that were none
_CLOSE_S = 2.0  # a driver whose device is gone may never return


@dataclass(frozen=True, kw_only=True)
class InputDevice:
    """An audio input.

    Attributes:
        number: The system's number for it now; another device may have it tomorrow.
        name: As the system shows it.
        sample_rate: Hz.
        n_channels: Number of channels.
    """

    number: int
    name: str
    sample_rate: int
    n_channels: int


def _portaudio() -> Any:
    try:
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


def find_input(wanted: str = "") -> InputDevice:
    """Return the input that is meant.

    Args:
        wanted: Its number, its name or part of its name; empty for the system's default.

    Raises:
        DeviceError: There is none, or several match.
    """
    inputs = list_inputs()
    if not inputs:
        raise DeviceError("there is no microphone; connect one and try again.")
    if not wanted:
        usual = _portaudio().default.device[0]
        return next((device for device in inputs if device.number == usual), inputs[0])
    if wanted.isdecimal():
        found = [device for device in inputs if device.number == int(wanted)]
    else:
        found = [device for device in inputs if device.name.lower() == wanted.lower()] or [
            device for device in inputs if wanted.lower() in device.name.lower()
        ]
    if len({device.name for device in found}) == 1:
        return found[0]  # Windows lists each device once per sound system
    names = "; ".join(f"{device.number} {device.name}" for device in inputs)
    raise DeviceError(
        f"{'several microphones are' if found else 'no microphone is'} called '{wanted}'. "
        f"Name one of these, or its number: {names}."
    )


def play_and_record(device: InputDevice, audio: np.ndarray) -> np.ndarray:
    """Play mono audio `(n_samples,)` on the default output, and return what the input records meanwhile.

    Both begin at once, so the delay between the two is that of the whole loop.

    Raises:
        DeviceError: There is no output, or one of the two is busy.
    """
    sounddevice = _portaudio()
    try:
        heard = sounddevice.playrec(
            audio,
            samplerate=device.sample_rate,
            channels=1,
            dtype="float32",
            device=(device.number, None),
            blocking=True,
        )
    except (sounddevice.PortAudioError, ValueError) as error:
        raise DeviceError(
            f"the sound system cannot play and record at once ({error}). Connect a loudspeaker, or skip the "
            "loop with --no-loop."
        ) from error
    return np.nan_to_num(heard[:, 0])


class InputStream:
    """An open audio input; its blocks go to `on_block`, from the sound driver's thread.

    Args:
        device: The input.
        on_block: Called with a copy of each block, mono float32 `(n,)`; it must return at once.
        latency: `low` to follow somebody, `high` to miss nothing.

    Raises:
        DeviceError: It is busy or gone.
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
            on_block(block[:, 0].copy() if block.shape[1] == 1 else block.mean(axis=1))

        error: Exception | None = None
        for n_channels in dict.fromkeys((1, device.n_channels)):  # some drivers give all channels or none
            try:
                self._stream = sounddevice.InputStream(
                    samplerate=device.sample_rate,
                    device=device.number,
                    channels=n_channels,
                    dtype="float32",
                    latency=latency,
                    callback=callback,
                )
                self._stream.start()
                return
            except (sounddevice.PortAudioError, ValueError) as failure:
                error = failure
        raise DeviceError(
            f"the microphone '{device.name}' cannot be opened ({error}). Close other programs that use it, "
            "allow this one to (in the system's privacy settings), or name another with --microphone."
        ) from error

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
