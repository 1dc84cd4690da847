"""The HTTP side of OSCQuery: read-only JSON, and values for programs that listen; in threads of its own."""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from core.errors import DeviceError
from server.oscquery.listening import serve_listener
from server.oscquery.tree import ATTRIBUTES, State, find, host_info, tree
from server.oscquery.websocket import WebSocket, accept_key, is_upgrade

__all__ = ["NAME", "Page"]

logger = logging.getLogger(__name__)

NAME = "Flow Synth Live"
_PATIENCE_S = 2.0  # for a request that comes in pieces
_MOST_CONNECTIONS = 32  # at a time; each has a thread


class Page:
    """Serves the tree until it is stopped.

    Args:
        host: Address to listen on.
        port: TCP port; 0 for any that is free.
        osc: Host and UDP port of the server.
        get_state: Returns the state; called in the threads.
        get_dials: Returns the positions of the macros' dials, often.

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
    ) -> None:
        class Handler(_Handler):
            page = self

        self.osc, self.get_state, self.get_dials = osc, get_state, get_dials
        self.stopping = threading.Event()
        try:
            self._server = _Server((host, port), Handler)
        except OSError as error:
            raise DeviceError(
                f"TCP port {port} on {host} is taken ({error.strerror}). "
                f"Choose another: --oscquery {port + 10}."
            ) from error
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="oscquery", daemon=True)
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

    def stop(self) -> None:
        """Stop serving."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_PATIENCE_S)


class _Server(ThreadingHTTPServer):
    """One that takes a few connections at a time, and waits for none of them at the end."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *given: Any) -> None:
        self._free = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()


class _Handler(BaseHTTPRequestHandler):
    page: Page
    timeout = _PATIENCE_S

    def do_GET(self) -> None:
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
        serve_listener(WebSocket(self.connection), self.page.get_dials, self.page.stopping)

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)

    def handle(self) -> None:
        try:
            super().handle()
        except (TimeoutError, ConnectionError):  # the client has gone
            logger.debug("an OSCQuery client has gone")
