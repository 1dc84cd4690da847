"""The values of everything that a control may move."""

from collections.abc import Callable
from functools import cached_property

__all__ = ["ControlTargets", "FindTargets"]


class ControlTargets:
    """One instrument's macros and its place on the preset map, as controls move them in one turn of the loop.

    Args:
        identity: Of the instrument.
        dials: Positions of the macros' dials, `(M,)`.
        get_place: Returns the place on the map; called only where a control moves it.
    """

    def __init__(
        self, identity: str, dials: list[float], get_place: Callable[[], tuple[float, float]]
    ) -> None:
        self.identity = identity
        self.dials = dials
        self._get_place = get_place

    @cached_property
    def place(self) -> list[float]:
        """The place, x and y."""
        return list(self._get_place())


# From an identity or a name, empty for the focus: the same targets each time; None if it is not there.
FindTargets = Callable[[str], ControlTargets | None]
