"""The HTTP side of OSCQuery: read-only JSON, in a thread of its own."""

import json
import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from core.errors import DeviceError
from server.oscquery.tree import ATTRIBUTES, State, find, host_info, tree

__all__ = ["NAME", "Page"]

logger = logging.getLogger(__name__)

NAME = "Flow Synth Live"
_PATIENCE_S = 2.0  # for a request that comes in pieces; the next request waits that long


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
            self._server = HTTPServer((host, port), Handler)
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
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_PATIENCE_S)


class _Handler(BaseHTTPRequestHandler):
    page: Page
    timeout = _PATIENCE_S

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
        except (TimeoutError, ConnectionError):  # the client has gone
            logger.debug("an OSCQuery client has gone")
