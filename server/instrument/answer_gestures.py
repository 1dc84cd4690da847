"""The gestures that an instrument plays: those of the last answer or preset, until they are switched off."""

from core.playing.gestures import GESTURE_KINDS, Gestures
from server.osc.builder import osc_message

__all__ = ["AnswerGestures"]


class AnswerGestures:
    """Gestures of one instrument, which stay while its point is moved by knobs.

    Attributes:
        on: Whether they are played; a player may switch them off.
        changed: Whether listeners have yet to be told.
    """

    def __init__(self) -> None:
        self.on = True
        self.changed = False
        self._gestures: Gestures | None = None

    @property
    def played(self) -> Gestures | None:
        """Those that sound; None for none."""
        return self._gestures if self.on else None

    @property
    def are_told(self) -> bool:
        """Whether there is anything to tell a new client, which takes them for on, and for none."""
        return self._gestures is not None or not self.on

    def set(self, gestures: Gestures | None) -> None:
        """Play the gestures of another answer or preset, or none."""
        self.changed |= gestures != self._gestures
        self._gestures = gestures

    def switch(self, on: bool) -> None:
        """Switch them on or off."""
        self.on = on
        self.changed = True

    def become(self, other: "AnswerGestures") -> None:
        """Play those of another instrument."""
        self.on, self.changed, self._gestures = other.on, True, other._gestures

    def news(self) -> list[bytes]:
        """Return what listeners are told of them if they have changed."""
        told = self.messages() if self.changed else []
        self.changed = False
        return told

    def messages(self) -> list[bytes]:
        """Return `/flow/sketch/gestures`, then a `/flow/sketch/gesture` for each that the sound has."""
        curves = {} if self._gestures is None else {kind: self._gestures.of(kind) for kind in GESTURE_KINDS}
        seconds = 0.0 if self._gestures is None else self._gestures.seconds
        drawn = {kind: gesture for kind, gesture in curves.items() if gesture is not None}
        return [
            osc_message("/flow/sketch/gestures", int(self.on), len(drawn)),
            *(
                osc_message("/flow/sketch/gesture", kind, seconds, gesture.depth, gesture.points)
                for kind, gesture in drawn.items()
            ),
        ]
