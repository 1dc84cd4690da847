"""A client that plays notes on an instrument of its own and listens to them as the panel does."""

import socket
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from benchmarks.rig.device import Device
from benchmarks.soak.parts.part import Part
from server.osc.addresses import Value

__all__ = ["Sound"]

_NOTE, _VELOCITY = 60, 100
_HELD_S, _REST_S = 1.0, 3.0
_ASK_AGAIN_S = 1.0  # for the stream
_PORTION = 1024  # frames
_FRAME_BYTES = 4


class Sound(Part):
    """Presses a key now and then; a voice has to be told of, and the stream to go on.

    What it plays may be silent: hostile packets turn its knobs and the volume, too.
    """

    name = "sound"

    def __init__(self) -> None:
        super().__init__()
        self._device: Device | None = None
        self._stream: socket.socket | None = None
        self._rate = 0
        self._wanted_at = self._asked_at = self._key_at = 0.0
        self._is_down = self._is_told = self._has_come = False
        self._open_bytes = 0  # of what was asked for
        self._peak = 0
        self.n_audible = self.n_streams = 0

    def prepare(self, stack: ExitStack, data: Path) -> None:
        """Have it ended with the soak."""
        stack.callback(self.end)

    def begin(self, port: int) -> None:
        """Register with an instrument of its own."""
        self._device = Device(port, "soak-sound", self._heard, kind="script")

    def play(self, now: float) -> None:
        """Press or release the key when it is time, and take as much of the sound as has been played."""
        if self._device is None:
            return
        self._device.beat(now)
        self._device.drain()
        if not self._device.welcome:
            return
        if self._stream is None:
            if now >= self._asked_at + _ASK_AGAIN_S:
                self._asked_at = now
                self._device.send("/flow/sound/listen")
            return
        self._listen(self._stream, now)
        if now >= self._key_at:
            self._turn_key(self._device, now)

    def _turn_key(self, device: Device, now: float) -> None:
        self._is_down = not self._is_down
        self._key_at = now + (_HELD_S if self._is_down else _REST_S)
        device.send("/flow/note", _NOTE, _VELOCITY if self._is_down else 0)
        if self._is_down:
            self._is_told = self._has_come = False
            self._peak = 0
        elif self._is_told and self._has_come:
            self.n_audible += self._peak > 0
            self.was_well()

    def _listen(self, stream: socket.socket, now: float) -> None:
        try:
            if now >= self._wanted_at and not self._open_bytes:
                self._wanted_at = now + _PORTION / self._rate
                stream.sendall(_PORTION.to_bytes(4, "big"))
                self._open_bytes = _PORTION * _FRAME_BYTES
            data = stream.recv(self._open_bytes) if self._open_bytes else b""
            if self._open_bytes and not data:
                raise ConnectionResetError
        except BlockingIOError:
            return
        except OSError:  # the server has ended, or its sound process: it is asked for again
            stream.close()
            self._stream = None
            return
        self._open_bytes -= len(data)
        self._has_come = self._has_come or bool(data)
        samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2")
        self._peak = max(self._peak, int(np.abs(samples.astype(np.int32)).max(initial=0)))

    def _heard(self, address: str, values: list[Value]) -> None:
        if address == "/flow/sound":
            state, n_voices = values[0], values[2]
            self._is_told = self._is_told or (state == "on" and int(n_voices) > 0)
        elif address == "/flow/sound/stream" and self._stream is None:
            port, token, rate = int(values[0]), str(values[1]), int(values[2])
            try:
                stream = socket.create_connection(("127.0.0.1", port), timeout=1.0)
                stream.sendall(token.encode())
            except OSError:
                return
            stream.setblocking(False)
            self._stream, self._rate, self._open_bytes = stream, rate, 0
            self.n_streams += 1

    def restarted(self) -> None:
        """Wait for the server that comes now."""
        if self._device is not None:
            self._device.forget_server()

    def words(self) -> str:
        """Return what it did, for the table."""
        return f"{self.n} notes, {self.n_audible} audible, {self.n_streams} streams"

    def end(self) -> None:
        """Unregister."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        if self._device is not None:
            self._device.close()
            self._device = None
