"""The values of everything that a control may move."""

from collections.abc import Callable
from functools import cached_property

from server.midi.bindings.command import Command

__all__ = ["ControlTargets", "FindTargets"]


class ControlTargets:
    """One instrument's macros and its place on the preset map, as controls move them in one turn of the loop.

    Args:
        identity: Of the instrument.
        dials: Positions of the macros' dials, `(M,)`.
        get_place: Returns the place on the map; called only where a control moves it.
        is_on: Whether a command that is on or off is on; called only where a control gives it.
    """

    def __init__(
        self,
        identity: str,
        dials: list[float],
        get_place: Callable[[], tuple[float, float]],
        is_on: Callable[[Command], bool] = lambda command: False,
    ) -> None:
        self.identity = identity
        self.dials = dials
        self._get_place = get_place
        self._is_on = is_on
        self._switched: dict[Command, bool] = {}

    def is_on(self, command: Command) -> bool:
        """Whether a command is on, or will be once this turn's orders are carried out."""
        found = self._switched.get(command)
        return self._is_on(command) if found is None else found

    def switch(self, command: Command, on: bool) -> None:
        """Note that a command was ordered on or off in this turn."""
        self._switched[command] = on

    @cached_property
    def place(self) -> list[float]:
        """The place, x and y."""
        return list(self._get_place())


# From an identity or a name, empty for the focus: the same targets each time; None if it is not there.
FindTargets = Callable[[str], ControlTargets | None]
