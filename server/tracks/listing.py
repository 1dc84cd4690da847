"""The list of instruments as messages."""

from server.osc.builder import osc_message
from server.tracks.tracks import Tracks

__all__ = ["instrument_messages"]


def instrument_messages(tracks: Tracks) -> list[bytes]:
    """Return a `/flow/instrument` message for each instrument, in the order in which they came."""
    return [
        osc_message(
            "/flow/instrument",
            k,
            len(tracks),
            track.identity,
            track.name,
            int(track.is_alive),
            int(track.has_focus),
            track.link,
        )
        for k, track in enumerate(tracks)
    ]
