"""All rings and motor faders of one controller."""

from collections.abc import Callable, Iterable

from server.midi.bindings.active_binding import ActiveBinding
from server.midi.bindings.control_targets import FindTargets
from server.midi.codec.control import Control, ControlEvent
from server.midi.feedback.echo import ECHO_S
from server.midi.feedback.feedback_channel import FeedbackChannel, has_feedback

__all__ = ["ControllerFeedback"]

_LONG_AGO = -1e9


class ControllerFeedback:
    """The feedback channels of one controller; each indicator shows one macro, the first bound to it.

    While the instrument of that macro is not there, it shows the next.
    """

    def __init__(self) -> None:
        self._sent_at = _LONG_AGO
        self.set_bindings(())

    def set_bindings(self, bindings: Iterable[ActiveBinding]) -> None:
        """Replace the bindings that are shown; what the indicators show is not known then."""
        self._channels: dict[Control, list[FeedbackChannel]] = {}  # by indicator
        self._shown: dict[Control, FeedbackChannel] = {}  # by indicator
        self._by_control: dict[Control, list[FeedbackChannel]] = {}
        self._by_touch: dict[Control, list[FeedbackChannel]] = {}
        for active in bindings:
            if has_feedback(active):
                self._add(FeedbackChannel(active))

    def _add(self, channel: FeedbackChannel) -> None:
        binding = channel.active.binding
        others = self._channels.setdefault(channel.indicator, [])
        if any(other.active.binding.instrument in ("", binding.instrument) for other in others):
            return  # that one is always there when this one is
        others.append(channel)
        self._by_control.setdefault(binding.control, []).append(channel)
        if binding.touch is not None:
            self._by_touch.setdefault(binding.touch, []).append(channel)

    def is_echo(self, event: ControlEvent, now: float) -> bool:
        """Whether an event is our own feedback."""
        return any(
            channel.is_echo(event, now)
            for key in event.control.keys()
            for channel in self._channels.get(key, ())
        )

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
        self, find: FindTargets, now: float, send: Callable[[Control, list[bytes]], None]
    ) -> float | None:
        """Send every indicator that is not under a hand the value of its macro.

        Args:
            find: Finds where the macros are.
            now: Seconds.
            send: Called with an indicator and the messages for it.

        Returns:
            In how many seconds another one is due; None: all show their macros.
        """
        soonest: float | None = None
        for indicator, channels in self._channels.items():
            channel, value = _first_there(channels, find)
            if channel is None:
                continue
            if self._shown.get(indicator, channel) is not channel:
                channel.forget_shown()
            self._shown[indicator] = channel
            due_s = channel.due_s(value, now)
            if due_s is None:
                continue
            if due_s > 0.0:
                soonest = due_s if soonest is None else min(soonest, due_s)
                continue
            send(*channel.update(value, now))
            self._sent_at = now
        return soonest


def _first_there(
    channels: Iterable[FeedbackChannel], find: FindTargets
) -> tuple[FeedbackChannel | None, float]:
    """Return the first channel whose macro is there, and the position of that macro."""
    for channel in channels:
        binding = channel.active.binding
        targets = find(binding.instrument)
        if targets is not None and binding.macro is not None and binding.macro < len(targets.dials):
            return channel, targets.dials[binding.macro]
    return None, 0.0
