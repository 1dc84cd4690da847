"""Which controls talk while nobody learns: sensors, clocks and hands that are at work."""

from collections import OrderedDict, deque

from server.midi.codec.control import Control

__all__ = ["Talkers"]

_MAX_CONTROLS = 256
_N_TIMES = 3  # values that make a talker
_RECENT_S = 5.0


class Talkers:
    """Remembers of each control when it was heard last."""

    def __init__(self) -> None:
        self._heard: OrderedDict[tuple[str, Control], deque[float]] = OrderedDict()

    def heard(self, device: str, control: Control, now: float) -> None:
        """Note that a control sent something."""
        key = device, control
        times = self._heard.get(key)
        if times is None:
            times = self._heard[key] = deque(maxlen=_N_TIMES)
            if len(self._heard) > _MAX_CONTROLS:
                self._heard.popitem(last=False)
        times.append(now)

    def forget(self, device: str) -> None:
        """Forget the controls of a device that has gone."""
        for key in [key for key in self._heard if key[0] == device]:
            del self._heard[key]

    def talking(self, now: float) -> dict[tuple[str, Control], float]:
        """Return the controls that have sent several values of late, and when the last came."""
        return {
            key: times[-1]
            for key, times in self._heard.items()
            if len(times) == _N_TIMES and now - times[0] <= _RECENT_S
        }
