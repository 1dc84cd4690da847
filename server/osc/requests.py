"""What one datagram may ask for besides turning controls: each request may take as long as a whole frame."""

from core.errors import ProtocolError

__all__ = ["MOST_REQUESTS", "RequestsOfDatagram"]

MOST_REQUESTS = 32  # in one datagram; devices and panels send one


class RequestsOfDatagram:
    """Counts what a datagram asks for: loads, saves, variations, lists, and addresses that do not exist."""

    def __init__(self) -> None:
        self._n = 0

    def begin(self) -> None:
        """Count anew, for another datagram."""
        self._n = 0

    def check(self) -> None:
        """Count one more.

        Raises:
            ProtocolError: There are too many.
        """
        self._n += 1
        if self._n > MOST_REQUESTS:
            raise ProtocolError(
                f"a datagram asks for at most {MOST_REQUESTS} things besides values of controls. Send the "
                "rest in others."
            )
