"""One controller that is plugged in: its bindings at work, and what it was told."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from calibration.trim import Trim
from server.midi.bindings.active_binding import ActiveBinding
from server.midi.codec.control import ANY_CHANNEL, Control, Moved
from server.midi.codec.decoder import Decoder
from server.midi.codec.mpe import Mpe
from server.midi.feedback.echo import ECHO_S
from server.midi.feedback.feedback_channel import FeedbackChannel, can_follow
from server.midi.profiles.profile import Profile

__all__ = ["Device"]

T = TypeVar("T")

_LONG_AGO = -1e9


class Device:
    """One controller that is plugged in.

    Args:
        profile: What its controls do.
        trims: What was measured of them, by name; see `calibration.controller`.
    """

    def __init__(self, profile: Profile, trims: Mapping[str, Trim] | None = None) -> None:
        self._trims = trims or {}
        self.mpe = Mpe()
        self.decoder = Decoder(self.mpe.configure)
        self._told_at = _LONG_AGO
        self.bounds: list[ActiveBinding] = []
        self.adopt(profile)

    def adopt(self, profile: Profile) -> None:
        """Take other bindings; what its rings show is not known then, where its knobs stand is."""
        known = {bound.binding: bound for bound in self.bounds}
        self.profile = profile
        self.bounds = []
        self._by_control: dict[Control, list[ActiveBinding]] = {}
        self._followers: dict[Control, FeedbackChannel] = {}  # by what is told: one control shows one macro
        self._moving: dict[Control, list[FeedbackChannel]] = {}  # by what is moved
        self._touches: dict[Control, list[FeedbackChannel]] = {}
        for binding in profile.bindings:
            bound = known.get(binding) or ActiveBinding(binding, self._trim(binding.control))
            self.bounds.append(bound)
            self._by_control.setdefault(binding.control, []).append(bound)
            if can_follow(bound):
                self._follow(FeedbackChannel(bound))

    def _trim(self, control: Control) -> Trim | None:
        """Find what was measured of a control; for one on any channel, on whichever it was."""
        if control.kind not in ("cc", "pitch", "pressure"):
            return None
        name = f"cc {control.number}" if control.kind == "cc" else control.kind
        channels = [control.channel] if control.channel != ANY_CHANNEL else range(1, 17)
        found = (self._trims.get(f"{name} channel {channel}") for channel in channels)
        return next((trim for trim in found if trim is not None), None)

    def _follow(self, follower: FeedbackChannel) -> None:
        if follower.control in self._followers:
            return
        binding = follower.bound.binding
        self._followers[follower.control] = follower
        self._moving.setdefault(binding.control, []).append(follower)
        if binding.touch is not None:
            self._touches.setdefault(binding.touch, []).append(follower)

    def bound(self, control: Control) -> list[ActiveBinding]:
        """Give the bindings of a control, those of its channel first."""
        return _both(self._by_control, control)

    def is_echo(self, moved: Moved, now: float) -> bool:
        """Say whether what came in is our own feedback."""
        found = (self._followers.get(moved.control), self._followers.get(moved.control.on_any_channel()))
        return any(follower is not None and follower.is_echo(moved, now) for follower in found)

    def may_echo(self, now: float) -> bool:
        """Say whether anything of what comes in may be our own feedback."""
        return now - self._told_at <= ECHO_S

    def touched(self, moved: Moved, now: float) -> None:
        """The hand has moved or let go of something."""
        for held in _both(self._touches, moved.control):
            held.held = moved.raw > 0
        for follower in _both(self._moving, moved.control):
            follower.touched(moved, now)

    def show(
        self, dials: Sequence[float], now: float, tell: Callable[[Control, list[bytes]], None]
    ) -> float | None:
        """Tell every ring and motor that is not under a hand where its macro is.

        Returns:
            In how many seconds another one is due; None: all show their macros.
        """
        soonest: float | None = None
        for follower in self._followers.values():
            k = follower.bound.binding.macro
            if k is None or k >= len(dials):  # another model may have fewer
                continue
            due = follower.due_s(dials[k], now)
            if due is None:
                continue
            if due > 0.0:
                soonest = due if soonest is None else min(soonest, due)
                continue
            tell(*follower.tell(dials[k], now))
            self._told_at = now
        return soonest


def _both(by: dict[Control, list[T]], control: Control) -> list[T]:
    return [*by.get(control, ()), *by.get(control.on_any_channel(), ())]
