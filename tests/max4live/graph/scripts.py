"""Scripts of a device: the real ones, in a process under Node, each apart from the others, or none."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.max4live.graph.node import Message, Node

HARNESS = Path(__file__).resolve().parents[1] / "scripts" / "harness.mjs"


class Harness:
    """The process in which the scripts of one device run; it starts with the first."""

    def __init__(self):
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Send a line, and return the answer; a fault in a script fails the test."""
        process = self._process = self._process or self._start()
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert "fault" not in answer, answer["fault"]
        return answer

    def _start(self):
        node = shutil.which("node")
        if node is None:
            pytest.skip("node is not installed: sudo apt-get install nodejs")
        pipe = subprocess.PIPE
        command = [node, str(HARNESS), "--several"]
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8")

    def close(self):
        if self._process is not None:
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait(5)


class Script(Node):
    """A `js` or `jsui` that runs for real, on the interpreter's clock."""

    def start(self):
        words = [self.box.get("filename") or self.arguments[0], *self.arguments[1:]]
        opened = self.world.harness.ask({"open": [str(word) for word in words], "seed": self.world.seed})
        self.number = opened["script"]

    def receive(self, inlet: int, message: Message):
        self.got.append((inlet, inside(message)))
        # Max runs scripts in its low-priority thread, whoever calls.
        self.world.clock.run_low(lambda: self.ask({"in": inlet, "message": message}))

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Ask the harness, and pass on what the script sent."""
        answer = self.world.harness.ask({"script": self.number, **question})
        self.pass_on(answer.get("out", []))
        return answer

    def pass_on(self, out: list[Any]):
        """Pass on what the script sent."""
        with self.world.clock.in_low():
            for outlet, message in out:
                self.out(outlet, list(message) if isinstance(message, list) else [message])

    def close(self):
        printed = self.ask({"facts": True})["posts"]
        assert printed == [], f"{self.box.get('filename') or self.arguments[0]} wrote {printed}"


class Silent(Node):
    """A script that does not run: it records what it receives, and the test sends in its place."""

    def receive(self, inlet: int, message: Message):
        self.got.append((inlet, inside(message)))


def inside(message: Message) -> Message:
    """Return a script's message without the word in front of it."""
    assert message[0] == "flow", message
    return message[1:]
