"""What was last sketched on one instrument."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from server.instrument.instrument import Instrument
from server.osc.answers import Reply
from server.osc.builder import osc_message
from server.sketch.take import Phase, Take, state

__all__ = ["InstrumentSketch", "Sketching"]


@dataclass(eq=False)
class InstrumentSketch:
    """What was last sketched on one instrument; other instruments have sketches of their own.

    Attributes:
        take: The newest.
        answered: The one whose candidates can be picked.
        picked: Number of the take and the candidate that was picked last.
    """

    take: Take | None = None
    answered: Take | None = None
    picked: tuple[int, int] = (-1, 0)

    def take_in(self, phase: Phase) -> Take | None:
        """Return the newest take if it is in this phase."""
        return self.take if self.take is not None and self.take.phase is phase else None

    def copy(self, instrument: Instrument) -> "InstrumentSketch":
        """Return the same candidates for another instrument; what still goes on belongs to this one."""
        if self.answered is None:
            return InstrumentSketch()
        over = replace(
            self.answered, instrument=instrument, phase=Phase.OVER, point=None, state=state("done", 1.0)
        )
        return InstrumentSketch(over, over)

    def present_state(self, instrument: Instrument) -> list[bytes]:
        """Return how far the sketch is and what can be picked, for clients that begin to hear of it."""
        take, answered = self.take, self.answered
        offers: list[Reply] = []
        if take is not None and answered is not None and answered.fits(instrument):
            if take.phase is Phase.OVER or take is answered:
                offers = answered.offers()
        replies = [
            Reply(osc_message("/flow/sketch/candidates", len(offers))),
            state("idle", 0.0) if take is None or take.state is None else take.state,
            Reply(osc_message("/flow/sketch/following", int(self.take_in(Phase.FOLLOWING) is not None))),
            *([] if take is None or take.pitch is None else [take.pitch]),
            *offers,
        ]
        return [reply.datagram for reply in replies]


class Sketching(Protocol):
    """An instrument that is sketched on, and who hears of it: a track.

    Attributes:
        name: Shown to people.
        instrument: Plays the answers.
        sketch: What was last sketched on it.
    """

    name: str
    instrument: Instrument
    sketch: InstrumentSketch

    @property
    def listeners(self) -> Sequence[object]:
        """The clients that hear of it."""
        ...
