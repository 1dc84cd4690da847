"""How a target's value answers to its control's position: a curve, a range, a direction; and the inverse."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["CURVES", "Curve", "Response"]

Curve = Literal["linear", "slow", "fast", "s"]
CURVES: tuple[Curve, ...] = get_args(Curve)

_Function = Callable[[float], float]
# Each curve with its inverse.
_FUNCTIONS: dict[Curve, tuple[_Function, _Function]] = {
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
class Response:
    """How a control's position becomes a value of what it moves.

    Attributes:
        curve: `linear`; `slow` and `fast` at the low end; `s` slow at both ends.
        low, high: The range of the value that the control spans, low below high.
        invert: Whether up on the control is down in value.
    """

    curve: Curve = "linear"
    low: float = 0.0
    high: float = 1.0
    invert: bool = False

    def value(self, position: float) -> float:
        """Return the value at a position of the control, 0 to 1."""
        bent = _FUNCTIONS[self.curve][0](1.0 - position if self.invert else position)
        return min(max(self.low * (1.0 - bent) + self.high * bent, self.low), self.high)

    def position(self, value: float) -> float:
        """Return the control's position for a value; beyond the range, the nearest end.

        The inverse of `value`.
        """
        bent = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        position = min(max(_FUNCTIONS[self.curve][1](bent), 0.0), 1.0)
        return 1.0 - position if self.invert else position
