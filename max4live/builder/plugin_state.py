"""The state of a hosted plug-in, as Max keeps it in the box of a `vst~`.

A patcher that holds it opens with the plug-in loaded and its patch in place. From the outside in:

    snapshot   what Max writes into the box: the plug-in's name, and the rest as JUCE's base64
    VC2!       JUCE's XML in a binary frame: <VST3PluginState><IComponent>, again as base64
    VstW       what Vital gives its host: the header of a VST2 bank, because it can replace its VST2
    JSON       the `.vital` file

References:
    Two public patchers in which Max saved Vital on macOS and on Windows; JUCE's VST3 wrapper and host.
"""

import base64
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["VITAL", "component_state", "juce_base64", "snapshot"]

VITAL = "C74_VST3:/Vital"  # Max's path of a VST3 plug-in, on every system

# What Max wrote on macOS, a hash of the plug-in's class. On Windows it is 858171287 for the same plug-in, and
# patchers travel between the two: Max finds a plug-in by its name.
_UNIQUE_ID = -336499275
_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_JUCE = b".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"
_TO_JUCE = bytes.maketrans(_STANDARD, _JUCE)
_VITAL_VERSION = 0x00010007  # as in those patchers, Vital 1.0.7; it is not compared
_BANK_BYTES = 128  # of a bank's header that are unused
_TRAILER = bytes(16) + b"JUCEPrivateData"
# The frames of our wavetable in 16 bits, as base64; `python -m max4live.builder.small_frames` writes them.
_SMALL_FRAMES = Path(__file__).with_name("small_frames.txt")
_FRAME_SAMPLES = 2_048
_BY_HARMONICS = 3  # Vital's way to morph
_N_OSCILLATORS = 2  # that sound in the base patch


def juce_base64(data: bytes) -> str:
    """Return bytes as JUCE writes them: their number, a point, and six bits a character, the lowest first.

    >>> juce_base64(b"VC2!")
    '4.VMjLg.'
    """
    n_characters = (8 * len(data) + 5) // 6
    padded = data + bytes(-len(data) % 3)
    # Base64 proper takes the highest bits first, so it is right when read backwards.
    text = base64.b64encode(padded[::-1]).translate(_TO_JUCE)[::-1].decode()
    return f"{len(data)}.{text[:n_characters]}"


def component_state(preset: Mapping[str, Any]) -> bytes:
    """Return the state of Vital's VST3 with the patch of a `.vital` file."""
    text = json.dumps(preset, separators=(",", ":")).encode() + b"\0"
    chunk = text + _TRAILER
    bank = struct.pack(">4sI4sI", b"FBCh", 2, b"Vita", _VITAL_VERSION)
    bank += bytes(4 + _BANK_BYTES) + struct.pack(">I", len(chunk)) + chunk
    return struct.pack(">4sIII", b"VstW", 8, 1, 0) + struct.pack(">4sI", b"CcnK", len(bank)) + bank


def snapshot(preset: Mapping[str, Any], *, small: bool = False) -> dict[str, Any]:
    """Return what the box of a `vst~` holds when Vital plays the patch of a `.vital` file.

    The wavetable of the third oscillator is left out, which is off in the base patch: a third of the bytes.

    Args:
        preset: The content of the file: our base patch, if it is to be small.
        small: Whether its wavetables are kept in 16 bits: 345 kB, not 518. The median of 20 presets is then
            -52 dB away from the exact sound (MSS 0.02 dB, 0.08 dB at most).
    """
    settings = preset["settings"]
    tables = settings["wavetables"][:_N_OSCILLATORS]
    if small:
        tables = [_in_16_bits(table) for table in tables]
    slim = {**preset, "settings": {**settings, "wavetables": tables}}
    component = juce_base64(component_state(slim))
    xml = f'<?xml version="1.0" encoding="UTF-8"?> <VST3PluginState><IComponent>{component}'
    xml += "</IComponent></VST3PluginState>"
    state = struct.pack("<4sI", b"VC2!", len(xml)) + xml.encode() + b"\0"
    return {
        "filetype": "C74Snapshot",
        "version": 2,
        "minorversion": 0,
        "name": "snapshotlist",
        "origin": "vst~",
        "type": "list",
        "subtype": "Undefined",
        "embed": 1,
        "snapshot": {
            "pluginname": "Vital.vst3info",
            "plugindisplayname": "Vital",
            "pluginsavedname": VITAL,
            "pluginsaveduniqueid": _UNIQUE_ID,
            "version": 1,
            "isbank": 0,
            "isbase64": 1,
            "blob": juce_base64(state),
        },
        "snapshotlist": {"current_snapshot": -1, "entries": []},
    }


def _in_16_bits(exact: dict[str, Any]) -> dict[str, Any]:
    """Return our wavetable with its frames as an audio file, morphed as before."""
    (group,) = exact["groups"]
    (component,) = group["components"]
    keyframes = [
        {
            "position": frame["position"],
            "start_position": float(_FRAME_SAMPLES * k),
            "window_fade": 1.0,
            "window_size": float(_FRAME_SAMPLES),
        }
        for k, frame in enumerate(component["keyframes"])
    ]
    source = {
        "type": "Audio File Source",
        "interpolation_style": component["interpolation_style"],
        "normalize_gain": False,
        "normalize_mult": False,
        "window_size": float(_FRAME_SAMPLES),
        "fade_style": _BY_HARMONICS,
        "phase_style": 0,
        "random_seed": 1,
        "audio_sample_rate": 44_100,
        "audio_file": _SMALL_FRAMES.read_text(encoding="ascii").replace("\n", ""),
        "keyframes": keyframes,
    }
    return {**exact, "groups": [{"components": [source]}]}
