"""Examples for the pictures from the shipped model: its macros, its map and the curves of a macro."""

from functools import lru_cache

import numpy as np
import yaml
from safetensors.numpy import load_file

from max4live.picture.scene import Message
from models.installed import find_model
from server.instrument.curves import curves
from server.instrument.loaded_model import load_model
from server.instrument.preset_map import PresetMap
from server.osc.parser import read_message

__all__ = [
    "curve_messages",
    "kind_messages",
    "library_messages",
    "like_messages",
    "macro_names",
    "map_messages",
    "some_preset",
    "voice_levels",
]

_MODEL = find_model("vital-32")


@lru_cache
def macro_names() -> tuple[str, ...]:
    """Return the names of the macros."""
    return tuple(yaml.safe_load((_MODEL / "macros.yaml").read_text(encoding="utf-8"))["names"])


@lru_cache
def map_messages() -> tuple[Message, ...]:
    """Return `preset K NAME X Y` for each preset."""
    names = yaml.safe_load((_MODEL / "presets.yaml").read_text(encoding="utf-8"))["names"]
    places = load_file(_MODEL / "presets.safetensors")["places"]
    return tuple(
        ("preset", k, name, float(x), float(y))
        for k, (name, (x, y)) in enumerate(zip(names, places, strict=True))
    )


@lru_cache
def kind_messages() -> tuple[Message, ...]:
    """Return `kind KIND FIRST N` for each run of presets of one kind, as the server sends them."""
    preset_map = PresetMap(load_model(_MODEL, "numpy"), ())
    return tuple(("kind", *read_message(datagram).values) for datagram in preset_map.kinds())


_OWN = (  # invented: name, author, style
    ("Old Organ", "Ann", "Keys"),
    ("Rain on Glass", "Ann", "Experiment"),
    ("Slow Bow", "Bea", "Pad"),
    ("Velvet Sub", "Bea", "Bass"),
    ("Warm Horizon", "Ann", "Pad"),
    ("Wide Awake and Far from Home", "Bea", "Lead"),
    ("Window Seat", "Ann", "Pad"),
)
_NEAR = ("Slow Bow", "Window Seat", "Old Organ", "Rain on Glass")


def library_messages() -> list[Message]:
    """Return `preset K N NAME AUTHOR STYLE X Y REPEAT` for each of some presets of a player's own."""
    return [("preset", k, len(_OWN), *row, 0.5, 0.5, 0.2) for k, row in enumerate(_OWN)]


def like_messages() -> list[Message]:
    """Return the press on *More Like This*, and `like K N OF NAME DB` for each that sounds alike."""
    near = [("like", k, len(_NEAR), "Warm Horizon", name, 2.1 + 0.9 * k) for k, name in enumerate(_NEAR)]
    return [("alike",), *near]


def some_preset() -> tuple[str, float, float]:
    """Return the name and the place of the preset that pictures show: the first bass."""
    return next((str(name), float(x), float(y)) for _, _, name, x, y in map_messages() if "Bass" in str(name))


def curve_messages(k: int, n: int) -> list[Message]:
    """Return `curve KIND NAME V*50` of macro k at the resting point, as the server sends them."""
    loaded = load_model(_MODEL, "numpy")
    rest = np.asarray(loaded.model.macros.resting, np.float64)
    return [("curve", *read_message(datagram).values) for datagram in curves(loaded, rest, k, n)]


def voice_levels(n: int) -> list[float]:
    """Return n peaks, 30 a second, as of somebody who sings a few notes: examples, not a recording."""
    t = np.arange(n) / 30.0
    notes = np.abs(np.sin(np.pi * t / 0.9)) ** 0.5 * (0.75 + 0.25 * np.sin(2 * np.pi * 5.5 * t))
    return [float(level) for level in 0.5 * np.exp(3.2 * (np.clip(notes, 0.0, 1.0) - 1.0))]
