"""The values of everything that a control may move."""

from collections.abc import Callable
from functools import cached_property

__all__ = ["ControlTargets"]


class ControlTargets:
    """The macros and the place on the preset map, as the controls of one turn of the loop move them in order.

    Args:
        dials: Positions of the macros' dials, `(M,)`.
        get_place: Returns the place on the map; called only where a control moves it.
    """

    def __init__(self, dials: list[float], get_place: Callable[[], tuple[float, float]]) -> None:
        self.dials = dials
        self._get_place = get_place

    @cached_property
    def place(self) -> list[float]:
        """The place, x and y."""
        return list(self._get_place())
