"""Who is told where the macros, the latent and the place are, and when."""

from typing import TYPE_CHECKING

from server.osc.builder import osc_message
from server.osc.clients import Client

if TYPE_CHECKING:
    from server.track import Track

__all__ = ["KnobUpdates"]

_SETTLED_S = 0.12  # the point has rested this long: observers and clients are told


class KnobUpdates:
    """Keeps the clients' knobs where the instrument is.

    After a jump (a preset, a latent, a patch) all clients are told; after a turn all but the one whose hand
    turned, for it would feel its knob pulled. When macros have rested, all are told the latent once.

    Args:
        track: The instrument, and the clients that hear it.
    """

    def __init__(self, track: "Track") -> None:
        self._track = track
        self._turning: list[Client] = []  # who turned macros since the last frame
        self._jumped = False
        self._moved_at: float | None = None
        self._latent_told = True

    def turned(self, client: Client) -> None:
        """Note that a client turned macros."""
        if client not in self._turning:
            self._turning.append(client)
            self._track.activate()

    def jumped(self) -> None:
        """Note that the point has gone elsewhere."""
        self._jumped = True
        self._track.activate()

    def restored(self) -> None:
        """Send all clients the knobs of the last good point."""
        self._jumped, self._turning = False, []
        self._track.send(self._track.instrument.knobs())

    def frame_sent(self, now: float) -> None:
        """Send the knobs after a frame, to those who need them."""
        if self._jumped:
            self._track.send(self._track.instrument.knobs())
        elif self._turning:
            hand = self._turning[0] if len(self._turning) == 1 else None
            if any(client is not hand for client in self._track.listeners):
                macros = osc_message("/flow/macros", self._track.instrument.dials)
                self._track.send([macros], without=hand)
        self._latent_told = not self._turning or self._jumped
        self._jumped, self._turning = False, []
        self._moved_at = now

    @property
    def are_at_rest(self) -> bool:
        """Whether the point has not moved since `settles` last said so."""
        return self._moved_at is None and not self._jumped and not self._turning

    def settles(self, now: float) -> bool:
        """Whether the point has just come to rest; then clients are told the latent."""
        if self._moved_at is None or now - self._moved_at < _SETTLED_S:
            return False
        self._moved_at = None
        if not self._latent_told:
            self._latent_told = True
            self._track.send(self._track.instrument.latent_messages())
        return True

    def rest_s(self, longest: float, now: float) -> float:
        """Return how soon `settles` wants to be asked, seconds."""
        return longest if self._moved_at is None else max(0.001, self._moved_at + _SETTLED_S - now)
