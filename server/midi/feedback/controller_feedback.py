"""All rings and motor faders of one controller."""

from collections.abc import Callable, Iterable, Sequence

from server.midi.bindings.active_binding import ActiveBinding
from server.midi.codec.control import Control, ControlEvent
from server.midi.feedback.echo import ECHO_S
from server.midi.feedback.feedback_channel import FeedbackChannel, has_feedback

__all__ = ["ControllerFeedback"]

_LONG_AGO = -1e9


class ControllerFeedback:
    """The feedback channels of one controller; each indicator shows one macro, the first bound to it."""

    def __init__(self) -> None:
        self._sent_at = _LONG_AGO
        self.set_bindings(())

    def set_bindings(self, bindings: Iterable[ActiveBinding]) -> None:
        """Replace the bindings that are shown; what the indicators show is not known then."""
        self._channels: dict[Control, FeedbackChannel] = {}  # by indicator
        self._by_control: dict[Control, list[FeedbackChannel]] = {}
        self._by_touch: dict[Control, list[FeedbackChannel]] = {}
        for active in bindings:
            if has_feedback(active):
                self._add(FeedbackChannel(active))

    def _add(self, channel: FeedbackChannel) -> None:
        if channel.indicator in self._channels:
            return
        binding = channel.active.binding
        self._channels[channel.indicator] = channel
        self._by_control.setdefault(binding.control, []).append(channel)
        if binding.touch is not None:
            self._by_touch.setdefault(binding.touch, []).append(channel)

    def is_echo(self, event: ControlEvent, now: float) -> bool:
        """Whether an event is our own feedback."""
        found = (self._channels.get(key) for key in event.control.keys())
        return any(channel is not None and channel.is_echo(event, now) for channel in found)

    def may_be_echo(self, now: float) -> bool:
        """Whether an event that comes now may be our own feedback, whatever it is."""
        return now - self._sent_at <= ECHO_S

    def control_moved(self, event: ControlEvent, now: float) -> None:
        """Note that the hand has moved, struck or let go of a control."""
        keys = event.control.keys()
        for key in keys:
            for channel in self._by_touch.get(key, ()):
                channel.finger_on = event.raw > 0
        for key in keys:
            for channel in self._by_control.get(key, ()):
                channel.control_moved(event, now)

    def send(
        self, dials: Sequence[float], now: float, send: Callable[[Control, list[bytes]], None]
    ) -> float | None:
        """Send every indicator that is not under a hand the value of its macro.

        Args:
            dials: Positions of the macros' dials, `(M,)`.
            now: Seconds.
            send: Called with an indicator and the messages for it.

        Returns:
            In how many seconds another one is due; None: all show their macros.
        """
        soonest: float | None = None
        for channel in self._channels.values():
            k = channel.active.binding.macro
            if k is None or k >= len(dials):  # another model may have fewer
                continue
            due_s = channel.due_s(dials[k], now)
            if due_s is None:
                continue
            if due_s > 0.0:
                soonest = due_s if soonest is None else min(soonest, due_s)
                continue
            send(*channel.update(dials[k], now))
            self._sent_at = now
        return soonest
