"""A small client, for people and scripts.

    python -m server.client /flow/macro 0 0.8 --wait 0.5

As a library: `with Client() as client: client.send("/flow/macro", 0, 0.8)`.
"""

import argparse
import secrets
import socket
import sys
from time import monotonic
from types import TracebackType

from core.command import print_line
from core.errors import BridgeError, DeviceError, ProtocolError
from core.nearest import did_you_mean
from server.osc.addresses import PROTOCOL, TO_SERVER, Value
from server.osc.builder import echo_of, padded, typed_message
from server.osc.parser import Message, read_message

__all__ = ["Client", "Message", "typed"]

_TOKEN = padded("/flow/token")


class Client:
    """Says hello, sends messages, and reads what comes back.

    Args:
        port: The server's port.
        host: The server's address.
        kind, name: Told to the server.
        instrument: Identity of an instrument of its own; empty to play the one that has the focus.
        link: Identity of another's instrument, to play that instead.
        timeout_s: How long to wait for the welcome.

    Raises:
        DeviceError: No server answers there.
    """

    def __init__(
        self,
        port: int = 9130,
        host: str = "127.0.0.1",
        *,
        kind: str = "script",
        name: str = "python",
        instrument: str = "",
        link: str = "",
        timeout_s: float = 2.0,
    ) -> None:
        self._server = (host, port)
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("", 0) if host != "127.0.0.1" else (host, 0))
        self.port: int = self._sock.getsockname()[1]
        self.nonce = secrets.randbelow(2**31)
        self._kind, self._name, self.instrument, self.link = kind, name, instrument, link
        self.welcome: list[Value] = []
        deadline = monotonic() + timeout_s
        while not self.welcome:
            if monotonic() >= deadline:
                self._sock.close()
                raise DeviceError(f"no server answers on {host}:{port}. Start one: python run_server.py")
            self.hello()
            self.welcome = self.wait_for("/flow/welcome", 0.25) or []
        self.instrument = str(self.welcome[10])  # another one, if the identity was taken

    @property
    def sock(self) -> socket.socket:
        """The socket, for uses that this class does not cover."""
        return self._sock

    def hello(self) -> None:
        """Register, or renew."""
        own = (self.nonce, self.port, PROTOCOL, self._kind, self._name, self.instrument, self.link)
        self.send("/flow/hello", *own)

    def send(self, address: str, *values: Value) -> None:
        """Send a message; an int goes as `i`, a float as `f`, text as `s`."""
        self.send_raw(typed_message(address, *values))

    def send_raw(self, datagram: bytes) -> None:
        """Send bytes as they are."""
        self._sock.sendto(datagram, self._server)

    def receive_raw(self, timeout_s: float) -> bytes:
        """Return the next datagram as it came.

        Raises:
            TimeoutError: None came in time.
        """
        self._sock.settimeout(max(timeout_s, 1e-4))
        datagram = self._sock.recv(8192)
        if datagram.startswith(_TOKEN):
            self.send_raw(echo_of(datagram))
        return datagram

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message, or None if none comes in time."""
        try:
            datagram = self.receive_raw(timeout_s)
        except (TimeoutError, ConnectionResetError):  # Windows: nobody listens there yet
            return None
        return read_message(datagram)

    def receive_all(self, timeout_s: float) -> list[Message]:
        """Return all messages that come within a time."""
        messages, deadline = [], monotonic() + timeout_s
        while (left := deadline - monotonic()) > 0:
            message = self.receive(left)
            if message is not None:
                messages.append(message)
        return messages

    def wait_for(self, address: str, timeout_s: float = 2.0) -> list[Value] | None:
        """Return the arguments of the next message to an address, and drop all others."""
        deadline = monotonic() + timeout_s
        while (left := deadline - monotonic()) > 0:
            message = self.receive(left)
            if message is not None and message[0] == address:
                return message[1]
        return None

    def close(self) -> None:
        """Unregister and close the socket."""
        self.send("/flow/bye", self.nonce)
        self._sock.close()

    def __enter__(self) -> "Client":
        """Use it in a `with`."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()


def typed(address: str, words: list[str]) -> list[Value]:
    """Turn words of a command line into arguments, of the types that the table says.

    >>> typed("/flow/macro", ["0", "1"])
    [0, 1.0]

    Raises:
        ProtocolError: There is no such address, or a word is no number where one belongs.
    """
    row = TO_SERVER.get(address)
    if row is None:
        raise ProtocolError(f"{address}: no such address; {did_you_mean(address, TO_SERVER)}")
    values: list[Value] = []
    for k, word in enumerate(words):
        argument = row.arguments[min(k, len(row.arguments) - 1)] if row.arguments else None
        try:
            kind = argument.type if argument else "s"
            values.append({"i": int, "f": float, "s": str}[kind](word))
        except ValueError:
            name = argument.name if argument else ""
            raise ProtocolError(f"{address}: '{name}' is a number, not '{word}'.") from None
    return values


def main(given: list[str] | None = None) -> int:
    """Send one message and print what comes back."""
    p = argparse.ArgumentParser(prog="python -m server.client", description=main.__doc__)
    p.add_argument("address", help="such as /flow/macro; docs/osc-api.md lists them")
    p.add_argument("values", nargs="*", help="arguments, typed by the address table")
    p.add_argument("--wait", type=float, default=0.5, help="seconds to print for (%(default)s)")
    p.add_argument("--port", type=int, default=9130)
    p.add_argument("--host", default="127.0.0.1")
    options = p.parse_args(given)
    try:
        values = typed(options.address, options.values)
        with Client(options.port, options.host) as client:
            client.receive_all(0.05)  # the present state, which is sent to every new client
            client.send(options.address, *values)
            for address, answers in client.receive_all(options.wait):
                shown = (f"{v:.4f}" if isinstance(v, float) else str(v) for v in answers)
                print_line(" ".join((address, *shown)))
    except BridgeError as error:
        print_line(f"server.client: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output has closed it
        sys.stderr.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
