"""From a control's place to a macro's value: a curve, a direction, a range, and back."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["CURVES", "Curve", "Shape"]

Curve = Literal["linear", "slow", "fast", "s"]
CURVES: tuple[Curve, ...] = get_args(Curve)

_Map = Callable[[float], float]
_PAIRS: dict[Curve, tuple[_Map, _Map]] = {
    "linear": (lambda x: x, lambda y: y),
    "slow": (lambda x: x * x, lambda y: math.sqrt(y)),
    "fast": (lambda x: 1.0 - (1.0 - x) ** 2, lambda y: 1.0 - math.sqrt(1.0 - y)),
    # 3 x^2 - 2 x^3 and its inverse by the trigonometric solution of the cubic.
    "s": (
        lambda x: x * x * (3.0 - 2.0 * x),
        lambda y: 0.5 - math.sin(math.asin(1.0 - 2.0 * y) / 3.0),
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How a control's place becomes a macro's value.

    Attributes:
        curve: `linear`; `slow` and `fast` at the low end; `s` at both ends slow.
        low, high: The part of the macro that it spans, low below high.
        invert: Whether up on the control is down on the macro.
    """

    curve: Curve = "linear"
    low: float = 0.0
    high: float = 1.0
    invert: bool = False

    def value(self, place: float) -> float:
        """Give the macro's value for a place, 0 to 1."""
        bent = _PAIRS[self.curve][0](1.0 - place if self.invert else place)
        return min(max(self.low * (1.0 - bent) + self.high * bent, self.low), self.high)

    def place(self, value: float) -> float:
        """Give the place for a macro's value; beyond the range, the nearest end. It undoes `value`."""
        bent = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        place = min(max(_PAIRS[self.curve][1](bent), 0.0), 1.0)
        return 1.0 - place if self.invert else place
