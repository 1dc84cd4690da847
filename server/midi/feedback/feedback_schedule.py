"""When rings and motor faders are sent where their macros are."""

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from server.midi.bindings.control_targets import FindTargets
from server.midi.codec.control import Control
from server.midi.feedback.controller_feedback import ControllerFeedback

__all__ = ["FeedbackSchedule", "FeedbackSender"]

_PACE_S = 0.03  # rings need no more; a cable of 31,250 baud carries 30 controls in that time


class FeedbackSender(Protocol):
    """Sends feedback to controllers, from a thread of its own."""

    def plugged_in(self, device: str) -> None:
        """Note that a controller was plugged in."""
        ...

    def send(self, device: str, control: Control, messages: list[bytes]) -> None:
        """Send what a control is to show; newer messages for the same control replace older ones."""
        ...

    def unplugged(self, device: str) -> None:
        """Note that a controller was unplugged."""
        ...


class FeedbackSchedule:
    """Sends feedback at a pace that cables carry.

    Args:
        sender: Sends the feedback; None for no feedback.
    """

    def __init__(self, sender: FeedbackSender | None) -> None:
        self._sender = sender
        self._due_at: float | None = None

    def macros_moved(self, now: float) -> None:
        """Note that macros have moved, so that something may have to be shown."""
        if self._due_at is None and self._sender is not None:
            self._due_at = now + _PACE_S

    def is_due(self, now: float) -> bool:
        """Whether `send` has something to do."""
        return self._due_at is not None and now >= self._due_at

    def rest_s(self, longest: float, now: float) -> float:
        """Return how soon `is_due` wants to be asked, seconds."""
        return longest if self._due_at is None else min(longest, max(0.001, self._due_at - now))

    def postpone(self, until: float) -> None:
        """Send nothing before a time."""
        self._due_at = until

    def send(self, controllers: Mapping[str, ControllerFeedback], find: FindTargets, now: float) -> None:
        """Send rings and motors the values of their macros.

        Args:
            controllers: By name.
            find: Finds where the macros are.
            now: Seconds.
        """
        self._due_at = None
        if self._sender is None:
            return
        for name, feedback in controllers.items():
            due_s = feedback.send(find, now, partial(self._sender.send, name))
            if due_s is not None:
                at = now + max(due_s, _PACE_S)
                self._due_at = at if self._due_at is None else min(self._due_at, at)
