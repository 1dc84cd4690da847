"""The HTTP side of OSCQuery: read-only JSON, and values for programs that listen; in threads of its own."""

import contextlib
import json
import logging
import math
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from time import monotonic, sleep
from typing import Any
from urllib.parse import unquote, urlsplit

from core.errors import DeviceError
from server.osc.hosts.loopback import is_loopback
from server.oscquery.listening import serve_listener
from server.oscquery.tree import ATTRIBUTES, State, find, host_info, tree
from server.oscquery.visitors import Pace, is_own_name
from server.oscquery.websocket import WebSocket, accept_key, is_upgrade

__all__ = ["NAME", "Page"]

logger = logging.getLogger(__name__)

NAME = "Flow Synth Live"
_DEADLINE_S = 3.0  # for a whole request, however its bytes drip in
_GOODBYE_S = 0.5
_POLL_S = 0.2
_MOST_CONNECTIONS = 32  # at a time, each with a thread; more are closed unanswered


class Page:
    """Serves the tree until it is stopped.

    Args:
        host: Address to listen on.
        port: TCP port; 0 for any that is free.
        osc: Host and UDP port of the server.
        get_state: Returns the state; called in the threads.
        get_dials: Returns the positions of the macros' dials, often.
        connected: Told the host of each request.

    Attributes:
        port: TCP port.

    Raises:
        DeviceError: The port is taken.
    """

    def __init__(
        self,
        host: str,
        port: int,
        osc: tuple[str, int],
        get_state: Callable[[], State],
        get_dials: Callable[[], Sequence[float]],
        connected: Callable[[str], None] = lambda host: None,
    ) -> None:
        class Handler(_Handler):
            page = self

        self.osc, self.get_state, self.get_dials = osc, get_state, get_dials
        self.connected = connected
        self.is_announced = not is_loopback(host)
        self.pace = Pace()
        self.stopping = threading.Event()
        try:
            self._server = _Server((host, port), Handler)
        except OSError as error:
            raise DeviceError(
                f"TCP port {port} on {host} is taken ({error.strerror}). "
                f"Choose another: --oscquery {port + 10}."
            ) from error
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_S,), name="oscquery", daemon=True
        )
        self._thread.start()

    def answer(self, target: str) -> tuple[int, dict[str, Any] | None]:
        """Return status and body for a request target such as `/flow/macro/0?VALUE`."""
        parts = urlsplit(target)
        attribute = parts.query.split("=", 1)[0]
        if attribute == "HOST_INFO":
            return 200, host_info(NAME, *self.osc)
        node = find(tree(self.get_state()), unquote(parts.path))
        if node is None:
            return 404, None
        if not attribute:
            return 200, node
        if attribute not in ATTRIBUTES:
            return 400, None
        return (200, {attribute: node[attribute]}) if attribute in node else (204, None)

    def keep(self, connection: socket) -> None:
        """Let a connection stay open that has become a WebSocket."""
        self._server.keep(connection)

    def stop(self) -> None:
        """Stop serving; requests that are not complete are given up."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.let_listeners_end()
        self._server.close_all()
        self._thread.join(_DEADLINE_S)


class _Server(ThreadingHTTPServer):
    """Bounds what clients may cost: the connections at once, and the time of each."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *given: Any) -> None:
        self._open: dict[socket, float] = {}
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        if len(self._open) >= _MOST_CONNECTIONS:
            self.shutdown_request(request)
            return
        self._open[request] = monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Close the connections that are too old; called between requests, and five times a second."""
        self.close_older_than(monotonic() - _DEADLINE_S)

    def close_older_than(self, then: float) -> None:
        for request in [request for request, began in list(self._open.items()) if began <= then]:
            with contextlib.suppress(OSError):
                request.shutdown(SHUT_RDWR)  # its thread reads the end, and closes it

    def keep(self, request: Any) -> None:
        """Let a connection stay that has become a WebSocket."""
        if request in self._open:
            self._open[request] = math.inf

    def let_listeners_end(self) -> None:
        """Wait until WebSockets have told their clients that the server goes, for a moment at most."""
        until = monotonic() + _GOODBYE_S
        while math.inf in self._open.values() and monotonic() < until:
            sleep(0.01)

    def close_all(self) -> None:
        """Close every connection."""
        self.close_older_than(math.inf)

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.debug("an OSCQuery request failed", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    page: Page
    timeout = _DEADLINE_S

    def do_GET(self) -> None:
        if not is_own_name(self.headers.get_all("Host", []), announced=self.page.is_announced):
            self.send_error(421, "Misdirected Request", "Ask by the address of this computer.")
            return
        self.page.connected(self.client_address[0])
        self.page.pace.wait(self.page.stopping.wait)
        if is_upgrade(self.headers):
            self._listen()
            return
        try:
            status, body = self.page.answer(self.path)
        except ValueError:  # the target is no URL
            status, body = 400, None
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_HEAD = do_GET

    def _listen(self) -> None:
        """Become a WebSocket, on which values go out until the program or the server ends."""
        self.close_connection = True
        self.protocol_version = "HTTP/1.1"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept_key(self.headers["Sec-WebSocket-Key"]))
        self.end_headers()
        self.page.keep(self.connection)
        serve_listener(WebSocket(self.connection), self.page.get_dials, self.page.stopping)

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):  # the client has gone, or was too slow
            logger.debug("an OSCQuery client has gone")
