"""Learning by touch: which control is meant, and how it sends."""

from server.midi.bindings.binding import Binding
from server.midi.bindings.takeover import TakeoverMode
from server.midi.codec.control import STRUCK_KINDS, Control, ControlEvent
from server.midi.codec.decoder import SELECTORS
from server.midi.codec.relative import Encoding, recognize_encoding

__all__ = ["ControlRecognizer"]

_STILL_S = 0.25  # after this long without an event the hand has stopped
_PLENTY = 48  # values of one control: enough, even if the hand goes on
_MIN_TRAVEL = 0.05  # of the range; a worn potentiometer sends less than this by itself
_MAX_CONTROLS = 256


class ControlRecognizer:
    """Listens until one control has clearly been moved.

    Args:
        macro: Number of the macro that the control will move.
        instrument: Of which instrument; empty for whatever has the focus.
    """

    def __init__(self, macro: int, instrument: str = "") -> None:
        self.macro = macro
        self.instrument = instrument
        self._began: float | None = None
        self._raw_values: dict[tuple[str, Control], list[int]] = {}
        self._last_event_at = 0.0

    def waited_s(self, now: float) -> float:
        """Return how long it has listened since this was first asked; any clock will do."""
        if self._began is None:
            self._began = self._last_event_at = now
        return now - self._began

    def add(self, device: str, event: ControlEvent, now: float) -> None:
        """Add an event of a controller; notes and programs are for presets and are left out."""
        key, control = (device, event.control), event.control
        if control.kind in STRUCK_KINDS or (control.kind == "cc" and control.number in SELECTORS):
            return
        if key not in self._raw_values and len(self._raw_values) >= _MAX_CONTROLS:
            return
        values = self._raw_values.setdefault(key, [])
        if len(values) < 2 * _PLENTY:
            values.append(event.raw)
        self._last_event_at = now

    def result(self, now: float) -> tuple[str, Binding] | None:
        """Return the controller's name and the binding, once they are clear."""
        plenty = any(len(values) >= _PLENTY for values in self._raw_values.values())
        if not plenty and now - self._last_event_at < _STILL_S:
            return None
        found = []
        for (device, control), values in self._raw_values.items():
            encoding = self._encoding(device, control, values)
            if encoding is None:
                continue
            travel = 1.0 if encoding != "absolute" else (max(values) - min(values)) / control.top
            if travel >= _MIN_TRAVEL:
                found.append((control.kind == "cc14", travel, device, control, encoding))
        if not found:
            return None
        _, _, device, control, encoding = max(found, key=lambda one: one[:2])
        takeover: TakeoverMode = "pickup"
        twins = [
            c for _, _, d, c, _ in found if d == device and c.on_any_channel() == control.on_any_channel()
        ]
        if len(twins) > 1:  # MPE: each note has a channel of its own, and the control is on all of them
            # With pickup a new note's finger would have to search for the macro; scale moves it at once.
            control, takeover = control.on_any_channel(), "scale"
        return device, Binding(
            control=control,
            macro=self.macro,
            instrument=self.instrument,
            sends=encoding,
            takeover=takeover,
        )

    def is_ambiguous(self, now: float) -> bool:
        """Whether the hand has stopped after steps that mean the same in two encodings."""
        return now - self._last_event_at >= _STILL_S and any(
            control.kind == "cc" and len(values) >= 4 and recognize_encoding(values) is None
            for (_, control), values in self._raw_values.items()
        )

    def _encoding(self, device: str, control: Control, values: list[int]) -> Encoding | None:
        """Return how a control sends; None for what is not clear, or is only half of a pair."""
        if control.kind == "cc":
            return recognize_encoding(values)
        if control.kind == "cc14":
            halves = [(device, Control("cc", control.channel, control.number + n)) for n in (0, 32)]
            coarse, fine = (self._raw_values.get(half, []) for half in halves)
            if not coarse or len(fine) < 2 or 2 * len(fine) < len(coarse):
                return None
        return "absolute"
