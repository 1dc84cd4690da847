"""A binding: one control of a controller, and what it moves."""

from dataclasses import dataclass
from typing import Literal, get_args

from server.midi.bindings.response import Response
from server.midi.bindings.takeover import TakeoverMode
from server.midi.codec.control import Control
from server.midi.codec.relative import Encoding
from server.midi.codec.rings import RingCoding

__all__ = ["AXES", "FEEDBACK_KINDS", "Axis", "Binding", "FeedbackKind"]

FeedbackKind = Literal["lights", "motor", "none"]
FEEDBACK_KINDS: tuple[FeedbackKind, ...] = get_args(FeedbackKind)
Axis = Literal["x", "y"]
AXES: tuple[Axis, ...] = get_args(Axis)


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """One control and what it moves: a macro, one axis of the place on the preset map, or a preset.

    Attributes:
        control: On the controller.
        macro: Number of the macro that it moves, or None.
        axis: Axis of the place on the preset map that it moves, or None.
        preset: Name of the preset that it loads, or None.
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
    instrument: str = ""
    sends: Encoding = "absolute"
    takeover: TakeoverMode = "pickup"
    response: Response = Response()
    feedback: FeedbackKind = "lights"
    ring: Control | None = None
    coding: RingCoding = "value"
    touch: Control | None = None
