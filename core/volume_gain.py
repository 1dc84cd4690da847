"""How a synth's volume changes its level, as far as that was measured."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.errors import ConfigError

__all__ = ["VolumeGain"]


@dataclass(frozen=True, kw_only=True)
class VolumeGain:
    """The parameter that levels a space's patches.

    Attributes:
        name: Of the parameter.
        gain_db: Its gain at even normalized values from 0 to 1, rising; only differences mean something.
    """

    name: str
    gain_db: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for YAML; `from_dict` undoes it."""
        return {"name": self.name, "gain_db": list(self.gain_db)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "VolumeGain":
        """Read plain data.

        Raises:
            ConfigError: The gains are no finite numbers that rise.
            KeyError, TypeError, ValueError: Something is missing or of the wrong kind.
        """
        gain_db = tuple(float(gain) for gain in data["gain_db"])
        rising = all(a <= b for a, b in pairwise(gain_db))  # never true of what is not a number
        if len(gain_db) < 2 or not rising or not all(map(math.isfinite, gain_db)):
            raise ConfigError("the gains of its volume are two or more finite numbers that rise.")
        return cls(name=str(data["name"]), gain_db=gain_db)
