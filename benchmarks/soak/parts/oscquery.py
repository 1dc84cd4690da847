"""A program that reads OSCQuery again and again."""

import http.client
import json
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.rig.server_process import free_port
from benchmarks.soak.parts.part import Part

__all__ = ["OscQuery"]

_EVERY_S = 0.25
_TARGETS = ("/?HOST_INFO", "/", "/flow/macro/0?VALUE")


class OscQuery(Part):
    """Asks from a thread of its own; what is answered has to be complete and within bounds."""

    name = "OSCQuery"

    def prepare(self, stack: ExitStack, data: Path) -> None:
        """Choose a port."""
        self.port = free_port()
        self.options = ["--oscquery", str(self.port)]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        stack.callback(self.end)

    def begin(self, port: int) -> None:
        """Start asking."""
        self._thread.start()

    def _run(self) -> None:
        k = 0
        while not self._stopping.wait(_EVERY_S):
            k += 1
            try:
                status, body = self._get(_TARGETS[k % len(_TARGETS)])
            except (OSError, http.client.HTTPException):  # full, standing still, or not there yet
                continue
            if status != 200 or not isinstance(body, dict):
                self.broken.append(f"OSCQuery answers {status}")
            elif "VALUE" in body and not 0.0 <= body["VALUE"][0] <= 1.0:
                self.broken.append(f"OSCQuery says that a macro is at {body['VALUE'][0]}")
            else:
                self.was_well()

    def _get(self, target: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3.0)
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def words(self) -> str:
        """Return what it did, for the table."""
        return f"{self.n} answers"

    def end(self) -> None:
        """Stop asking."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(5.0)
