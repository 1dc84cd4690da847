"""Candidates that need another model than the one that plays: a player's own presets, and the way back."""

from collections.abc import Callable
from typing import Any

from core.errors import ProtocolError
from server.osc.answers import Answer, Follow
from server.sketch.instrument_sketch import Sketching
from server.sketch.take import Take
from sketching.candidate import Candidate

__all__ = ["Elsewhere"]


class Elsewhere:
    """Plays candidates, whichever model they need.

    Attributes:
        go: Plays a preset of the player's own, or a candidate of the model of that name; None where
            nothing can.
    """

    def __init__(self) -> None:
        self.go: Callable[[Any, Candidate, str], list[Answer]] | None = None

    def play(self, track: Sketching, take: Take, picked: Candidate) -> list[Answer]:
        """Play a candidate of a take.

        Raises:
            ProtocolError: It belongs to another model, and is no preset of the player's own.
        """
        fits, plays_own = take.fits(track.instrument), track.instrument.model.space.base is not None
        if fits and not picked.own:
            track.instrument.go_to_answer(picked.patch, picked.gestures)
            return [Follow()]
        if self.go is None or not (picked.own or plays_own):
            raise ProtocolError("the candidates belong to another model; sketch again.")
        return self.go(track, picked, take.model)

    def back(self, track: Sketching) -> list[Answer]:
        """Go back to the model that answered last, if a preset plays that was picked: it answers none."""
        take = track.sketch.answered
        plays_picked = take is not None and track.sketch.picked[0] == take.number
        if take is None or not plays_picked or self.go is None or track.instrument.model.space.base is None:
            return []
        return self.play(track, take, take.best_of_model[1])
