"""Where controls are compared with their macros, and what of it clients have not been sent yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from server.midi.bindings.takeover import TakeoverMode
from server.osc.builder import osc_message

__all__ = ["PACE_S", "BindingStatus", "BindingStatuses", "short_text", "status_messages"]

PACE_S = 0.1  # clients draw a knob of the desk; faster would not look better
_MAX_NAME_BYTES = 200  # a message's text holds 256


@dataclass(frozen=True, slots=True)
class BindingStatus:
    """The state of one control that moves a macro.

    Attributes:
        macro: Number of the macro.
        control: Name of the control, with its controller.
        takeover: What happens while the control is not where its macro is; `steps` for an endless encoder.
        control_value: Value that the macro would have if it were where the control is, 0 to 1; -1 if unknown.
        engaged: Whether the macro follows the control now.
        instrument: Identity of the instrument that is moved, or what the binding calls it while it is not
            there; empty for whatever has the focus.
    """

    macro: int
    control: str
    takeover: TakeoverMode | Literal["steps"]
    control_value: float
    engaged: bool
    instrument: str = ""


class BindingStatuses:
    """What clients were sent of bindings, and when they are to be sent more.

    Attributes:
        any_bound: Whether anything is bound; if not, nothing is ever due.
    """

    def __init__(self) -> None:
        self.any_bound = False
        self._sent: list[BindingStatus] = []
        self._due_at: float | None = None

    def bindings_changed(self, n_bindings: int) -> None:
        """Note that something was bound, unbound, plugged in or out: updates are due at once."""
        self.any_bound = n_bindings > 0
        self._due_at = 0.0

    def values_changed(self, now: float) -> None:
        """Note that a macro or a control has moved; the loop calls this for every frame."""
        if self.any_bound and self._due_at is None:
            self._due_at = now + PACE_S

    def is_due(self, now: float) -> bool:
        """Whether `updates` are to be sent."""
        return self._due_at is not None and now >= self._due_at

    def rest_s(self, longest: float, now: float) -> float:
        """Return how soon `is_due` wants to be asked, seconds."""
        return longest if self._due_at is None else min(longest, max(0.001, self._due_at - now))

    def updates(self, current: list[BindingStatus]) -> list[bytes]:
        """Return the messages that bring clients from what they were sent to the current statuses."""
        before, self._sent, self._due_at = self._sent, current, None
        if [_identity(s) for s in before] != [_identity(s) for s in current]:
            return status_messages(current)
        return [_message(j, s) for j, s in enumerate(current) if s != before[j]]


def status_messages(statuses: Iterable[BindingStatus]) -> list[bytes]:
    """Return the whole list as messages: one `/flow/bindings`, and one `/flow/binding` for each."""
    items = [_message(j, status) for j, status in enumerate(statuses)]
    return [osc_message("/flow/bindings", len(items)), *items]


def _identity(status: BindingStatus) -> tuple[int, str, str, str]:
    return status.macro, status.control, status.takeover, status.instrument


def short_text(control: str) -> str:
    """Return as much of a name as fits into a message, whatever a port calls itself."""
    printable = "".join(sign if sign.isprintable() else " " for sign in control)
    return printable.encode(errors="ignore")[:_MAX_NAME_BYTES].decode(errors="ignore")


def _message(j: int, status: BindingStatus) -> bytes:
    return osc_message(
        "/flow/binding",
        j,
        status.macro,
        short_text(status.control),
        status.takeover,
        status.control_value,
        int(status.engaged),
        short_text(status.instrument),
    )
