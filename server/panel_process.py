"""The browser panel beside the server: a process of its own, which ends when the server does."""

import contextlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from core.errors import ConfigError

__all__ = ["PanelProcess"]

_ROOT = Path(__file__).resolve().parent.parent
_PATIENCE_S = 4.0


class PanelProcess:
    """Starts the panel once, and stops it.

    Args:
        options: Of `python -m panel`.

    Raises:
        ConfigError: What it needs is not installed.
    """

    def __init__(self, options: list[str]) -> None:
        if find_spec("nicegui") is None:
            raise ConfigError('--panel needs NiceGUI. Install it: python -m pip install -e ".[panel]"')
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, if that has not been done."""
        if self._process is None:
            # It reads its standard input to the end: that comes even when this process is killed.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "panel", "--until-stdin-closes", *self._options],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
            )

    def stop(self) -> None:
        """Wait for it to end by itself, else kill it."""
        if self._process is None:
            return
        assert self._process.stdin is not None, "made with a pipe"
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
