"""The WebSocket of the sound: what a browser plays goes to the server, and what sounds comes back.

A browser sends JSON for what is played, and four bytes for each portion of the sound that it wants, which go
to the sound process as they are; so the browser's own clock sets the pace.
"""

import asyncio
import contextlib
import itertools
import json
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from core.errors import DeviceError
from panel.state.panel_state import PanelState

__all__ = ["add_sound_socket"]

_FRAME_BYTES = 4  # two samples of 16 bits
_MOST_FRAMES = 16_384
_numbers = itertools.count()


def add_sound_socket(app: FastAPI, state: PanelState) -> None:
    """Add the socket to the application: `/panel/sound`."""

    @app.websocket("/panel/sound")
    async def serve_sound(socket: WebSocket) -> None:
        await socket.accept()
        browser = _Browser(socket, state)
        try:
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                if message.get("bytes") is not None:
                    browser.ask(message["bytes"])
                else:
                    browser.play(json.loads(message["text"]))
        except (WebSocketDisconnect, ValueError, KeyError, TypeError, RuntimeError):
            pass  # the page has gone, or is none of ours
        finally:
            browser.leave()


class _Browser:
    """One page that plays and listens.

    Args:
        socket: Accepted.
        state: Of the panel.
    """

    def __init__(self, socket: WebSocket, state: PanelState) -> None:
        self._socket = socket
        self._state = state
        self._number = next(_numbers)
        self._listening: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._wanted: asyncio.Queue[int] = asyncio.Queue()

    def play(self, message: dict[str, Any]) -> None:
        """Carry out what the page says; numbers are checked by the server."""
        send = self._state.link.send
        if "note" in message:
            self._state.stream.note(self._number, int(message["note"]) & 127, int(message["velocity"]) & 127)
        for name in ("pedal", "audition"):
            if name in message:
                send(f"/flow/{name}", int(message[name]))
        if "bend" in message:
            send("/flow/bend", float(message["bend"]))
        if "volume" in message:
            send("/flow/volume", float(message["volume"]))
        if "panic" in message:
            send("/flow/panic")
        if message.get("listen") is True and self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        elif message.get("listen") is False:
            self._stop_listening()

    def ask(self, portion: bytes) -> None:
        """Pass on how much of the sound the page wants."""
        n = int.from_bytes(portion, "big")
        if self._writer is not None and len(portion) == 4 and n <= _MOST_FRAMES:
            self._writer.write(portion)
            self._wanted.put_nowait(n)

    def leave(self) -> None:
        """Release all keys, and stop listening."""
        self._state.stream.leave(self._number)
        self._stop_listening()

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None

    async def _listen(self) -> None:
        """Send the page the sound, and look for it again when the server comes back."""
        while True:
            try:
                stream = await self._state.stream.find()
                reader, writer = await asyncio.open_connection("127.0.0.1", stream.port)
            except (DeviceError, OSError) as error:
                await self._say(text=str(error))
                await asyncio.sleep(1.0)
                continue
            writer.write(stream.token.encode())
            self._writer, self._wanted = writer, asyncio.Queue()
            await self._say(rate=stream.sample_rate, text="")
            try:
                while True:
                    n = await self._wanted.get()
                    await self._socket.send_bytes(await reader.readexactly(n * _FRAME_BYTES))
            except (asyncio.IncompleteReadError, OSError):
                await asyncio.sleep(0.5)  # the sound has ended: perhaps the server has
            finally:
                self._writer = None
                writer.close()

    async def _say(self, **message: object) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # it has gone
            await self._socket.send_text(json.dumps(message))
