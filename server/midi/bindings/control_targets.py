"""Where everything stands that a control may move."""

from collections.abc import Callable
from functools import cached_property

__all__ = ["ControlTargets"]


class ControlTargets:
    """Macros and the place on the map, as the controls of one turn move them one after the other.

    Args:
        dials: Where the macros stand, `(M,)`.
        ask: Gives the place on the map; asked only where a control moves it.
    """

    def __init__(self, dials: list[float], ask: Callable[[], tuple[float, float]]) -> None:
        self.dials = dials
        self._ask = ask

    @cached_property
    def place(self) -> list[float]:
        """The place, x and y."""
        return list(self._ask())
