"""Values pushed to programs that listen to single addresses: LISTEN and IGNORE of OSCQuery."""

import json
import threading
from collections.abc import Callable, Sequence
from time import monotonic

from server.osc.addresses import MACRO_BRANCH
from server.osc.builder import build
from server.oscquery.websocket import WebSocket

__all__ = ["serve_listener"]

_EVERY_S = 0.04  # a dial on a screen moves smoothly
_IDLE_S = 60.0  # for a program that listens to nothing
_MOST_PATHS = 256
_MACROS = "/flow/macros"


def serve_listener(
    web: WebSocket, get_dials: Callable[[], Sequence[float]], stopping: threading.Event
) -> None:
    """Send a program the values that it listens to, each when it begins to listen and whenever it changes.

    Args:
        web: The program.
        get_dials: Returns the positions of the macros.
        stopping: Ends it.

    Raises:
        OSError: The program has gone.
    """
    listened: dict[str, tuple[float, ...] | None] = {}
    asked_at = monotonic()
    while not stopping.is_set():
        text = web.receive(_EVERY_S)
        if text is not None:
            asked_at = monotonic()
            _obey(text, listened)
        elif not listened and monotonic() - asked_at > _IDLE_S:
            break
        dials = tuple(get_dials()) if listened else ()
        for path, before in listened.items():
            now = _values(path, dials)
            if now and now != before:
                listened[path] = now
                web.send(build(path, "f" * len(now), *now))
    web.close()


def _obey(text: str, listened: dict[str, tuple[float, ...] | None]) -> None:
    """Carry a command out; what is no command changes nothing."""
    try:
        order = json.loads(text)
    except (ValueError, RecursionError):
        return
    path = order.get("DATA") if isinstance(order, dict) else None
    if not isinstance(path, str):
        return
    if order.get("COMMAND") == "LISTEN" and len(listened) < _MOST_PATHS:
        listened[path] = None
    elif order.get("COMMAND") == "IGNORE":
        listened.pop(path, None)


def _values(path: str, dials: tuple[float, ...]) -> tuple[float, ...]:
    """Return the values of an address; none if it has none."""
    if path == _MACROS:
        return dials
    number = path.removeprefix(MACRO_BRANCH)
    if number == path or not (number.isdecimal() and number.isascii() and len(number) < 5):
        return ()
    return dials[int(number) : int(number) + 1]
