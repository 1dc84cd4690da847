"""The panel in a browser, which has to come back by itself after every fault."""

import contextlib
import importlib.util
import re
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

from benchmarks.rig.panel_page import chromium_path
from benchmarks.rig.server_process import free_port
from benchmarks.soak.parts.part import Part
from core.errors import DeviceError

__all__ = ["Page"]

_LOOK_EVERY_S = 1.0
_LOADS_S = 20.0
_MOST_BROWSERS = 4  # a browser that ends by itself is opened again, as a person does: it is no part of ours
# Whether the page shows knobs and a server that is there; how many states of the macros it was told.
_LOOK = """() => [document.querySelectorAll('.knob').length > 0 && !!document.querySelector('.lamp.is-on'),
    window.soaked === undefined
    ? (flow.subscribe('macros', () => window.soaked++), window.soaked = 0) : window.soaked]"""


class Page(Part):
    """One page in Chromium, looked at each second from a thread of its own.

    Args:
        said: Returns what the server has printed.
    """

    name = "panel in a browser"
    patience_s = 240.0  # Chromium takes minutes to start where everything else runs as well

    def __init__(self, said: Callable[[], Iterable[str]]) -> None:
        super().__init__()
        self._said = said
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.n_states = self.n_browsers = 0

    def prepare(self, stack: ExitStack, data: Path) -> None:
        """Find the browser."""
        for module in ("nicegui", "playwright"):
            if importlib.util.find_spec(module) is None:
                raise DeviceError(f"{module} is not installed")
        self._path, self.port = chromium_path(), free_port()
        self.options = ["--panel", "--panel-port", str(self.port)]
        stack.callback(self.end)

    def begin(self, port: int) -> None:
        """Open the page once the server says where it is."""
        self._thread.start()

    def _run(self) -> None:
        address = self._wait_for_address()
        while not self._stopping.is_set():
            self.n_browsers += 1
            try:
                self._watch(address)
            except Exception as error:  # of the driver; the page's own are noted as such
                if not self._stopping.is_set() and self.n_browsers == _MOST_BROWSERS:
                    self.broken.append(f"the browser failed again and again: {error}")
                    return

    def _wait_for_address(self) -> str:
        while not self._stopping.wait(_LOOK_EVERY_S):
            for line in list(self._said()):
                if found := re.search(r"panel: (http\S+token=\S+)", line):
                    return found[1]
        return ""

    def _watch(self, address: str) -> None:
        from playwright.sync_api import Error, sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=self._path, args=["--no-sandbox"])
            page: Any = browser.new_page()
            page.set_default_timeout(60_000)
            page.on("pageerror", self._note_error)
            n_before, n_well, loaded_at = 0, self.n, float("-inf")
            while not self._stopping.wait(_LOOK_EVERY_S):
                with contextlib.suppress(Error):  # it is being loaded again
                    # As a person does, but only at first.
                    if self.n == n_well and monotonic() - loaded_at > _LOADS_S:
                        page.goto(address, wait_until="commit")  # refused while the panel starts
                        loaded_at = monotonic()
                    is_on, n = page.evaluate(_LOOK)
                    if is_on and n != n_before:
                        self.was_well()
                    self.n_states += max(0, n - n_before)
                    n_before = n
                page.wait_for_timeout(1)  # lets its events in
            browser.close()

    def _note_error(self, error: object) -> None:
        # NiceGUI's page looks once whether its server is back, and lets go of what it hears; whether the page
        # comes back is looked at each second.
        if "Failed to fetch" not in str(error):
            self.broken.append(f"an error on the page: {error}")

    def words(self) -> str:
        """Return what it did, for the table."""
        again = f", {self.n_browsers - 1} browsers ended" if self.n_browsers > 1 else ""
        return f"{self.n_states} states of the macros shown{again}"

    def end(self) -> None:
        """Close the browser."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(30.0)
