"""What a controller's control really sends, and how its values become positions nevertheless."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.facts import read_facts, write_facts

__all__ = ["KIND", "Trim", "read_trims", "write_trims"]

KIND = "controller"  # of the facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Trim:
    """The part of a range that a control uses, and how quietly it rests there.

    Attributes:
        low, high: Raw values at its ends; a worn or coarse one reaches neither 0 nor the highest.
        jitter: By so much its value changes while nobody moves it.
    """

    low: int
    high: int
    jitter: int = 0

    def position(self, raw: int) -> float:
        """Return the position, 0 to 1, of a raw value; both ends are reached."""
        return min(max((raw - self.low) / (self.high - self.low), 0.0), 1.0)

    def raw(self, position: float) -> int:
        """Return the raw value nearest to a position, 0 to 1; the inverse of `position`."""
        return round(self.low + position * (self.high - self.low))


def read_trims(device: str, folder: Path | None = None) -> dict[str, Trim]:
    """Read what was measured of a controller, by control, such as `cc 20 channel 1`.

    What makes no sense is left out.
    """
    rows = (read_facts(KIND, device, folder) or {}).get("controls")
    found: dict[str, Trim] = {}
    for name, row in rows.items() if isinstance(rows, Mapping) else ():
        try:
            trim = Trim(low=int(row["low"]), high=int(row["high"]), jitter=int(row["jitter"]))
        except (KeyError, TypeError, ValueError):
            continue
        if 0 <= trim.low < trim.high <= 16_383 and 0 <= trim.jitter < trim.high - trim.low:
            found[str(name)] = trim
    return found


def write_trims(device: str, rows: Mapping[str, Mapping[str, Any]], folder: Path | None = None) -> Path:
    """Add what was measured of some controls to what is known of a controller.

    Raises:
        ConfigError: The folder cannot be written.
    """
    before = (read_facts(KIND, device, folder) or {}).get("controls")
    known = dict(before) if isinstance(before, Mapping) else {}
    known.update({name: dict(row) for name, row in rows.items()})
    return write_facts(KIND, device, {"controls": known}, folder)
