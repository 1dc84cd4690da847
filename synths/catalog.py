"""Parameter spaces by name, and the engine that plays each: the one door every caller uses."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import yaml

from core.errors import ConfigError
from core.nearest import did_you_mean
from core.space import ParameterSpace
from synths.engine import Engine

__all__ = ["FRESH_PLUGIN", "PLUGIN", "SPACES_FOLDER", "SPACE_NAMES", "load_engine", "load_space"]

SPACES_FOLDER = Path(__file__).parent / "spaces"
_SIZES = {"vital-16": 16, "vital-32": 32, "vital-64": 64, "amsynth-16": 16, "amsynth-32": 32}
SPACE_NAMES = tuple(_SIZES)
# A space's synth that begins so is a VST3 or Audio Unit by file name: `plugin:Name.vst3`. One that remembers
# earlier notes is played by a new instance each time.
PLUGIN, FRESH_PLUGIN = "plugin:", "fresh-plugin:"


@lru_cache(maxsize=16)
def load_space(name: str) -> ParameterSpace:
    """Give a parameter space by name; the smaller ones are the first parameters of the larger.

    Args:
        name: One of `SPACE_NAMES`, or the path of a YAML file that `python -m synths.discover` wrote.

    Raises:
        ConfigError: There is no such space.
    """
    if name.endswith((".yaml", ".yml")):
        return ParameterSpace.from_yaml(Path(name))
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
    if space.synth.startswith((PLUGIN, FRESH_PLUGIN)):
        from synths.plugin import PluginEngine

        kind, name = space.synth.split(":", 1)
        return PluginEngine(name, sample_rate, fresh=f"{kind}:" == FRESH_PLUGIN)
    start = _ENGINES.get(space.synth)
    if start is None:
        raise ConfigError(f"no engine plays '{space.synth}'; {did_you_mean(space.synth, _ENGINES)}")
    return start(sample_rate)


def _vital(sample_rate: int) -> Engine:
    from synths.vital import VitalEngine

    return VitalEngine(sample_rate)


def _amsynth(sample_rate: int) -> Engine:
    from synths.amsynth import AmsynthEngine

    return AmsynthEngine(sample_rate)


_ENGINES: dict[str, Callable[[int], Engine]] = {"vital": _vital, "amsynth": _amsynth}
