"""Bind controllers from a terminal: by touch, one or all, or by name.

    python -m server.learn 0                            # a macro: then move a knob
    python -m server.learn --all                        # macro after macro
    python -m server.learn record                       # a command: then press a button, pad or pedal
    python -m server.learn "macro 3" --to "cc 20"       # by name, without touching it

While it waits: `n` and Enter for *no, another one*, `s` to skip, `q` to stop. The server has to run, with
--midi or --oscquery.
"""

import argparse
import sys
import threading
from queue import Empty, SimpleQueue
from time import monotonic

from core.command import print_line
from core.errors import BridgeError, ProtocolError
from server.client import Client

__all__ = ["main"]

_ANSWERED_S = 3.0
_KEYS = {"n": "/flow/learn/other", "s": "/flow/learn/skip", "q": "/flow/learn/stop"}


def main(given: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m server.learn", description=__doc__.split("\n")[0])
    p.add_argument("what", nargs="?", help="number of a macro, or a command such as record")
    p.add_argument("--all", action="store_true", help="one macro after the other")
    p.add_argument("--to", metavar="CONTROL", help="bind this control by name, such as 'cc 20 channel 1'")
    p.add_argument("--of", default="", metavar="CONTROLLER", help="part of its name, if there are several")
    p.add_argument("--instrument", default="", help="name or identity (default: whatever has the focus)")
    p.add_argument("--port", type=int, default=9130)
    p.add_argument("--host", default="127.0.0.1")
    options = p.parse_args(given)
    if options.all == (options.what is not None):
        p.error("say what is to be bound, or --all")
    try:
        with Client(options.port, options.host, kind="script") as client:
            client.receive_all(0.05)  # the present state, which is sent to every new client
            return _bind(client, options) if options.to else _learn(client, options)
    except BridgeError as error:
        print_line(f"server.learn: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _bind(client: Client, options: argparse.Namespace) -> int:
    what = f"macro {options.what}" if options.what.isdigit() else options.what
    client.send("/flow/bind", what, options.to, options.of, options.instrument)
    _print_until(client, _ANSWERED_S, ("/flow/status",))
    return 0


def _learn(client: Client, options: argparse.Namespace) -> int:
    of = [options.instrument] if options.instrument else []
    if options.all:
        client.send("/flow/learn/all", *of)
    elif options.what.isdigit():
        client.send("/flow/learn", int(options.what), *of)
    else:
        client.send("/flow/learn/command", options.what, *of)
    keys: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_read_keys, args=(keys,), daemon=True).start()
    while True:
        ended = _print_until(client, 0.2, ())
        try:
            key = keys.get_nowait()
        except Empty:
            key = ""
        if key in _KEYS:
            client.send(_KEYS[key])
        elif ended and not _goes_on(client, keys):
            return 0


def _read_keys(keys: "SimpleQueue[str]") -> None:
    for line in sys.stdin:
        keys.put(line.strip())


def _goes_on(client: Client, keys: "SimpleQueue[str]") -> bool:
    """Whether the player takes back what was learned, for which there is a moment."""
    if not sys.stdin.isatty():
        return False
    try:
        again = keys.get(timeout=_ANSWERED_S) == "n"
    except Empty:
        again = False
    if again:
        client.send(_KEYS["n"])
    return again


def _print_until(client: Client, seconds: float, addresses: tuple[str, ...]) -> bool:
    """Print what the server says, until a message of these addresses, or until learning has ended.

    Returns:
        Whether learning has ended.

    Raises:
        ProtocolError: The server refuses.
    """
    deadline = monotonic() + seconds
    while (left := deadline - monotonic()) > 0:
        message = client.receive(left)
        if message is None:
            continue
        address, values = message
        if address == "/flow/error":
            raise ProtocolError(str(values[1]))
        if address == "/flow/status":
            print_line(values[0])
        if address in addresses:
            return False
        if address == "/flow/learning" and int(values[0]) < 0 and len(values) < 3:
            client.hello()
            return True
    client.hello()
    return False


if __name__ == "__main__":
    sys.exit(main())
