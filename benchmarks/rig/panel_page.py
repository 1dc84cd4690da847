"""A panel of its own for a server, and the browser for its page."""

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from benchmarks.rig.server_process import ROOT
from core.errors import DeviceError

__all__ = ["chromium_path", "panel_page"]

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@contextlib.contextmanager
def panel_page(server_port: int, model: str) -> Iterator[str]:
    """Run a panel for a server until the end of the block, and yield the address of its page.

    Args:
        server_port: The server's.
        model: Its folder.

    Raises:
        DeviceError: It does not start.
    """
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "panel", "--port", "0", "--server-port", str(server_port)]
        process = subprocess.Popen(
            [*command, "--data", data, "--model-folder", model], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None, "made with a pipe"
        try:
            line = process.stdout.readline()
            found = re.search(r"http\S+", line)
            if found is None:
                raise DeviceError("the panel did not start. Try it by hand: python -m panel")
            yield found[0]
        finally:
            process.terminate()
            process.wait(10)


def chromium_path() -> str:
    """Return where Chromium is.

    Raises:
        DeviceError: It is not installed.
    """
    path = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if path is None:
        raise DeviceError("Chromium is not installed: sudo apt-get install chromium")
    return path
