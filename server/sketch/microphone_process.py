"""The microphone process: it opens the microphone when asked, and sends what it hears. It knows no model."""

import logging
import os
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, assert_never

import numpy as np

from calibration.input_device import InputStream, find_input, rescan_inputs
from calibration.microphone_facts import known_microphone, last_microphone, remember_microphone
from core.errors import BridgeError, ConfigError, DeviceError
from server.sketch.messages import (
    QUIT,
    AudioBlock,
    CloseMicrophone,
    FromMicrophoneProcess,
    LevelMeasured,
    MicrophoneOpened,
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
_LEVEL_EVERY_S = 0.1
_GONE_S = 1.5  # without a block, a microphone counts as gone


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
        self._peak = 0.0

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
            case _:
                assert_never(message)

    def _open(self, order: OpenMicrophone) -> None:
        rescan_inputs()
        try:
            device = find_input(order.microphone or last_microphone(self._facts))
        except DeviceError:
            if order.microphone:
                raise
            device = find_input()  # the one used last is not plugged in
        self._blocks = SimpleQueue()
        self._input = InputStream(device, self._blocks.put, "low" if order.following else "high")
        self._order, self._n_samples, self._peak = order, 0, 0.0
        self._heard_at = self._level_at = time.monotonic()
        begin = TakeBegun(
            take_number=order.take_number,
            model=order.model,
            following=order.following,
            refine_seconds=order.refine_seconds,
            sample_rate=device.sample_rate,
            gate_db=known_microphone(device.name, self._facts).gate_db,
        )
        self._send(begin)
        self._send(MicrophoneOpened(order.take_number, device.name))
        if order.microphone:
            try:
                remember_microphone(device.name, self._facts)
            except ConfigError as error:
                self._send(StatusReported(order.take_number, str(error)))

    def _hand_over(self, order: OpenMicrophone, now: float) -> None:
        """Send what was heard since, and its level; end a take that is too long or hears no more."""
        assert self._input is not None, "opened with the order"
        heard = []
        while True:
            try:
                heard.append(self._blocks.get_nowait())
            except Empty:
                break
        if heard:
            self._heard_at = now
            block = np.nan_to_num(np.concatenate(heard), posinf=1.0, neginf=-1.0)
            room = round(LONGEST_SECONDS * self._input.device.sample_rate) - self._n_samples
            block = block if order.following else block[: max(room, 0)]
            self._n_samples += len(block)
            self._send(AudioBlock(block))
            self._peak = max(self._peak, float(np.abs(block).max(initial=0.0)))
            if not order.following and self._n_samples >= LONGEST_SECONDS * self._input.device.sample_rate:
                self._end(order, keep=True)
                return
        elif now - self._heard_at > _GONE_S or not self._input.is_running:
            self._lose(order)
            return
        if now - self._level_at >= _LEVEL_EVERY_S:
            self._level_at = now
            self._send(LevelMeasured(order.take_number, 20.0 * float(np.log10(max(self._peak, 1e-6)))))
            self._peak = 0.0

    def _end(self, order: OpenMicrophone, keep: bool) -> None:
        self._order = None
        rest = []
        while not self._blocks.empty():
            rest.append(self._blocks.get())
        if keep and rest and not order.following:
            self._send(AudioBlock(np.nan_to_num(np.concatenate(rest), posinf=1.0, neginf=-1.0)))
        if self._input is not None and self._input.n_overflows and keep:
            text = "the recording has gaps: the computer is busy. Close other programs and record again."
            self._send(StatusReported(order.take_number, text))
        self._send(TakeEnded(order.take_number, keep))
        self._close()

    def _lose(self, order: OpenMicrophone) -> None:
        assert self._input is not None, "opened with the order"
        name = self._input.device.name
        self._order = None
        self._send(TakeEnded(order.take_number, False))
        self._send(
            TakeFailed(
                order.take_number,
                f"the microphone '{name}' has stopped; plug it in again, or name another with --microphone. "
                "The sound is as it was.",
            )
        )
        self._close()

    def _close(self) -> None:
        """Close the microphone, so that its light goes out."""
        held, self._input = self._input, None
        if held is not None and not held.close():
            logger.warning("the sound driver of '%s' does not answer", held.device.name)
            os._exit(1)  # a new process starts with the next sketch

    def _send(self, message: FromMicrophoneProcess) -> None:
        self._pipe.send_bytes(pack(message))
