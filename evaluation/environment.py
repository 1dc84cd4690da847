"""What figures were measured on: processor, operating system and versions."""

import importlib.metadata
import os
import platform
from pathlib import Path

__all__ = ["hardware", "versions"]

_PACKAGES = ("numpy", "scipy", "torch", "vita")


def hardware() -> str:
    """Return the processor, its number of cores and the operating system, in a line."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}"


def versions() -> str:
    """Return the versions of Python and of the packages that matter, in a line."""
    found = [f"Python {platform.python_version()}"]
    for name in _PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def _processor() -> str:
    table = Path("/proc/cpuinfo")  # on Linux; elsewhere `platform` knows
    if table.is_file():
        for line in table.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
