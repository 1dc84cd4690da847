"""Where controls stand compared with their macros, and what of it clients have not been told."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from server.midi.bindings.takeover import Mode
from server.osc.builder import osc_message

__all__ = ["PACE_S", "BindingStatus", "BindingStatuses", "messages"]

PACE_S = 0.1  # what a player is shown of a knob on the desk need not be faster
_LONGEST = 200  # bytes of a control's name; a message's text holds 256


@dataclass(frozen=True, slots=True)
class BindingStatus:
    """One control that moves a macro, and where it is.

    Attributes:
        macro: Which it moves.
        control: In words, with its device.
        takeover: What happens where the macro stands elsewhere; `steps` for an endless encoder.
        where: Value of the macro if it were where the control is, 0 to 1; -1 if nobody knows yet.
        holds: Whether the macro goes with the control now.
    """

    macro: int
    control: str
    takeover: Mode | Literal["steps"]
    where: float
    holds: bool


class BindingStatuses:
    """What clients know, and when they are to be told more.

    Attributes:
        any: Whether anything is bound; without, nothing is ever due.
    """

    def __init__(self) -> None:
        self.any = False
        self._told: list[BindingStatus] = []
        self._due_at: float | None = None

    def changed(self, n_bound: int) -> None:
        """Something was bound, unbound, plugged in or out: that is told at once."""
        self.any = n_bound > 0
        self._due_at = 0.0

    def moved(self, now: float) -> None:
        """A macro or a control has moved; the loop calls this for every frame."""
        if self.any and self._due_at is None:
            self._due_at = now + PACE_S

    def is_due(self, now: float) -> bool:
        """Say whether `news` is wanted."""
        return self._due_at is not None and now >= self._due_at

    def rest_s(self, longest: float, now: float) -> float:
        """Say how soon that will be."""
        return longest if self._due_at is None else min(longest, max(0.001, self._due_at - now))

    def news(self, present: list[BindingStatus]) -> list[bytes]:
        """Give the messages that bring clients from what they were told to the present."""
        before, self._told, self._due_at = self._told, present, None
        if [_what(s) for s in before] != [_what(s) for s in present]:
            return messages(present)
        return [_message(j, s) for j, s in enumerate(present) if s != before[j]]


def messages(statuses: Iterable[BindingStatus]) -> list[bytes]:
    """Give the whole list as `/flow/bindings` and one `/flow/binding` for each."""
    items = [_message(j, status) for j, status in enumerate(statuses)]
    return [osc_message("/flow/bindings", len(items)), *items]


def _what(status: BindingStatus) -> tuple[int, str, str]:
    return status.macro, status.control, status.takeover


def _text(control: str) -> str:
    """Give what fits into a message, whatever a port calls itself."""
    printable = "".join(sign if sign.isprintable() else " " for sign in control)
    return printable.encode(errors="ignore")[:_LONGEST].decode(errors="ignore")


def _message(j: int, status: BindingStatus) -> bytes:
    return osc_message(
        "/flow/binding",
        j,
        status.macro,
        _text(status.control),
        status.takeover,
        status.where,
        int(status.holds),
    )
