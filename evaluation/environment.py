"""What a figure was measured on, in a line."""

import importlib.metadata
import os
import platform
from pathlib import Path

__all__ = ["hardware", "versions"]

_PACKAGES = ("numpy", "scipy", "torch", "vita")


def hardware() -> str:
    """Say which processor this is, and how many of its cores there are."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}"


def versions() -> str:
    """Say which versions of Python and of the packages that matter are there."""
    found = [f"Python {platform.python_version()}"]
    for name in _PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def _processor() -> str:
    table = Path("/proc/cpuinfo")  # where Linux says it; elsewhere `platform` does
    if table.is_file():
        for line in table.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
