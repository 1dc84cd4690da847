"""The gestures of the sound, as the server's messages told them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import PatchError
from core.playing.gestures import GESTURE_KINDS, Gestures
from server.osc.addresses import Value

__all__ = ["ReceivedGestures"]


@dataclass(frozen=True)
class ReceivedGestures:
    """Gestures, and whether they are played.

    Attributes:
        on: Whether a player has left them on.
        drawn: The curves; None for none.
    """

    on: bool = True
    drawn: Gestures | None = None

    @property
    def played(self) -> Gestures | None:
        """Those that sound; None for none."""
        return self.drawn if self.on else None

    def having(self, values: Sequence[Value]) -> "ReceivedGestures":
        """Return them with the curve of a `/flow/sketch/gesture`.

        Raises:
            ValueError: It is none.
        """
        kind, seconds, depth, *points = values
        curve = {"depth": depth, "points": points}
        before = {} if self.drawn is None else self.drawn.to_dict()
        if kind not in GESTURE_KINDS:
            raise ValueError(f"a gesture of {kind}")
        try:
            return replace(self, drawn=Gestures.from_dict({**before, "seconds": seconds, kind: curve}))
        except PatchError as error:
            raise ValueError(str(error)) from error
