"""A Live parameter: what Live automates, maps, shows on Push and saves in the Set."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from max4live.builder.errors import DesignError

__all__ = ["Kind", "Parameter", "Unit", "Visibility"]


class Kind(IntEnum):
    """What a parameter holds, in Max's numbers."""

    FLOAT = 0
    INT = 1
    ENUM = 2
    BLOB = 3


class Unit(IntEnum):
    """How Live writes a value, in Max's numbers."""

    INT = 0
    FLOAT = 1
    TIME_MS = 2
    HERTZ = 3
    DECIBEL = 4
    PERCENT = 5
    SEMITONE = 7
    MIDI_NOTE = 8
    CUSTOM = 9


class Visibility(IntEnum):
    """Whether Live automates a parameter, only stores it in the Set, or neither."""

    AUTOMATED = 0
    STORED = 1
    HIDDEN = 2


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a device.

    Attributes:
        name: Long name. Live identifies automation and saved values by it, so it never changes.
        short: Name on the dial and on Push, where 8 letters fit.
        info: Sentence for Live's Info View: what it does.
        title: What the Info View calls it; its name, if empty.
        kind: What it holds.
        low, high: Range.
        initial: Value of a new device.
        unit: How Live writes the value.
        unit_text: For `Unit.CUSTOM`, a printf format such as `%.1f s`.
        choices: Items of an enumeration.
        visibility: Whether Live automates it, only stores it, or neither.
    """

    name: str
    info: str
    short: str = ""
    title: str = ""
    kind: Kind = Kind.FLOAT
    low: float = 0.0
    high: float = 1.0
    initial: float = 0.0
    unit: Unit = Unit.FLOAT
    unit_text: str = ""
    choices: tuple[str, ...] = ()
    visibility: Visibility = Visibility.AUTOMATED

    def __post_init__(self) -> None:
        """Refuse what Live would accept silently and show wrongly.

        Raises:
            DesignError: A name, the range, the initial value or the items are wrong.
        """
        if not self.name or not self.info.endswith("."):
            raise DesignError(f"parameter '{self.name}' needs a name, and information that is a sentence")
        if self.kind is Kind.ENUM and len(self.choices) < 2:
            raise DesignError(f"'{self.name}' needs at least two choices")
        if self.kind is Kind.BLOB:
            return
        low, high = self.range
        if not low < high or not low <= self.initial <= high:
            raise DesignError(f"'{self.name}': {self.initial} is outside {low} to {high}")
        if self.kind is Kind.INT and not (low >= 0 and high <= 255):
            raise DesignError(f"'{self.name}': Live keeps an integer parameter in 0 to 255")
        if (self.unit is Unit.CUSTOM) != bool(self.unit_text):
            raise DesignError(f"'{self.name}': Unit.CUSTOM needs a unit text, and no other unit takes one")

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest value; an enumeration counts its items from 0."""
        if self.kind is Kind.ENUM:
            return 0.0, float(len(self.choices) - 1)
        return self.low, self.high

    @property
    def short_name(self) -> str:
        """Name shown on the dial."""
        return self.short or self.name

    def json(self) -> dict[str, Any]:
        """Return the `valueof` of the box, as Max writes it."""
        values: dict[str, Any] = {
            "parameter_longname": self.name,
            "parameter_shortname": self.short_name,
            "parameter_type": int(self.kind),
            "parameter_invisible": int(self.visibility),
            "parameter_annotation_name": self.title or self.name,
            "parameter_linknames": 0,  # linked, Max would rename the box, which pages know by its name
        }
        if self.kind is Kind.BLOB:
            return values
        low, high = self.range
        values |= {
            "parameter_initial": [self.initial],
            "parameter_initial_enable": 1,
            "parameter_mmax": high,
            "parameter_modmode": 4 if self.kind is Kind.INT else 0 if self.kind is Kind.ENUM else 2,
        }
        if self.kind is Kind.ENUM:
            return values | {"parameter_enum": list(self.choices)}
        values |= {"parameter_mmin": low, "parameter_unitstyle": int(self.unit)}
        return values | ({"parameter_units": self.unit_text} if self.unit_text else {})
