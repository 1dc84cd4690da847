"""A preset, and the file that keeps it."""

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ConfigError, PatchError, ProtocolError
from core.plain_file import check_finite, is_number, parse_json, parse_yaml, read_text
from core.playing.gestures import Gestures

__all__ = [
    "SUFFIX",
    "SUFFIXES",
    "NewerFormat",
    "Preset",
    "can_be_named",
    "check_name",
    "read_preset",
    "text_of",
]

SUFFIX = ".json"
SUFFIXES = (
    ".json",
    ".yaml",
)  # YAML was written until November 2026, and takes two hundred times as long to read
_FORMAT = 1
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_MAX_BYTES = 256 << 10  # the largest space makes 10 kB of it
_MOST_VALUES = 4096
_LONGEST_NAME = 64  # characters
_JOINERS = "\u200c\u200d"  # in Persian, and in emoji of several people
_FORBIDDEN = frozenset("/\\:")


class NewerFormat(ConfigError):
    """A file of a later version of this program: it is not damaged."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A point that the player saved.

    Attributes:
        name: As given, in Unicode's composed form.
        model, space: Names of what it was made with.
        latent: The point; it means something to that model only.
        patch: Normalized value of every parameter by engine name; any model of the space reads it.
        place: Where it was on that model's map, within 0 to 1; None if that is not known.
        gestures: It was saved with; None for none. Older versions read the file without them.
    """

    name: str
    model: str
    space: str
    latent: list[float]
    patch: dict[str, float]
    place: tuple[float, float] | None = None
    gestures: Gestures | None = None


def check_name(name: str) -> str:
    """Return the name, in Unicode's composed form, if a preset or model may be called so.

    Raises:
        ProtocolError: It is empty, too long, or could be a path.
    """
    name = unicodedata.normalize("NFC", name)
    shown = name.translate(dict.fromkeys(map(ord, _JOINERS)))
    fits = shown and len(name) <= _LONGEST_NAME and shown.isprintable() and name.strip() == name
    if not fits or name.startswith(".") or _FORBIDDEN.intersection(name):
        raise ProtocolError(
            "a name has 1 to 64 printable characters, no / \\ or :, no dot first and no space at "
            "either end; choose another."
        )
    return name


def can_be_named(name: str) -> bool:
    """Whether a preset or model of that name can be asked for."""
    try:
        return check_name(name) == name
    except ProtocolError:
        return False


def text_of(preset: Preset) -> str:
    """Return what a preset's file holds."""
    data = {key: value for key, value in vars(preset).items() if value is not None}
    if preset.gestures is not None:
        data["gestures"] = preset.gestures.to_dict()
    # A line for each entry. The library's own indents put each number on a line, take much longer, and leave
    # cycles behind, which pile up until the loop is swept.
    lines = (
        f" {_JSON.encode(key)}: {_JSON.encode(value)}" for key, value in {"format": _FORMAT, **data}.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_preset(path: Path) -> Preset:
    """Read a preset's file.

    Raises:
        OSError: It cannot be opened.
        NewerFormat: A later version has written it.
        ConfigError: It holds no preset.
    """
    text = read_text(path, _MAX_BYTES)
    data = (parse_yaml if path.suffix == ".yaml" else parse_json)(text, path.name)
    if not isinstance(data, dict):
        raise ConfigError(f"{path.name} holds no preset.")
    if data.get("format") != _FORMAT:
        kind = NewerFormat if isinstance(data.get("format"), int) else ConfigError
        raise kind(f"{path.name} is of another version.")
    for key in ("name", "model", "space"):
        if not isinstance(data.get(key), str):
            raise ConfigError(f"{path.name} has no {key}.")
    try:
        name = check_name(data["name"])
    except ProtocolError as error:
        raise ConfigError(f"{path.name}: {error}") from error
    latent, patch = data.get("latent"), data.get("patch")
    if not isinstance(latent, list) or not 0 < len(latent) <= _MOST_VALUES or not all(map(is_number, latent)):
        raise ConfigError(f"{path.name}: its latent is no list of finite numbers.")
    if not isinstance(patch, dict) or not 0 < len(patch) <= _MOST_VALUES:
        raise ConfigError(f"{path.name} has no patch.")
    for parameter, value in patch.items():
        if not (isinstance(parameter, str) and is_number(value) and 0.0 <= value <= 1.0):
            raise ConfigError(f"{path.name}: the value of {str(parameter)[:64]} is no number from 0 to 1.")
    return Preset(
        name=name,
        model=data["model"],
        space=data["space"],
        latent=[float(v) for v in latent],
        patch={n: float(v) for n, v in patch.items()},
        place=_place(data.get("place"), path.name),
        gestures=_gestures(data.get("gestures"), path.name),
    )


def _gestures(given: Any, source: str) -> Gestures | None:
    if given is None:
        return None
    try:
        check_finite(given, source)
        return Gestures.from_dict(given)
    except PatchError as error:
        raise ConfigError(f"{source}: {error}") from error


def _place(given: Any, source: str) -> tuple[float, float] | None:
    if given is None:
        return None
    if not (isinstance(given, list) and len(given) == 2 and all(map(is_number, given))):
        raise ConfigError(f"{source}: its place is no pair of numbers.")
    x, y = (float(v) for v in given)
    if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
        raise ConfigError(f"{source}: its place is {x:g}, {y:g}; both go from 0 to 1.")
    return x, y
