"""The WebSocket that carries what a page draws.

NiceGUI's own sends a program with each message, which the browser has to compile: too much at 30 messages a
second. `panel.web.access` decides who may connect.
"""

import asyncio
import contextlib
from typing import Any

import orjson
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from panel.feed.feed import Feed
from panel.feed.update_scheduler import UpdateScheduler

__all__ = ["add_feed_socket"]

_SHOWN_IN = {
    "params": "understand",
    "labels": "understand",
    "values": "understand",
}  # topics that only one view draws


def add_feed_socket(app: FastAPI, scheduler: UpdateScheduler) -> None:
    """Add the socket to the application: `/panel/feed`."""

    @app.websocket("/panel/feed")
    async def serve_feed(socket: WebSocket) -> None:
        await socket.accept()
        waiting: asyncio.Queue[bytes] = asyncio.Queue()  # one at most: the next comes once this is drawn
        feed, leave = scheduler.add_feed(lambda message: waiting.put_nowait(orjson.dumps(message)))
        sending = asyncio.create_task(_send(socket, waiting))
        try:
            while True:
                _receive(scheduler, feed, await socket.receive_json())
        except (WebSocketDisconnect, ValueError, KeyError, RuntimeError):
            pass  # the page has gone, or is none of ours
        finally:
            leave()
            sending.cancel()


async def _send(socket: WebSocket, waiting: "asyncio.Queue[bytes]") -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the page went between two messages
        while True:
            await socket.send_text((await waiting.get()).decode())


def _receive(scheduler: UpdateScheduler, feed: Feed, message: Any) -> None:
    """Act on a message of the page: that it has drawn a state, or which view it shows."""
    if not isinstance(message, dict):
        return
    if isinstance(serial := message.get("drawn"), int):
        scheduler.acknowledge(feed, serial)
    if isinstance(view := message.get("view"), str):
        feed.mute(*(topic for topic, only in _SHOWN_IN.items() if only != view))
        scheduler.touch("view")
