"""Faders of other programs are sent where their macros are, at the addresses that they themselves send."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.midi.bindings.active_binding import ActiveBinding
from server.midi.bindings.control_targets import FindTargets
from server.midi.codec.control import ANY_CHANNEL, Control
from server.osc.builder import build
from server.osc.hosts.ports import Endpoint

__all__ = ["OscFeedback"]

_PACE_S = 0.03
_HAND_S = 0.3  # a fader that was moved so lately is under a hand
_GONE_S = 600.0  # a program that was silent for so long has gone
_MOST_ADDRESSES = 128
_SAME = 1e-3  # of the range: a program that sends back what it was sent is not answered again


@dataclass(slots=True)
class _Fader:
    """What a program sends to one address, one number or several, and where it listens."""

    endpoints: tuple[Endpoint, ...]
    values: tuple[float, ...]
    heard_at: float


class OscFeedback:
    """Remembers which programs have bound faders, and what those show."""

    def __init__(self) -> None:
        self._faders: dict[str, _Fader] = {}  # by address; the one heard longest ago first
        self._due_at: float | None = None

    def heard(
        self,
        address: str,
        values: Sequence[int | float | str],
        endpoints: tuple[Endpoint, ...],
        now: float,
    ) -> None:
        """Note what a program has sent to an address that is bound, and where it may be answered."""
        self._faders.pop(address, None)
        numbers = tuple(float(value) for value in values if not isinstance(value, str))
        if len(numbers) == len(values):
            self._faders[address] = _Fader(endpoints, numbers, now)
        if len(self._faders) > _MOST_ADDRESSES:
            del self._faders[next(iter(self._faders))]
        self.moved(now + _HAND_S)

    def moved(self, now: float) -> None:
        """Note that macros have moved."""
        if self._faders and self._due_at is None:
            self._due_at = now + _PACE_S

    def is_due(self, now: float) -> bool:
        """Whether `messages` may have something."""
        return self._due_at is not None and now >= self._due_at

    def rest_s(self, longest: float, now: float) -> float:
        """Return how soon `is_due` wants to be asked, seconds."""
        return longest if self._due_at is None else min(longest, max(0.001, self._due_at - now))

    def messages(
        self, bindings_of: Callable[[Control], list[ActiveBinding]], find: FindTargets, now: float
    ) -> list[tuple[bytes, Endpoint]]:
        """Return the faders' own messages for those that do not show their macros, and where they go.

        Args:
            bindings_of: Returns the bindings of a control.
            find: Finds where the macros are.
            now: Seconds.
        """
        self._due_at = None
        self._faders = {a: fader for a, fader in self._faders.items() if now - fader.heard_at <= _GONE_S}
        sent: list[tuple[bytes, Endpoint]] = []
        for address, fader in self._faders.items():
            if now - fader.heard_at < _HAND_S:
                at = fader.heard_at + _HAND_S
                self._due_at = at if self._due_at is None else min(self._due_at, at)
                continue
            controls = (Control("osc", ANY_CHANNEL, n, address) for n in range(len(fader.values)))
            shown = [one for control in controls if (one := _shown(bindings_of(control), find)) is not None]
            if len(shown) < len(fader.values):  # something else moves there, too
                continue
            if any(abs(a - b) > _SAME * span for (a, span), b in zip(shown, fader.values, strict=True)):
                fader.values = tuple(value for value, _ in shown)
                datagram = build(address, "f" * len(shown), *fader.values)
                sent += [(datagram, endpoint) for endpoint in fader.endpoints]
        return sent


def _shown(bindings: list[ActiveBinding], find: FindTargets) -> tuple[float, float] | None:
    """Return what a fader sends where its macro is, and how far its range goes; None if it moves none."""
    for active in bindings:
        binding, targets = active.binding, find(active.binding.instrument)
        if binding.macro is None or binding.sends != "absolute" or targets is None:
            continue
        if binding.macro < len(targets.dials):
            low, high = binding.span
            position = binding.response.position(targets.dials[binding.macro])
            return low + position * (high - low), abs(high - low)
    return None
