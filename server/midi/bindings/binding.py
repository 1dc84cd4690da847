"""A binding: one control of a controller, and what it moves."""

from dataclasses import dataclass
from typing import Literal, get_args

from server.midi.bindings.command import Command
from server.midi.bindings.response import Response
from server.midi.bindings.takeover import TakeoverMode
from server.midi.codec.control import Control
from server.midi.codec.relative import Encoding
from server.midi.codec.rings import RingCoding

__all__ = [
    "AXES",
    "FEEDBACK_KINDS",
    "PRESS_KINDS",
    "WHOLE_RANGE",
    "Axis",
    "Binding",
    "FeedbackKind",
    "PressKind",
]

FeedbackKind = Literal["lights", "motor", "none"]
FEEDBACK_KINDS: tuple[FeedbackKind, ...] = get_args(FeedbackKind)
PressKind = Literal["auto", "momentary", "toggle", "latching"]
PRESS_KINDS: tuple[PressKind, ...] = get_args(PressKind)
Axis = Literal["x", "y"]
AXES: tuple[Axis, ...] = get_args(Axis)
WHOLE_RANGE = (0.0, 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """One control and what it does: moves a macro or the place on the map, loads a preset, gives a command.

    Attributes:
        control: On the controller.
        macro: Number of the macro that it moves, or None.
        axis: Axis of the place on the preset map that it moves, or None.
        preset: Name of the preset that it loads, or None.
        command: What it commands, or None.
        press: What a press means. `auto`: a tap switches over, and what is held longer is on while it is
            held; a macro is at its end while the button is down. `momentary`: on while it is held; `toggle`:
            each press switches over; `latching`: so does each change.
        span: Lowest and highest number that an OSC control sends.
        instrument: Identity or name of the instrument that it moves; empty for whatever has the focus.
        sends: How the control sends: positions or, in one of three encodings, steps.
        takeover: What happens while the control is not where its macro is; steps need no takeover.
        response: From the control's position to the value.
        feedback: How the control shows its macro: `lights` on a ring, `motor` by moving, or `none`.
        ring: What the ring listens to, where that is not the control itself.
        coding: How such a ring takes its values.
        touch: What is struck while a finger is on the control.
    """

    control: Control
    macro: int | None = None
    axis: Axis | None = None
    preset: str | None = None
    command: Command | None = None
    press: PressKind = "auto"
    span: tuple[float, float] = WHOLE_RANGE
    instrument: str = ""
    sends: Encoding = "absolute"
    takeover: TakeoverMode = "pickup"
    response: Response = Response()
    feedback: FeedbackKind = "lights"
    ring: Control | None = None
    coding: RingCoding = "value"
    touch: Control | None = None
