"""Parameter spaces by name: `vital-16`, `vital-32`, `vital-64`."""

from functools import lru_cache
from pathlib import Path

import yaml

from core.errors import ConfigError
from core.nearest import did_you_mean
from core.space import ParameterSpace

__all__ = ["SPACES_FOLDER", "SPACE_NAMES", "load_space"]

SPACES_FOLDER = Path(__file__).parent / "spaces"
_SIZES = {"vital-16": 16, "vital-32": 32, "vital-64": 64}
SPACE_NAMES = tuple(_SIZES)


@lru_cache(maxsize=len(_SIZES))
def load_space(name: str) -> ParameterSpace:
    """Give a parameter space by name; the smaller ones are the first parameters of the larger.

    Raises:
        ConfigError: There is no such space.
    """
    if name not in _SIZES:
        raise ConfigError(f"there is no space '{name}'; {did_you_mean(name, _SIZES)}")
    synth = name.split("-")[0]
    data = yaml.safe_load((SPACES_FOLDER / f"{synth}.yaml").read_text(encoding="utf-8"))
    whole = ParameterSpace.from_dict({"name": synth, **data}, f"{synth}.yaml")
    return whole.first(_SIZES[name], name)
