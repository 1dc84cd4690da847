"""Scripts of a device: the real ones, each in a process of its own under Node, or none."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.max4live.graph.node import Message, Node

HARNESS = Path(__file__).resolve().parents[1] / "scripts" / "harness.mjs"


class Script(Node):
    """A `js` or `jsui` that runs for real, on the interpreter's clock."""

    def start(self):
        node = shutil.which("node")
        if node is None:
            pytest.skip("node is not installed: sudo apt-get install nodejs")
        name = self.box.get("filename") or str(self.arguments[0])
        extra = [str(a) for a in self.arguments[1:]]
        self.process = subprocess.Popen(
            [node, str(HARNESS), name, *extra],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "FLOW_TEST_SEED": str(self.world.seed)},
        )

    def receive(self, inlet: int, message: Message):
        self.got.append((inlet, inside(message)))
        # Max runs scripts in its low-priority thread, whoever calls.
        self.world.clock.low(lambda: self.ask({"in": inlet, "message": message}))

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Send a line to the harness, and pass on what the script sent."""
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "fault" not in answer, answer["fault"]
        for outlet, message in answer.get("out", []):
            self.out(outlet, list(message) if isinstance(message, list) else [message])
        return answer

    def close(self):
        if self.process.poll() is None:
            printed = self.ask({"facts": True})["posts"]
            assert printed == [], f"{self.box.get('filename') or self.arguments[0]} wrote {printed}"
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(5)


class Silent(Node):
    """A script that does not run: it records what it receives, and the test sends in its place."""

    def receive(self, inlet: int, message: Message):
        self.got.append((inlet, inside(message)))


def inside(message: Message) -> Message:
    """Return a script's message without the word in front of it."""
    assert message[0] == "flow", message
    return message[1:]
