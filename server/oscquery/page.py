"""The HTTP side of OSCQuery: read-only JSON, a thread for each request, and a deadline for each."""

import contextlib
import json
import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from time import monotonic
from typing import Any
from urllib.parse import unquote, urlsplit

from core.errors import DeviceError
from server.oscquery.tree import ATTRIBUTES, State, find, host_info, tree

__all__ = ["NAME", "Page"]

logger = logging.getLogger(__name__)

NAME = "Flow Synth Live"
_DEADLINE_S = 3.0  # for a whole request, however its bytes drip in
_POLL_S = 0.2
_MOST_CONNECTIONS = 16  # more at once are closed unanswered


class Page:
    """Serves the tree until it is stopped.

    Args:
        host: Address to listen on.
        port: TCP port; 0 for any that is free.
        osc: Host and UDP port of the server.
        get_state: Returns the state; called in the thread.

    Attributes:
        port: TCP port.

    Raises:
        DeviceError: The port is taken.
    """

    def __init__(self, host: str, port: int, osc: tuple[str, int], get_state: Callable[[], State]) -> None:
        class Handler(_Handler):
            page = self

        self.osc, self.get_state = osc, get_state
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

    def stop(self) -> None:
        """Stop serving; requests that are not complete are given up."""
        self._server.shutdown()
        self._server.server_close()
        self._server.close_older_than(monotonic())
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

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.debug("an OSCQuery request failed", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    page: Page
    timeout = _DEADLINE_S

    def do_GET(self) -> None:
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

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):  # the client has gone, or was too slow
            logger.debug("an OSCQuery client has gone")
