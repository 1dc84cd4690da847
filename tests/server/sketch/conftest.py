import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.rig.dummy_jack import dummy_jack
from server.client import Client
from tests.support.live import ROOT, Running, running_server

MODEL = ROOT / "models" / "pretrained" / "vital-32"
LOADING_S = 240.0  # torch, and engines that render; a few seconds on a machine that does nothing else


@dataclass
class Sketching:
    """A server that sketches, its sketch folder, and one client."""

    server: Running
    data: Path
    client: Client

    @property
    def folder(self) -> Path:
        return self.data / "sketches"

    def ask(self, address: str, *values):
        self.client.hello()  # a client that was silent for 10 s, on a busy machine, has been forgotten
        assert self.client.wait_for("/flow/welcome", 20.0)
        self.until_quiet()
        self.client.send(address, *values)

    def until_quiet(self):
        while self.client.receive(0.05) is not None:
            pass

    def hear(self, wanted, limit_s=LOADING_S):
        """Messages up to the first that is wanted, with it; fails if none comes."""
        heard, deadline, pinged = [], time.monotonic() + limit_s, 0.0
        while (now := time.monotonic()) < deadline:
            if now - pinged > 2.0:  # who is silent is forgotten
                self.client.send("/flow/ping", 1)
                pinged = now
            message = self.client.receive(0.2)
            if message is None or message[0] == "/flow/pong":
                continue
            heard.append(message)
            if wanted(message):
                return heard
        pytest.fail(f"it did not come; {heard}, and the server said {self.server.said()}")

    def state(self, *words, limit_s=LOADING_S):
        """Messages up to a state."""
        return self.hear(lambda m: m[0] == "/flow/sketch/state" and m[1][0] in words, limit_s)

    def answered(self, *others):
        """Messages up to the end of a sketch, and the frame, which a turn of the loop sends last."""
        return self.state("done", *others) + self.client.receive_all(0.3)

    def frames(self, seconds):
        """Frames that come within a time."""
        return [m for m in self.client.receive_all(seconds) if m[0] == "/flow/params"]

    def error(self):
        return self.hear(lambda m: m[0] == "/flow/error", 20.0)[-1][1]


def of(messages, address):
    """Arguments of all messages to an address."""
    return [values for name, values in messages if name == address]


@pytest.fixture(scope="module")
def sketching(tmp_path_factory):
    """The shipped model, first answers only."""
    data = tmp_path_factory.mktemp("Flow Synth Müller")
    with running_server(MODEL, data, "--refine", "0") as server, server.client() as client:
        yield Sketching(server, data, client)


@pytest.fixture(scope="module")
def jack():
    """A JACK server without hardware, which this process and its children use."""
    if shutil.which("jackd") is None:
        pytest.skip("no jackd: sudo apt-get install jackd2")
    with dummy_jack(period=512) as server:
        yield server
