"""The socket that brings a page what it draws.

It stands beside NiceGUI's, which sends a program with each message that the browser has to compile: too much
for what comes 30 times a second. `panel.web.access` says who may come.
"""

import asyncio
import contextlib
from typing import Any

import orjson
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from panel.feed.feed import Feed
from panel.feed.update_scheduler import UpdateScheduler

__all__ = ["add_feed_socket"]

_SHOWN_IN = {"params": "understand", "labels": "understand"}  # topics that only one view draws


def add_feed_socket(app: FastAPI, scheduler: UpdateScheduler) -> None:
    """Add the socket to the application: `/panel/feed`."""

    @app.websocket("/panel/feed")
    async def feeding(socket: WebSocket) -> None:
        await socket.accept()
        waiting: asyncio.Queue[bytes] = asyncio.Queue()  # of one at most: the next comes once it was drawn
        feed, leave = scheduler.add_feed(lambda message: waiting.put_nowait(orjson.dumps(message)))
        sending = asyncio.create_task(_send(socket, waiting))
        try:
            while True:
                _hear(scheduler, feed, await socket.receive_json())
        except (WebSocketDisconnect, ValueError, KeyError, RuntimeError):
            pass  # it has gone, or is no page of ours
        finally:
            leave()
            sending.cancel()


async def _send(socket: WebSocket, waiting: "asyncio.Queue[bytes]") -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # it went between two messages
        while True:
            await socket.send_text((await waiting.get()).decode())


def _hear(scheduler: UpdateScheduler, feed: Feed, said: Any) -> None:
    """Take in what a page says: that it has drawn a message, or which view it shows."""
    if not isinstance(said, dict):
        return
    if isinstance(serial := said.get("drawn"), int):
        scheduler.told(feed, serial)
    if isinstance(view := said.get("view"), str):
        feed.mute(*(topic for topic, only in _SHOWN_IN.items() if only != view))
        scheduler.touch("view")
