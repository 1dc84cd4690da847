"""What has to be so before a sketch begins."""

from core.errors import ProtocolError
from server.sketch.instrument_sketch import Sketching
from server.sketch.take import Take

__all__ = ["check_can_be_answered", "check_may_give_way"]


def check_can_be_answered(track: Sketching) -> None:
    """Check that the model of an instrument can answer sketches.

    Raises:
        ProtocolError: It was made of one preset, and has heard nothing else.
    """
    model = track.instrument.model
    if model.space.base is not None:
        raise ProtocolError(
            f"'{model.name}' is a preset of your own, which answers no sketches. Choose another model of "
            "/flow/models for this instrument, then sketch."
        )


def check_may_give_way(other: Sketching, take: Take) -> None:
    """Check that another instrument's take can end: nobody sings it now, or waits for its first answer.

    Raises:
        ProtocolError: It cannot.
    """
    if not other.listeners:  # its device has gone
        return
    name = f"'{other.name}'" if other.name else "another instrument"
    if take.microphone_is_open:
        raise ProtocolError(f"the microphone listens for {name}. Stop it there, then sketch here.")
    if not take.candidates:
        raise ProtocolError(f"a sketch for {name} is being heard. Try again in a moment.")
