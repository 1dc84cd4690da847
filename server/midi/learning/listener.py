"""Listens as a person would: of all that moves, which control is meant?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from server.midi.bindings.binding import Binding
from server.midi.bindings.takeover import TakeoverMode
from server.midi.codec.control import ANY_CHANNEL, STRUCK_KINDS, Control, ControlEvent
from server.midi.codec.decoder import SELECTORS
from server.midi.learning.gesture import QUIET_S, Gesture, Reading

__all__ = ["MIN_TRAVEL", "Candidate", "ControlListener"]

_TREMBLE = 0.02  # of the range; what goes further is moved
MIN_TRAVEL = 0.1  # of the range; less is a nudge, or a worn potentiometer
_MAX_CONTROLS = 256
_LET_OTHERS_S = 1.0  # what goes on moving beside a control that has come to rest is waited for this long
_LONG_S, _PLENTY = 4.0, 48  # a hand that goes on and on has been heard enough
_PRESSES = 2  # of a button before it is bound to a macro: the first may be a touch
_AFTER_PRESS_S = 0.9  # a touched fader is moved within this time
_SLIGHT = 0.3  # of the range: does not count against an encoder that is not clear yet
_ALIKE = 0.6  # of the widest travel: it may as well have been meant
_LEFT_S = 2.0  # after that an encoder was left for what is moved now
_COMMAND_S = 0.4  # for a command one press is enough
# What a travel counts of a control that was talking before, and of one with three positions.
_TALKED, _STEPPED = 0.5, 0.8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A control that may be meant; `raw` is the last value that it sent."""

    device: str
    control: Control
    reading: Reading
    raw: float
    on_any_channel: bool = False

    def binding(self, macro: int | None, instrument: str) -> Binding:
        """Return the binding of this control to a macro."""
        control, reading = self.control, self.reading
        takeover: TakeoverMode = "jump" if reading.is_pressed else "pickup"
        if self.on_any_channel:
            # With pickup a new note's finger would have to search for the macro; scale moves it at once.
            control, takeover = control.on_any_channel(), "scale"
        return Binding(
            control=control,
            macro=macro,
            instrument=instrument,
            sends=reading.sends,
            takeover=takeover,
            press="toggle" if reading.kind == "button" else "auto",
            span=reading.span if control.kind == "osc" else (0.0, 1.0),
        )

    def __str__(self) -> str:
        """Return its name, with its controller."""
        control = self.control.on_any_channel() if self.on_any_channel else self.control
        return f"{control} of {self.device}"


class ControlListener:
    """Listens until one control has clearly been moved, or pressed.

    Args:
        seeks: `motion` for what moves a macro, `press` for what gives a command.
        talking: Controls that were talking before, and when they were heard last.
        left_out: Controls that are not meant.
    """

    def __init__(
        self,
        seeks: Literal["motion", "press"] = "motion",
        talking: Mapping[tuple[str, Control], float] | None = None,
        left_out: frozenset[tuple[str, Control]] = frozenset(),
    ) -> None:
        self._seeks = seeks
        self._talking = talking or {}
        self.left_out = left_out
        self._gestures: dict[tuple[str, Control], Gesture] = {}
        self._held: set[tuple[str, int]] = set()  # device and channel where keys were struck

    def __len__(self) -> int:
        """Count the controls that were heard."""
        return len(self._gestures)

    def add(self, device: str, event: ControlEvent, now: float) -> None:
        """Add an event of a controller."""
        control = event.control
        if control.kind == "cc" and control.number in SELECTORS:
            return
        key = device, control
        gesture = self._gestures.get(key)
        if gesture is None:
            if len(self._gestures) >= _MAX_CONTROLS:
                return
            gesture = self._gestures[key] = Gesture(device, control, self._talking.get(key))
        if control.kind == "note":
            self._held.add((device, control.channel))
        gesture.add(event.raw, now)

    # -- what was heard

    def candidates(self) -> list[Candidate]:
        """Return the controls that may be meant, the likeliest first."""
        found = [gesture for gesture in self._audible() if self._may_be_meant(gesture)]
        found.sort(key=self._rank, reverse=True)
        listed: list[Candidate] = []
        for gesture in found:
            twins = [one for one in found if _is_twin(gesture, one, self._held)]
            if twins and any((c.device, c.control.on_any_channel()) == _any(gesture) for c in listed):
                continue  # MPE: each note has a channel of its own, and the control is on all of them
            listed.append(
                Candidate(gesture.device, gesture.control, gesture.reading, gesture.values[-1], bool(twins))
            )
        return listed

    def result(self, now: float) -> Candidate | None:
        """Return the control that is meant, once it is clear."""
        candidates = self.candidates()
        if not candidates:
            return None
        best = candidates[0]
        gesture = self._gestures[best.device, best.control]
        if self._seeks == "press":
            return best if gesture.is_quiet(now, _COMMAND_S) else None
        if any(_is_before(gesture, one) for one in self._audible() if one.is_waited_for):
            return None
        if best.reading.is_pressed:
            clear = best.reading.n_presses >= _PRESSES and gesture.is_quiet(now, _AFTER_PRESS_S)
            return best if clear and not self._is_busy(best, now) else None
        is_weak = self._rank(gesture)[0] < 3
        if is_weak and (self.unclear(now) is not None or self._is_any_pressed()):
            return None
        went_on = gesture.n >= _PLENTY and now - gesture.first_at >= _LONG_S
        if not gesture.is_quiet(now):
            return best if went_on else None
        if self._is_busy(best, now) and not gesture.is_quiet(now, _LET_OTHERS_S):
            return None
        return best

    @property
    def hears_motion(self) -> bool:
        """Whether a control is clearly being moved, so that the player needs no help."""
        return any(self._rank(gesture)[0] >= 3 for gesture in self._audible() if gesture.reading.is_motion)

    def is_doubtful(self, candidate: Candidate) -> bool:
        """Whether a candidate may send in another way than it was read."""
        gesture = self._gestures.get((candidate.device, candidate.control))
        return gesture is not None and candidate.reading.is_motion and gesture.is_doubtful

    def rivals(self, candidates: list[Candidate]) -> list[Candidate]:
        """Return those that may as well have been meant as the first."""
        if not candidates or not candidates[0].reading.is_motion:
            return []
        least = _ALIKE * candidates[0].reading.travel
        return [one for one in candidates[1:] if one.reading.is_motion and one.reading.travel >= least]

    def unclear(self, now: float) -> Gesture | None:
        """Return an encoder that stopped after steps that could be of several encodings."""
        return self._first(now, lambda g: g.reading.is_unclear_encoder and g.n >= 4)

    def button(self, now: float) -> Gesture | None:
        """Return a button that was pressed, but not yet often enough."""
        return self._first(
            now, lambda g: g.reading.kind in ("switch", "button") and g.reading.n_presses < _PRESSES
        )

    def pad(self, now: float) -> Gesture | None:
        """Return a key or pad that was struck."""
        return self._first(now, lambda g: g.control.kind in STRUCK_KINDS)

    def nudged(self, now: float) -> Gesture | None:
        """Return a control that was moved, but not far."""
        return self._first(
            now, lambda g: g.reading.kind == "knob" and _TREMBLE < g.reading.travel < MIN_TRAVEL and g.n >= 4
        )

    def moved(self, now: float) -> Gesture | None:
        """Return a control that was moved, not pressed."""
        return self._first(now, lambda g: g.reading.is_motion and g.reading.travel >= MIN_TRAVEL)

    def stream(self, now: float) -> Gesture | None:
        """Return a control that was talking before learning began, and still is."""
        streams = (g for g in self._gestures.values() if not g.has_paused and not g.is_quiet(now, 1.0))
        return next(streams, None)

    def _first(self, now: float, is_it: Callable[[Gesture], bool]) -> Gesture | None:
        return next((g for g in self._audible() if g.is_quiet(now) and is_it(g)), None)

    def _audible(self) -> list[Gesture]:
        """Return what counts: not what went on talking, is left out, or is only half of a pair."""
        return [
            gesture
            for key, gesture in self._gestures.items()
            if gesture.has_paused and not self._is_left_out(key) and not self._is_half(gesture)
        ]

    def _is_left_out(self, key: tuple[str, Control]) -> bool:
        device, control = key
        return any((device, one) in self.left_out for one in control.keys())

    def _may_be_meant(self, gesture: Gesture) -> bool:
        reading = gesture.reading
        if self._seeks == "press":
            return reading.is_pressed and reading.n_presses > 0
        if reading.is_motion:
            return reading.travel >= MIN_TRAVEL and not (gesture.talked and self._is_drowned(gesture))
        return reading.kind in ("switch", "button") and reading.travel >= _SLIGHT

    def _is_drowned(self, gesture: Gesture) -> bool:
        """Whether what was talking before is no match for what is pressed now."""
        pressed = [g.reading for g in self._gestures.values() if not g.talked and g.reading.is_pressed]
        if gesture.control.kind == "osc":
            return bool(pressed)
        return any(one.kind != "pad" and one.n_presses >= _PRESSES for one in pressed)

    def _rank(self, gesture: Gesture) -> tuple[int, float]:
        """Return a class, and within it how far a control was moved, or how often it was pressed."""
        reading = gesture.reading
        if reading.is_pressed:
            return 2 if reading.n_presses > _PRESSES else reading.n_presses - 1, reading.n_presses
        weight = (_TALKED if gesture.talked else 1.0) * (_STEPPED if reading.kind == "stepped" else 1.0)
        travel = weight * reading.travel
        if self._is_of_a_key(gesture):
            return 0, travel
        if gesture.was_slowed:
            return 4, travel  # the hand did what it was asked for, so however little it was, it is meant
        return 3 if travel >= _SLIGHT else 1 if not self._is_any_pressed() else 0, travel

    def _is_of_a_key(self, gesture: Gesture) -> bool:
        """Whether it is the pressure of a key that is being played."""
        struck = any(device == gesture.device for device, _ in self._held)
        return struck and gesture.control.kind in ("pressure", "poly")

    def _is_any_pressed(self) -> bool:
        """Whether a button, key or pad was pressed: a slight move beside it is not meant."""
        return any(g.reading.is_pressed and not g.talked for g in self._audible())

    def _is_busy(self, best: Candidate, now: float) -> bool:
        """Whether another control that may be meant is still being moved; beside a nudge, however little."""
        least = MIN_TRAVEL if best.reading.travel >= _SLIGHT else _TREMBLE
        return any(
            not gesture.is_quiet(now)
            for gesture in self._audible()
            if (gesture.device, gesture.control) != (best.device, best.control)
            and (gesture.reading.travel >= least or gesture.reading.is_unclear_encoder)
        )

    def _is_half(self, gesture: Gesture) -> bool:
        """Whether what is heard is one half of a pair, or a pair of which there is only one half."""
        device, control = gesture.device, gesture.control
        if control.kind not in ("cc", "cc14"):
            return False
        number = control.number % 32 if control.kind == "cc" else control.number
        if control.kind == "cc" and control.number >= 64:
            return False
        is_pair = self._is_pair(device, control.channel, number)
        return is_pair if control.kind == "cc" else not is_pair

    def _is_pair(self, device: str, channel: int, number: int) -> bool:
        coarse, fine = (self._gestures.get((device, Control("cc", channel, number + n))) for n in (0, 32))
        if coarse is None or fine is None or fine.n < 2 or 2 * fine.n < coarse.n or not coarse.has_paused:
            return False
        # A knob of its own on the fine number moves when it likes; a fine half comes with its coarse one.
        return abs(coarse.first_at - fine.first_at) <= QUIET_S and fine.n <= 8 * coarse.n


def _is_before(gesture: Gesture, encoder: Gesture) -> bool:
    """Whether a control has not been moved since an encoder was turned, so that the encoder is meant."""
    left_at = encoder.last_at or 0.0
    return gesture.first_at <= left_at and (gesture.last_at or 0.0) < left_at + _LEFT_S


def _any(gesture: Gesture) -> tuple[str, Control]:
    return gesture.device, gesture.control.on_any_channel()


def _is_twin(one: Gesture, other: Gesture, struck: set[tuple[str, int]]) -> bool:
    """Whether two gestures are one control of MPE, on the channels of two notes."""
    if one is other or _any(one) != _any(other) or one.control.channel == ANY_CHANNEL:
        return False
    channels = {(g.device, g.control.channel) for g in (one, other)}
    expressive = one.control.kind in ("pitch", "pressure") or one.control.number == 74
    together = one.first_at <= (other.last_at or 0.0) and other.first_at <= (one.last_at or 0.0)
    return together and (expressive or channels <= struck)
