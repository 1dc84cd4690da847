"""Builds the instrument of `tiny_vst3`: a real VST3, small enough to be built for each run of the tests."""

import subprocess
from pathlib import Path

from tests.support.needs import DPF

__all__ = ["build_tiny_plugin", "write_tiny_space"]

_SOURCES = Path(__file__).parent / "tiny_vst3"


def build_tiny_plugin(folder: Path) -> Path:
    """Build `Tiny Synth.vst3` in a folder and return its path; takes about two seconds."""
    bundle = folder / "Tiny Synth.vst3"
    library = bundle / "Contents" / "x86_64-linux" / "Tiny Synth.so"
    library.parent.mkdir(parents=True)
    command = ["g++", "-std=gnu++17", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread"]
    command += ["-DDISTRHO_PLUGIN_TARGET_VST3", f"-I{_SOURCES}", f"-I{DPF / 'distrho'}"]
    command += [str(_SOURCES / "TinySynth.cpp"), str(DPF / "distrho" / "DistrhoPluginMain.cpp")]
    subprocess.run([*command, "-o", str(library)], check=True, capture_output=True)
    return bundle


def write_tiny_space(folder: Path) -> Path:
    """Write the space of `Tiny Synth.vst3` into a folder and return its path."""
    rows = [
        {"name": name, "label": name, "range": [0, 1], "neutral": 0.5, "cc": k}
        for k, name in enumerate(("Decay", "Detune", "Brightness"))
    ]
    space = folder / "tiny.yaml"
    space.write_text(f"{{name: tiny-3, synth: 'plugin:Tiny Synth.vst3', parameters: {rows}}}")
    return space
