"""Parameter spaces by name, and the engine that plays each: the one door every caller uses."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import yaml

from core.errors import ConfigError
from core.nearest import did_you_mean
from core.space import ParameterSpace
from synths.engine import Engine

__all__ = ["SPACES_FOLDER", "SPACE_NAMES", "load_engine", "load_space"]

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


def load_engine(space: ParameterSpace, sample_rate: int = 22_050) -> Engine:
    """Start an engine that plays patches of a space; it belongs to the thread that starts it.

    The synth is imported here and not before, so reading a space costs nothing.

    Args:
        space: Whose patches are to be played; its `synth` names the engine.
        sample_rate: Of the renders, Hz.

    Raises:
        ConfigError: No engine plays this synth.
        RenderError: The synth is not installed, or does not start.
    """
    start = _ENGINES.get(space.synth)
    if start is None:
        raise ConfigError(f"no engine plays '{space.synth}'; {did_you_mean(space.synth, _ENGINES)}")
    return start(sample_rate)


def _vital(sample_rate: int) -> Engine:
    from synths.vital import VitalEngine

    return VitalEngine(sample_rate)


_ENGINES: dict[str, Callable[[int], Engine]] = {"vital": _vital}
