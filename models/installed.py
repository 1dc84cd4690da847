"""The models that come with this program, by name."""

import os
from pathlib import Path

from core.errors import ConfigError
from core.nearest import did_you_mean

__all__ = ["PRETRAINED", "find_model", "list_models"]

PRETRAINED = Path(__file__).resolve().parent / "pretrained"


def list_models(folder: Path = PRETRAINED) -> dict[str, Path]:
    """Return the model folders that can be asked for by name."""
    found = sorted(folder.glob("*/model.yaml")) if folder.is_dir() else []
    return {path.parent.name: path.parent for path in found}


def find_model(wanted: str) -> Path:
    """Return the folder of a model that a command line names, by name or by path.

    Raises:
        ConfigError: There is neither a model nor a folder of that name.
    """
    known = list_models()
    if wanted in known:
        return known[wanted]
    if os.path.isdir(wanted):  # unlike a Path's, it takes any text
        return Path(wanted).resolve()
    if not known:
        raise ConfigError(
            f"there is no model '{wanted}', and none in {PRETRAINED}. Fetch one, or name a folder."
        )
    raise ConfigError(f"there is no model '{wanted}'; {did_you_mean(wanted, known)}")
