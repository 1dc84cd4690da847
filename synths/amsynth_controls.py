"""The 41 controls of amsynth: the range of each, whether it has steps, and its value beneath every space."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from synths.space_files import SPACES_FOLDER

__all__ = ["CONTROLS_FILE", "AmsynthControl", "controls", "normalized_preset"]

CONTROLS_FILE: Path = SPACES_FOLDER / "amsynth-controls.yaml"


@dataclass(frozen=True, kw_only=True)
class AmsynthControl:
    """A control of amsynth.

    Attributes:
        low, high: Range of the value in banks; normalized is linear in it.
        start: The value amsynth starts with, and what it has in an old bank that lacks the control.
        base: Its value in every space that does not move it.
        stepped: Whether it takes whole values only.
    """

    low: float
    high: float
    start: float
    base: float
    stepped: bool = False

    def normalized(self, value: float) -> float:
        """Turn a bank's value into the plug-in's, 0 to 1; it is kept in range, as amsynth does."""
        if self.stepped:
            value = round(value)
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def value(self, normalized: float) -> float:
        """Turn the plug-in's value into that of a bank."""
        value = self.low + normalized * (self.high - self.low)
        return float(round(value)) if self.stepped else value


@lru_cache(maxsize=1)
def controls() -> Mapping[str, AmsynthControl]:
    """Return the controls by name, in the plug-in's order."""
    rows = yaml.safe_load(CONTROLS_FILE.read_text(encoding="utf-8"))["controls"]
    return {row.pop("name"): AmsynthControl(**row) for row in rows}


def normalized_preset(values: Mapping[str, float]) -> dict[str, float]:
    """Return the plug-in's value of every control for the values of a bank's preset."""
    return {name: control.normalized(values.get(name, control.start)) for name, control in controls().items()}
