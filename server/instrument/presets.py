"""The player's own presets: YAML files in the data folder, held in memory while the server runs.

No name from the network is ever a path: a file is called by a digest of the preset's name.
"""

import hashlib
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from core.atomic_file import write_atomically
from core.errors import ConfigError, PatchError, ProtocolError
from core.playing.gestures import Gestures

__all__ = ["MAX_PRESETS", "Preset", "PresetStore", "can_be_named", "check_name"]

logger = logging.getLogger(__name__)

MAX_PRESETS = 512
_FORMAT = 1
_FORBIDDEN = frozenset("/\\:")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml: ten times as fast


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A point that the player saved.

    Attributes:
        name: As given.
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
    """Return the name if a preset or model may be called so.

    Raises:
        ProtocolError: It is empty, too long, or could be a path.
    """
    fits = 1 <= len(name) <= 64 and name.isprintable() and name.strip() == name
    if not fits or name.startswith(".") or _FORBIDDEN.intersection(name):
        raise ProtocolError(
            "a name has 1 to 64 printable characters, no / \\ or :, no dot first and no space at "
            "either end; choose another."
        )
    return name


def can_be_named(name: str) -> bool:
    """Whether a preset or model of that name can be asked for."""
    try:
        check_name(name)
    except ProtocolError:
        return False
    return True


class PresetStore:
    """The player's presets: all in memory, each also in a file.

    Args:
        folder: Where the files are; made when the first is saved.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.presets: dict[str, Preset] = {}
        for path in sorted(folder.glob("*.yaml"))[:MAX_PRESETS] if folder.is_dir() else []:
            try:
                preset = _read(path)
            except ConfigError as error:
                logger.warning("%s", error)
                continue
            self.presets[preset.name] = preset

    def put(self, preset: Preset) -> None:
        """Hold a preset in memory, so that it can be loaded at once.

        Raises:
            ProtocolError: The name is not allowed, or there are too many.
        """
        check_name(preset.name)
        if preset.name not in self.presets and len(self.presets) >= MAX_PRESETS:
            raise ProtocolError(
                f"there are {MAX_PRESETS} presets; delete some from {self.folder} and restart."
            )
        self.presets[preset.name] = preset

    def write(self, preset: Preset) -> Path:
        """Write a preset's file, whole or not at all. For a worker thread.

        Raises:
            ConfigError: The folder cannot be written.
        """
        digest = hashlib.sha256(preset.name.encode()).hexdigest()[:16]
        path = self.folder / f"{digest}.yaml"
        text = yaml.safe_dump({"format": _FORMAT, **_plain(preset)}, sort_keys=False, allow_unicode=True)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text)
        except OSError as error:
            raise ConfigError(
                f"'{preset.name}' could not be saved to {self.folder}: {error.strerror}. It is "
                "kept until the server stops; start it with --data FOLDER to save elsewhere."
            ) from error
        return path


def _read(path: Path) -> Preset:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
        if data.pop("format") != _FORMAT:
            raise ConfigError(f"{path} is of another version; it is left out.")
        preset = Preset(
            name=check_name(str(data["name"])),
            model=str(data["model"]),
            space=str(data["space"]),
            latent=[float(v) for v in data["latent"]],
            patch={str(n): float(v) for n, v in data["patch"].items()},
            place=_place(data.get("place")),
            gestures=_gestures(data.get("gestures")),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} is not a preset and is left out: {error!r}") from error
    except (PatchError, ProtocolError) as error:
        raise ConfigError(f"{path} is left out: {error}") from error
    return preset


def _plain(preset: Preset) -> dict[str, Any]:
    data = asdict(replace(preset, gestures=None))
    del data["gestures"]
    if preset.gestures is not None:
        data["gestures"] = preset.gestures.to_dict()
    if preset.place is None:
        del data["place"]
    else:
        data["place"] = list(preset.place)
    return data


def _gestures(given: Any) -> Gestures | None:
    return None if given is None else Gestures.from_dict(given)


def _place(given: Any) -> tuple[float, float] | None:
    if given is None:
        return None
    x, y = (float(v) for v in given)
    if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
        raise ValueError(f"its place is {x:g}, {y:g}; both go from 0 to 1")
    return x, y
