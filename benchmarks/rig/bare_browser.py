"""Chromium as a musician runs it: nothing drives it while it draws, and it is queried only now and then."""

import contextlib
import json
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from core.errors import DeviceError

__all__ = ["BareBrowser", "open_browser"]

_QUIET = (
    "--headless",
    "--no-sandbox",  # needed to start as root
    "--window-size=1280,860",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",  # nobody touches the page
    "--remote-debugging-port=0",
)
_PATIENCE_S = 60.0
_CONNECTED = "document.querySelectorAll('.knob').length > 0 && !!document.querySelector('.lamp.is-on')"


class BareBrowser:
    """A page in a running browser.

    Args:
        port: Its remote debugging port.
    """

    def __init__(self, port: int) -> None:
        self._port = port

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression on the page; the connection is closed again."""
        from websockets.sync.client import connect  # the panel's server brings it

        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/json/list", timeout=10) as answer:
            (page,) = (item for item in json.load(answer) if item["type"] == "page")
        with connect(page["webSocketDebuggerUrl"]) as socket:
            question = {"expression": expression, "returnByValue": True}
            socket.send(json.dumps({"id": 1, "method": "Runtime.evaluate", "params": question}))
            return json.loads(socket.recv(10))["result"]["result"].get("value")


@contextlib.contextmanager
def open_browser(chromium: str, url: str) -> Iterator[BareBrowser]:
    """Show a page of the panel, wait until it is connected, and close the browser afterwards.

    Raises:
        DeviceError: The browser does not start, or the page does not connect.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [chromium, *_QUIET, f"--user-data-dir={folder}", url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # as a desktop starts it
        )
        try:
            browser = BareBrowser(_port_of(Path(folder)))
            deadline = monotonic() + _PATIENCE_S
            while not browser.evaluate(_CONNECTED):
                if monotonic() > deadline:
                    raise DeviceError("the page does not connect to the server. Try it in a browser.")
                sleep(0.2)
            yield browser
        finally:
            process.terminate()
            process.wait(20)


def _port_of(folder: Path) -> int:
    deadline = monotonic() + _PATIENCE_S
    while monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((folder / "DevToolsActivePort").read_text().split()[0])
        sleep(0.1)
    raise DeviceError("Chromium does not start. Try it in a terminal.")
