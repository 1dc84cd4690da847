"""The parameter spaces that come with the program, read from `synths/spaces`.

`SYNTH.yaml` lists a synth's parameters and the sizes of its spaces: `vital-16` is the first 16 parameters of
`vital.yaml`. A file with a hyphen in its name holds something else that is known of a synth.
"""

from functools import lru_cache
from pathlib import Path

import yaml

from core.errors import ConfigError
from core.nearest import did_you_mean
from core.space import ParameterSpace

__all__ = ["SPACES_FOLDER", "load_space", "space_names"]

SPACES_FOLDER = Path(__file__).parent / "spaces"


@lru_cache(maxsize=16)
def load_space(name: str) -> ParameterSpace:
    """Return a parameter space by name; the smaller ones are the first parameters of the larger.

    Args:
        name: One of `space_names()`, or the path of a YAML file that `python -m synths.discover` wrote.

    Raises:
        ConfigError: There is no such space.
    """
    if name.endswith((".yaml", ".yml")):
        return ParameterSpace.from_yaml(Path(name))
    synth, _, size = name.rpartition("-")
    if name not in space_names(synth):
        raise ConfigError(f"there is no space '{name}'; {did_you_mean(name, space_names())}")
    return _read(synth)[0].first(int(size), name)


def space_names(synth: str | None = None) -> tuple[str, ...]:
    """Return the names of a synth's spaces, the smallest first; of all synths if none is given.

    A synth without a space here has none.
    """
    synths = sorted(path.stem for path in SPACES_FOLDER.glob("*.yaml") if "-" not in path.stem)
    return tuple(f"{s}-{n}" for s in synths if synth in (None, s) for n in _read(s)[1])


@lru_cache
def _read(synth: str) -> tuple[ParameterSpace, tuple[int, ...]]:
    """Return all parameters of a synth, and the sizes of its spaces."""
    data = yaml.safe_load((SPACES_FOLDER / f"{synth}.yaml").read_text(encoding="utf-8"))
    return ParameterSpace.from_dict({"name": synth, **data}, f"{synth}.yaml"), tuple(data["sizes"])
