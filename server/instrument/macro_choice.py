"""What a player chose for one model: the macros on the dials, their names, and macros of the player's own.

One YAML file for each model. No name from the network is ever a path: a file is called by a digest.
"""

import hashlib
import logging
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.plain_file import read_yaml
from core.store.data_folder import make_private
from server.instrument.own_macro import OwnMacro
from server.instrument.preset_file import can_be_named

__all__ = ["MacroChoice", "choice_path", "read_choice", "write_choice"]

logger = logging.getLogger(__name__)

_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class MacroChoice:
    """What a player chose for one model.

    A macro is known by the name that the model gives it, or that it was made under; the player may show
    another.

    Attributes:
        model: Name of the model.
        dials: Macros on the dials, in order; fewer than there are dials where nothing was chosen.
        names: Names that the player gave, by the macros' own.
        own: Macros that the player made, also those of other trainings of the model.
    """

    model: str
    dials: tuple[str, ...] = ()
    names: dict[str, str]
    own: tuple[OwnMacro, ...] = ()


def choice_path(folder: Path, model: str) -> Path:
    """Return the file of a model's choice."""
    return folder / f"{hashlib.sha256(model.encode()).hexdigest()[:16]}.yaml"


def read_choice(folder: Path, model: str) -> MacroChoice:
    """Read what was chosen for a model; a file that makes no sense is reported, and nothing is chosen."""
    path = choice_path(folder, model)
    empty = MacroChoice(model=model, names={})
    if not path.exists():
        return empty
    try:
        data = read_yaml(path)
        if data["format"] != _FORMAT or data["model"] != model:
            raise ValueError("it is of another version or model")
        return MacroChoice(
            model=model,
            dials=tuple(str(name) for name in data["dials"]),
            names={str(key): _named(name) for key, name in data["names"].items()},
            own=tuple(_own(item) for item in data["own"]),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ConfigError) as error:
        logger.warning(
            "%s is not a choice of macros and is left out: %r. Correct it, or delete it.", path, error
        )
        return empty


def write_choice(folder: Path, choice: MacroChoice) -> Path:
    """Write a choice, whole or not at all. For a worker thread.

    Raises:
        ConfigError: The folder cannot be written.
    """
    path = choice_path(folder, choice.model)
    own = [{**asdict(macro), "direction": list(macro.direction)} for macro in choice.own]
    data = {"dials": list(choice.dials), "names": choice.names, "own": own}
    text = yaml.safe_dump(
        {"format": _FORMAT, "model": choice.model, **data}, sort_keys=False, allow_unicode=True
    )
    try:
        make_private(folder)
        write_atomically(path, text)
    except OSError as error:
        raise ConfigError(
            f"the choice of macros could not be saved to {folder}: {error.strerror}. It is kept until the "
            "server stops; start it with --data FOLDER to save elsewhere."
        ) from error
    return path


def _named(name: Any) -> str:
    if not isinstance(name, str) or not can_be_named(name):
        raise ValueError(f"{name!r} cannot be a name")
    return name


def _own(item: Any) -> OwnMacro:
    macro = OwnMacro(
        name=_named(item["name"]),
        training=str(item["training"]),
        direction=tuple(float(x) for x in item["direction"]),
        low=float(item["low"]),
        high=float(item["high"]),
    )
    square = sum(x * x for x in macro.direction)
    if not (abs(square - 1.0) < 1e-3 and math.isfinite(macro.high - macro.low) and macro.low < macro.high):
        raise ValueError(f"{macro.name!r} leads nowhere")
    return macro
