"""Learning by touch: which control was meant, and how it speaks."""

from server.midi.bindings.binding import Binding
from server.midi.bindings.takeover import Mode
from server.midi.codec.control import SWITCHES, Control, Moved
from server.midi.codec.decoder import SELECTORS
from server.midi.codec.relative import Sends, recognise

__all__ = ["Learning"]

_STILL_S = 0.25  # the hand has stopped
_PLENTY = 48  # values of one control: enough, however long the hand goes on
_MOVED = 0.05  # of the range; what a worn potentiometer says by itself is less
_MAX_CONTROLS = 256


class Learning:
    """Listens until one control was clearly moved.

    Args:
        macro: Which it shall move.
    """

    def __init__(self, macro: int) -> None:
        self.macro = macro
        self._began: float | None = None
        self._heard: dict[tuple[str, Control], list[int]] = {}
        self._last = 0.0

    def waited_s(self, now: float) -> float:
        """Say how long it has listened, from the first time that this was asked; any clock will do."""
        if self._began is None:
            self._began = self._last = now
        return now - self._began

    def hear(self, device: str, moved: Moved, now: float) -> None:
        """Take in what moved; notes and programs are for presets and are left out."""
        key, control = (device, moved.control), moved.control
        if control.kind in SWITCHES or (control.kind == "cc" and control.number in SELECTORS):
            return
        if key not in self._heard and len(self._heard) >= _MAX_CONTROLS:
            return
        values = self._heard.setdefault(key, [])
        if len(values) < 2 * _PLENTY:
            values.append(moved.raw)
        self._last = now

    def decide(self, now: float) -> tuple[str, Binding] | None:
        """Give the device and the binding, once they are clear."""
        plenty = any(len(values) >= _PLENTY for values in self._heard.values())
        if not plenty and now - self._last < _STILL_S:
            return None
        found = []
        for (device, control), values in self._heard.items():
            sends = self._sends(device, control, values)
            if sends is None:
                continue
            travel = 1.0 if sends != "absolute" else (max(values) - min(values)) / control.top
            if travel >= _MOVED:
                found.append((control.kind == "cc14", travel, device, control, sends))
        if not found:
            return None
        _, _, device, control, sends = max(found, key=lambda one: one[:2])
        takeover: Mode = "pickup"
        twins = [
            c for _, _, d, c, _ in found if d == device and c.on_any_channel() == control.on_any_channel()
        ]
        if len(twins) > 1:  # MPE: each note has a channel of its own, and the control is on all of them
            # A new note's finger would have to search for the macro; so it moves it at once, without a jump.
            control, takeover = control.on_any_channel(), "scale"
        return device, Binding(control=control, macro=self.macro, sends=sends, takeover=takeover)

    def unclear(self, now: float) -> bool:
        """Say whether steps came that two kinds of encoder spell alike, and the hand has stopped."""
        return now - self._last >= _STILL_S and any(
            control.kind == "cc" and len(values) >= 4 and recognise(values) is None
            for (_, control), values in self._heard.items()
        )

    def _sends(self, device: str, control: Control, values: list[int]) -> Sends | None:
        """Say how it sends; None for what is not clear, or is only half of something else."""
        if control.kind == "cc":
            return recognise(values)
        if control.kind == "cc14":
            halves = [(device, Control("cc", control.channel, control.number + n)) for n in (0, 32)]
            coarse, fine = (self._heard.get(half, []) for half in halves)
            if not coarse or len(fine) < 2 or 2 * len(fine) < len(coarse):
                return None
        return "absolute"
