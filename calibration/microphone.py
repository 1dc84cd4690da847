"""Measure a microphone: `python -m calibration.microphone`.

    python -m calibration.microphone --list
    python -m calibration.microphone --microphone "USB"       # be quiet, sing, then listen to some chirps

Saved for each device in the user's data folder: the noise of the room, the level of a voice, the gate between
the two above which a voice is followed live, and the delay from loudspeaker to microphone. Sketches work
without any of it.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import scipy.signal

from calibration.input_device import (
    InputDevice,
    InputStream,
    find_input,
    inputs_as_text,
    list_inputs,
    play_and_record,
)
from calibration.live_channel import loudest_channel
from calibration.microphone_facts import (
    MicrophoneFacts,
    last_microphone,
    remember_microphone,
    save_microphone,
)
from core.command import print_line
from core.errors import BridgeError, DeviceError
from core.sound_file import resample

__all__ = ["chirps", "choose_gate", "levels_db", "loop_delay_ms", "main", "noise_db", "voice_db"]

_FRAME_SECONDS = 0.02
_QUIETEST_DB = -100.0
_SETTLING_SECONDS = 0.3  # left out at the start of a recording: drivers click when they start
_ABOVE_NOISE_DB = 10.0  # where the gate lies, if the voice leaves room for that
_BELOW_VOICE_DB = 12.0
_LOWEST_GATE_DB, _HIGHEST_GATE_DB = -70.0, -20.0
_LEAST_ROOM_DB = 15.0  # between noise and voice, for a gate to tell them apart
_CLIPPING_DB = -1.0

_N_CHIRPS = 5
_CHIRP_SECONDS, _APART_SECONDS = 0.05, 0.5
_CHIRP_HZ = (500.0, 8_000.0)
_CHIRP_LEVEL = 0.3
_CLEAR = 5.0  # times the next best match; less was not heard


def levels_db(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the root mean square of every 20 ms, dB of full scale."""
    n = max(1, round(_FRAME_SECONDS * sample_rate))
    frames = np.asarray(audio[: len(audio) // n * n], np.float64).reshape(-1, n)
    return 10.0 * np.log10(np.maximum((frames**2).mean(axis=1), 10.0 ** (_QUIETEST_DB / 10.0)))


def noise_db(audio: np.ndarray, sample_rate: int) -> float:
    """Return the level of a quiet room: what it stays below 95 % of the time."""
    return float(np.percentile(levels_db(audio, sample_rate), 95))


def voice_db(audio: np.ndarray, sample_rate: int) -> float:
    """Return the level of a voice: the median of its louder half, which leaves out pauses."""
    return float(np.percentile(levels_db(audio, sample_rate), 75))


def choose_gate(noise: float, voice: float | None) -> float:
    """Return the level (dB) above which a voice counts as heard: above the noise, well below the voice.

    >>> choose_gate(-60.0, -25.0)
    -50.0
    >>> choose_gate(-40.0, -25.0)
    -32.5
    """
    gate = noise + _ABOVE_NOISE_DB
    if voice is not None and gate > voice - _BELOW_VOICE_DB:
        gate = 0.5 * (noise + voice)
    return float(min(max(gate, _LOWEST_GATE_DB), _HIGHEST_GATE_DB))


def chirps(sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the chirps that measure the loop, `(n_samples,)`, and a single one of them."""
    t = np.arange(round(_CHIRP_SECONDS * sample_rate)) / sample_rate
    high = min(_CHIRP_HZ[1], 0.4 * sample_rate)
    one = scipy.signal.chirp(t, _CHIRP_HZ[0], t[-1], high) * scipy.signal.windows.tukey(len(t), 0.2)
    one = (_CHIRP_LEVEL * one).astype(np.float32)
    apart = np.zeros(round(_APART_SECONDS * sample_rate), np.float32)
    apart[: len(one)] = one
    return np.concatenate([apart] * _N_CHIRPS + [np.zeros_like(apart)]), one


def loop_delay_ms(heard: np.ndarray, sample_rate: int) -> float | None:
    """Find the delay of the chirps in what was recorded while they played; None if they were not heard."""
    _, one = chirps(sample_rate)
    match = np.abs(scipy.signal.correlate(heard.astype(np.float64), one.astype(np.float64), mode="valid"))
    step = round(_APART_SECONDS * sample_rate)
    delays = []
    for k in range(_N_CHIRPS):
        part = match[k * step : (k + 1) * step]
        if len(part) < step or not part.max() > _CLEAR * float(np.percentile(part, 90)) > 0.0:
            continue
        delays.append(1000.0 * int(part.argmax()) / sample_rate)
    return float(np.median(delays)) if len(delays) > _N_CHIRPS // 2 else None


def _record(device: InputDevice, seconds: float) -> np.ndarray:
    blocks: list[np.ndarray] = []
    stream = InputStream(device, blocks.append)
    try:
        sleep(seconds + _SETTLING_SECONDS)
    finally:
        stream.close()
    audio = np.nan_to_num(np.concatenate(blocks)) if blocks else np.zeros((0, 1), np.float32)
    audio = audio[round(_SETTLING_SECONDS * stream.sample_rate) :]
    if len(audio) < 0.5 * seconds * stream.sample_rate:
        raise DeviceError(f"'{device.name}' sends no sound. Connect it again, or name another.")
    return resample(_meant_channel(device, audio), stream.sample_rate, device.sample_rate)


def _meant_channel(device: InputDevice, audio: np.ndarray) -> np.ndarray:
    """Return the channel `(n,)` of a recording `(n, n_channels)` that was chosen, else the loudest."""
    if device.channel:
        return np.asarray(audio[:, device.channel - 1])
    return np.asarray(audio[:, loudest_channel((audio.astype(np.float64) ** 2).mean(axis=0))])


def measure_microphone(
    device: InputDevice, seconds: float, *, voice: bool, loop: bool, say: Callable[[str], Any]
) -> MicrophoneFacts:
    """Measure a microphone while somebody follows the instructions.

    Raises:
        DeviceError: It cannot be used, or sends nothing.
    """
    rate = device.sample_rate
    say(f"{device.words}. Be quiet for {seconds:g} s.")
    noise = noise_db(_record(device, seconds), rate)
    say(f"the room is at {noise:.1f} dB")
    level = None
    if voice:
        say(f"Now sing, as loud as you ever will, for {seconds:g} s.")
        sung = _record(device, seconds)
        level = voice_db(sung, rate)
        say(f"the voice is at {level:.1f} dB")
        if float(levels_db(sung, rate).max()) > _CLIPPING_DB or float(np.abs(sung).max()) >= 0.999:
            say("the microphone clips: turn its level down, and measure again")
        if level - noise < _LEAST_ROOM_DB:
            say("the voice is hardly louder than the room: move closer, or turn the level up")
    delay = None
    if loop:
        say("Now some chirps; the microphone has to hear the loudspeaker.")
        played, _ = chirps(rate)
        delay = loop_delay_ms(_meant_channel(device, play_and_record(device, played)), rate)
        say("the chirps were not heard" if delay is None else f"the loop takes {delay:.1f} ms")
    gate = choose_gate(noise, level)
    say(f"the gate opens at {gate:.1f} dB")
    return MicrophoneFacts(noise_db=noise, gate_db=gate, level_db=level, loop_ms=delay)


def _parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m calibration.microphone", description="Measure a microphone.")
    p.add_argument(
        "--microphone", default="", metavar="NAME", help="name or number, and :CHANNEL (the one used last)"
    )
    p.add_argument("--list", action="store_true", help="list the microphones and stop")
    p.add_argument("--seconds", type=float, default=3.0, help="of silence, and of singing (%(default)s)")
    p.add_argument("--no-voice", action="store_true", help="measure the room only")
    p.add_argument("--no-loop", action="store_true", help="play nothing")
    p.add_argument("--data", type=Path, help="the server's --data folder, if it has one")
    return p


def _run(given: argparse.Namespace) -> None:
    def say(text: str) -> None:
        print_line(text)

    if given.list:
        say(inputs_as_text(list_inputs()))
        return
    folder = None if given.data is None else given.data.expanduser() / "calibration"
    device = find_input(given.microphone or last_microphone(folder))
    seconds = min(max(given.seconds, 0.5), 60.0)
    facts = measure_microphone(device, seconds, voice=not given.no_voice, loop=not given.no_loop, say=say)
    path = save_microphone(device.name, facts, folder)
    remember_microphone(device.choice, folder)
    say(f"saved to {path}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status: 2 if a user can put right what went wrong."""
    try:
        _run(_parser().parse_args(arguments))
    except BridgeError as error:
        print_line(f"calibration.microphone: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
