"""What is to be sent: datagrams at once, and long lists at a pace that a listener's socket can hold."""

from collections.abc import Callable, Iterable, Iterator

from core.errors import BridgeError, ProtocolError
from server.osc.builder import osc_message
from server.osc.clients import Client, Clients
from server.osc.hosts.ports import Endpoint

__all__ = ["PACE_S", "Outbox", "error_text"]

PACE_S = 0.004  # seconds between two portions of a list
_PORTION = 32  # so 8,000 datagrams a second: a default buffer holds more than one portion
_MAX_LISTS = 256
_NEWS_EVERY_S = 0.02  # when a Set opens, its instruments come one after the other
_LONGEST_ADDRESS = 128  # characters of what a message was sent to, where it was wrong


class Outbox:
    """Datagrams with their destinations.

    Args:
        clients: The receivers of what goes to all.

    Attributes:
        waiting: What goes out now; the transport empties it.
    """

    def __init__(self, clients: Clients) -> None:
        self.waiting: list[tuple[bytes, Endpoint]] = []
        self.clients = clients
        self._lists: dict[tuple[tuple[Endpoint, ...], str], Iterator[bytes]] = {}
        self._paced_at = 0.0
        self._news: tuple[str, Callable[[], list[bytes]]] | None = None
        self._news_at = float("-inf")

    def take(self, now: float) -> list[tuple[bytes, Endpoint]]:
        """Return what goes out now, and forget it; addresses that are not proved are sent little."""
        waiting, self.waiting = self.waiting, []
        may_send = self.clients.proofs.may_send
        return [(datagram, to) for datagram, to in waiting if may_send(to, len(datagram), now)]

    def ask_for_proof(self, sender: Endpoint, now: float) -> None:
        """Have a client on another machine show that it hears; goes out before anything else."""
        for endpoint in self.clients.listening(sender):
            number = self.clients.proofs.ask(endpoint, now)
            if number is not None:
                self.waiting.insert(0, (osc_message("/flow/token", number), endpoint))

    def send(self, datagram: bytes, client: Client) -> None:
        """Put a datagram out to one client."""
        self.waiting.append((datagram, client.address))

    def reply(self, datagram: bytes, client: Client) -> None:
        """Put a datagram out to a client that asked for it, wherever it may listen."""
        for endpoint in client.endpoints:
            self.waiting.append((datagram, endpoint))

    def send_all(self, datagrams: Iterable[bytes]) -> None:
        """Put datagrams out to every client."""
        datagrams = list(datagrams)
        for client in self.clients:
            for datagram in datagrams:
                self.send(datagram, client)

    def error(self, address: str, error: Exception, client: Client) -> None:
        """Send a client what was wrong with a message to an address."""
        self.reply(osc_message("/flow/error", address[:_LONGEST_ADDRESS], error_text(error)), client)

    def enlist(self, datagrams: Iterator[bytes], address: str, client: Client) -> None:
        """Send a list; one that the same client asked for at the same address is dropped.

        Raises:
            ProtocolError: Too many are being sent.
        """
        self._enlist(datagrams, address, client.endpoints)

    def _enlist(self, datagrams: Iterator[bytes], address: str, endpoints: tuple[Endpoint, ...]) -> None:
        key = (endpoints, address)
        if key not in self._lists and len(self._lists) >= _MAX_LISTS:
            raise ProtocolError("too many lists are being sent; ask again in a second.")
        self._lists[key] = datagrams

    def announce(self, address: str, get_list: Callable[[], list[bytes]]) -> None:
        """Send every client a list that has changed, as it is by then: soon, however often it changes.

        Args:
            address: At which clients ask for it; a list that is still being sent is dropped.
            get_list: Returns it.
        """
        self._news = address, get_list

    def rest_s(self, longest: float, now: float) -> float:
        """Return how soon `pace` wants to be called, seconds."""
        if self._lists:
            return PACE_S
        return (
            longest if self._news is None else min(longest, max(0.001, self._news_at + _NEWS_EVERY_S - now))
        )

    def pace(self, now: float) -> None:
        """Put the next portion of each list out, if it is time."""
        if self._news is not None and now - self._news_at >= _NEWS_EVERY_S:
            (address, get_list), self._news, self._news_at = self._news, None, now
            items = get_list()
            for client in self.clients:
                self._enlist(iter(items), address, (client.address,))
        if not self._lists or now - self._paced_at < PACE_S:
            return
        self._paced_at = now
        for key, datagrams in list(self._lists.items()):
            for _ in range(_PORTION):
                datagram = next(datagrams, None)
                if datagram is None:
                    del self._lists[key]
                    break
                self.waiting += [(datagram, endpoint) for endpoint in key[0]]


def error_text(error: Exception) -> str:
    """Return the text that a player sees of an error; a bug of our own is named as one."""
    if isinstance(error, BridgeError):
        return str(error)
    return f"the server failed on this ({error!r}); its log says more. Try again."
