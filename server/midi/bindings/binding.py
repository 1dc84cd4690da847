"""One control of a controller, and what it moves."""

from dataclasses import dataclass
from typing import Literal, get_args

from server.midi.bindings.response import Shape
from server.midi.bindings.takeover import Mode
from server.midi.codec.control import Control
from server.midi.codec.relative import Sends
from server.midi.codec.rings import Coding

__all__ = ["AXES", "FEEDBACKS", "Axis", "Binding", "Feedback"]

Feedback = Literal["lights", "motor", "none"]
FEEDBACKS: tuple[Feedback, ...] = get_args(Feedback)
Axis = Literal["x", "y"]
AXES: tuple[Axis, ...] = get_args(Axis)


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """One control and what it moves.

    Attributes:
        control: On the controller.
        macro: Which macro it moves, or None.
        place: Which way it moves the place on the map of presets, where it moves no macro.
        preset: Which preset it loads, where it moves nothing.
        sends: Places or steps.
        takeover: What happens where the macro stands elsewhere; steps need none.
        shape: From place to value.
        feedback: How the control shows its macro: `lights` on a ring, `motor` by moving, or `none`.
        ring: What the ring listens to, where that is not the control itself.
        coding: What such a ring is sent.
        touch: What is struck while a finger is on the control.
    """

    control: Control
    macro: int | None = None
    place: Axis | None = None
    preset: str | None = None
    sends: Sends = "absolute"
    takeover: Mode = "pickup"
    shape: Shape = Shape()
    feedback: Feedback = "lights"
    ring: Control | None = None
    coding: Coding = "value"
    touch: Control | None = None
