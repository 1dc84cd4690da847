"""What some tests need of the machine, and the command that brings it."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from core.errors import RenderError

__all__ = ["DPF", "needs_amsynth", "needs_pyav", "needs_vst3_tools"]

DPF = Path("/usr/share/dpf")  # plug-in framework that Debian has as source; VST3 without Steinberg's SDK


def _amsynth() -> bool:
    from synths.amsynth import find_plugin

    try:
        return find_plugin().is_file()
    except RenderError:
        return False


needs_amsynth = pytest.mark.skipif(not _amsynth(), reason="no amsynth: sudo apt-get install amsynth")
needs_vst3_tools = pytest.mark.skipif(
    not DPF.is_dir() or shutil.which("g++") is None,
    reason="no VST3 to host: sudo apt-get install dpf-source g++",
)
needs_pyav = pytest.mark.skipif(
    importlib.util.find_spec("av") is None, reason="no PyAV: python -m pip install av"
)
