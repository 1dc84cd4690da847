"""The microphone process: it opens the microphone when asked, and sends what it hears. It knows no model."""

import contextlib
import logging
import os
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, assert_never

import numpy as np

from calibration.input_device import InputDevice, InputStream, find_input, list_inputs, rescan_inputs
from calibration.live_channel import LiveChannel
from calibration.microphone_facts import known_microphone, last_microphone, remember_microphone
from core.errors import BridgeError, ConfigError, DeviceError
from server.sketch.messages import (
    QUIT,
    AudioBlock,
    ChooseMicrophone,
    CloseMicrophone,
    FromMicrophoneProcess,
    LevelMeasured,
    MicrophoneOpened,
    MicrophonesListed,
    OpenMicrophone,
    StatusReported,
    TakeBegun,
    TakeEnded,
    TakeFailed,
    ToMicrophoneProcess,
    pack,
    unpack,
)

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from server.sketch.heartbeat import SharedPipe

__all__ = ["LONGEST_SECONDS", "MicrophoneProcess"]

logger = logging.getLogger(__name__)

LONGEST_SECONDS = 30.0  # of a recording; then it is answered
_POLL_RECORDING_S = 0.05
_POLL_FOLLOWING_S = 0.005
_LEVEL_EVERY_S = 0.05
_GONE_S = 1.5  # without a block, a microphone counts as gone
_SILENT = 10.0 ** (-80.0 / 20.0)  # a sample below is no voice, and hardly a microphone that is plugged in
_SHORTEST_S = 0.25  # of a take of which it can be said that nothing came


class MicrophoneProcess:
    """Carries out the orders that come through a pipe, until the pipe ends.

    Args:
        pipe: To the server.
        facts: Folder of facts about devices.
    """

    def __init__(self, pipe: "Connection | SharedPipe", facts: Path) -> None:
        self._pipe = pipe
        self._facts = facts
        self._blocks: SimpleQueue[np.ndarray] = SimpleQueue()
        self._input: InputStream | None = None
        self._order: OpenMicrophone | None = None
        self._n_samples = 0
        self._heard_at = 0.0
        self._level_at = 0.0
        self._peak = 0.0  # since the level was sent
        self._loudest = 0.0  # of the take
        self._live = LiveChannel(1, 0.0)
        self._told = 0  # the channel that players know to be live

    def run(self) -> None:
        """Work until the server ends or tells it to."""
        try:
            while True:
                if self._pipe.poll(self._rest_s()):
                    raw = self._pipe.recv_bytes()
                    if raw == QUIT:
                        break
                    self._receive(unpack(raw))
                if self._order is not None:
                    self._hand_over(self._order, time.monotonic())
        except (EOFError, OSError):
            pass  # the server has ended
        self._close()

    def _rest_s(self) -> float | None:
        if self._order is None:
            return None
        return _POLL_FOLLOWING_S if self._order.following else _POLL_RECORDING_S

    def _receive(self, message: ToMicrophoneProcess) -> None:
        match message:
            case OpenMicrophone():
                if self._order is not None:
                    self._end(self._order, keep=False)
                try:
                    self._open(message)
                except BridgeError as error:
                    self._send(TakeFailed(message.take_number, str(error)))
            case CloseMicrophone():
                if self._order is not None and self._order.take_number == message.take_number:
                    self._end(self._order, message.keep)
            case ChooseMicrophone():
                self._choose(message)
            case _:
                assert_never(message)

    def _open(self, order: OpenMicrophone) -> None:
        rescan_inputs()
        device = self._device(order.microphone)
        self._blocks = SimpleQueue()
        self._input = stream = InputStream(device, self._blocks.put, "low" if order.following else "high")
        gate_db = known_microphone(device.name, self._facts).gate_db
        self._live, self._told = LiveChannel(stream.sample_rate, gate_db, device.channel), 0
        self._order, self._n_samples, self._peak, self._loudest = order, 0, 0.0, 0.0
        self._heard_at, self._level_at = time.monotonic(), float("-inf")
        begin = TakeBegun(
            take_number=order.take_number,
            model=order.model,
            following=order.following,
            refine_seconds=order.refine_seconds,
            sample_rate=stream.sample_rate,
            gate_db=gate_db,
        )
        self._send(begin)
        self._send(MicrophoneOpened(order.take_number, device.name, stream.n_channels, device.channel))
        if order.microphone:
            try:
                remember_microphone(device.choice, self._facts)
            except ConfigError as error:
                self._send(StatusReported(order.take_number, str(error)))

    def _hand_over(self, order: OpenMicrophone, now: float) -> None:
        """Send what was heard since, and its level; end a take that is too long or hears no more."""
        assert self._input is not None, "opened with the order"
        block = self._heard()
        if len(block):
            self._heard_at = now
            room = round(LONGEST_SECONDS * self._input.sample_rate) - self._n_samples
            block = block if order.following else block[: max(room, 0)]
            self._n_samples += len(block)
            self._send(AudioBlock(block))
            self._tell_live(order)
            if not order.following and self._n_samples >= LONGEST_SECONDS * self._input.sample_rate:
                self._end(order, keep=True)
                return
        elif now - self._heard_at > _GONE_S or not self._input.is_running:
            self._lose(order)
            return
        if self._n_samples and now - self._level_at >= _LEVEL_EVERY_S:
            self._level_at = now
            self._send(LevelMeasured(order.take_number, 20.0 * float(np.log10(max(self._peak, 1e-6)))))
            self._peak = 0.0

    def _heard(self) -> np.ndarray:
        """Return what the driver has sent since, of the channel that is live, mono float32 `(n,)`."""
        blocks: list[np.ndarray] = []
        while True:
            try:
                block = np.nan_to_num(self._blocks.get_nowait(), posinf=1.0, neginf=-1.0)
            except Empty:
                break
            blocks.append(self._live.push(block))
        heard = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
        self._peak = max(self._peak, float(np.abs(heard).max(initial=0.0)))
        self._loudest = max(self._loudest, self._peak)
        return heard

    def _tell_live(self, order: OpenMicrophone) -> None:
        """Tell players into which input somebody sings, where they cannot know."""
        stream, live = self._input, self._live.heard
        if stream is None or stream.n_channels == 1 or stream.device.channel or live in (0, self._told):
            return
        self._told = live
        self._send(StatusReported(order.take_number, f"input {live} of '{stream.device.name}' is live"))

    def _choose(self, order: ChooseMicrophone) -> None:
        """Choose the microphone of the takes that follow, and list those that are plugged in."""
        inputs: tuple[tuple[str, int], ...] = ()
        choice = error = ""
        try:
            if self._input is None:
                rescan_inputs()
            if order.microphone is not None:
                wanted = find_input(order.microphone).choice if order.microphone else ""
                remember_microphone(wanted, self._facts)
        except BridgeError as failure:
            error = str(failure)
        with contextlib.suppress(DeviceError):
            inputs = tuple((device.name, device.n_channels) for device in list_inputs())
            choice = self._device("").choice
        self._send(MicrophonesListed(inputs, choice, error))

    def _device(self, wanted: str) -> InputDevice:
        """Return the microphone that is meant; if none is, the one used last, else the system's.

        Raises:
            DeviceError: There is none.
        """
        try:
            return find_input(wanted or last_microphone(self._facts))
        except DeviceError:
            if wanted:
                raise
            return find_input()  # the one used last is not plugged in

    def _end(self, order: OpenMicrophone, keep: bool) -> None:
        self._order = None
        rest = self._heard()
        self._n_samples += len(rest)
        if keep:
            self._tell_live(order)
        if keep and len(rest) and not order.following:
            self._send(AudioBlock(rest))
        silent = self._silence() if keep and not order.following else ""
        if silent:
            self._send(TakeEnded(order.take_number, False))
            self._send(TakeFailed(order.take_number, silent))
            self._close()
            return
        if self._input is not None and self._input.n_overflows and keep:
            text = "the recording has gaps: the computer is busy. Close other programs and record again."
            self._send(StatusReported(order.take_number, text))
        self._send(TakeEnded(order.take_number, keep))
        self._close()

    def _silence(self) -> str:
        """Return what players are told of a take in which no channel had a sound; empty if one had."""
        stream = self._input
        if stream is None or self._loudest > _SILENT or self._n_samples < _SHORTEST_S * stream.sample_rate:
            return ""
        device, several = stream.device, stream.n_channels > 1 and not stream.device.channel
        of = f"any of the {stream.n_channels} inputs of '{device.name}'" if several else device.words
        if self._loudest == 0.0:
            return (
                f"nothing at all came from {of}. Allow this program to use the microphone in the system's "
                "privacy settings, check its switch and cable, or choose another microphone."
            )
        return f"it is silent: nothing was heard from {of}. Turn its level up, or choose another microphone."

    def _lose(self, order: OpenMicrophone) -> None:
        assert self._input is not None, "opened with the order"
        name = self._input.device.name
        self._order = None
        text = f"the microphone '{name}' has stopped; plug it in again, or choose another. "
        if not self._n_samples:
            text = f"the microphone '{name}' sends nothing; another program may have it. Close it there. "
        self._send(TakeEnded(order.take_number, False))
        self._send(TakeFailed(order.take_number, f"{text}The sound is as it was."))
        self._close()

    def _close(self) -> None:
        """Close the microphone, so that its light goes out."""
        held, self._input = self._input, None
        if held is not None and not held.close():
            logger.warning("the sound driver of '%s' does not answer", held.device.name)
            os._exit(1)  # a new process starts with the next sketch

    def _send(self, message: FromMicrophoneProcess) -> None:
        self._pipe.send_bytes(pack(message))
