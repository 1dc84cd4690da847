"""The stage with real ports: a server process, UDP sockets, controllers that are clients of JACK."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import rtmidi

from server.osc.parser import read_message
from tests.support.live import ROOT, Running, eventually, running_server
from tests.trials.language import Sent

_PATIENCE_S = 8.0
_SETTLED_S = 0.4
_QUICK = ("-m", "tests.trials.quick_server")


class RealStage:
    """Plays a trial in real time.

    Args:
        running: The server.
        data: Its data folder.
    """

    def __init__(self, running: Running, data: Path) -> None:
        self._running = running
        self._client = running.client()
        self._plugged: dict[str, rtmidi.MidiOut] = {}
        self._sockets: dict[str, socket.socket] = {}
        self._heard: dict[str, list[tuple]] = {}
        self.profiles = data / "controllers"
        self._texts: list[str] = []

    @property
    def texts(self) -> list[str]:
        for address, values in self._client.receive_all(0.02):
            if address in ("/flow/status", "/flow/error"):
                self._texts.append(str(values[-1]))
        return self._texts

    def is_controller(self, who: str) -> bool:
        return who in self._plugged

    def plug(self, name: str, who: str) -> None:
        port = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=name)
        n_before = len(self.texts)
        port.open_virtual_port("out")
        self._plugged[who] = port
        self._read(n_before, "is plugged in")
        time.sleep(_SETTLED_S)  # until JACK has connected it, and what lights it anew is no echo any more

    def unplug(self, who: str) -> None:
        n_before = len(self.texts)
        self._close(who)
        self._read(n_before, "is unplugged")

    def _close(self, who: str) -> None:
        port = self._plugged.pop(who)
        port.close_port()
        port.delete()

    def _read(self, n_before: int, words: str, times: int = 1) -> None:
        """Wait until so many texts after the first `n_before` have some words."""
        self._client.hello()  # a client that was silent for 10 s has been forgotten

        def read() -> bool:
            return sum(words in text for text in self.texts[n_before:]) >= times

        assert self.eventually(read), f"the player does not read '{words}'"

    def send(self, sent: list[Sent], pace_s: float) -> None:
        for one in sent:
            if one.midi:
                self._plugged[one.who].send_message(list(one.data))
            elif one.who == "me":
                self._client.send_raw(one.data)
            else:
                self._socket(one.who).sendto(one.data, ("127.0.0.1", self._running.port))
            time.sleep(pace_s)

    def _socket(self, who: str) -> socket.socket:
        if who not in self._sockets:
            self._sockets[who] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._sockets[who].bind(("127.0.0.1", 0))
            self._sockets[who].settimeout(0.02)
        return self._sockets[who]

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def settle(self) -> None:
        time.sleep(_SETTLED_S)

    def eventually(self, condition: Callable[[], bool]) -> bool:
        return eventually(condition, _PATIENCE_S)

    def macros(self) -> list[float]:
        with self._running.client(kind="script") as late:
            return [float(value) for value in late.wait_for("/flow/macros") or []]

    def heard_by(self, who: str) -> list[tuple]:
        heard = self._heard.setdefault(who, [])
        with contextlib.suppress(TimeoutError):
            while True:
                address, values = read_message(self._socket(who).recv(8192))
                heard.append((address, *values))
        return heard

    def close(self) -> None:
        """Unplug everything; the server has noticed when this returns."""
        n_before, plugged = len(self.texts), list(self._plugged)
        for who in plugged:
            self._close(who)
        self._read(n_before, "is unplugged", len(plugged))
        for one in self._sockets.values():
            one.close()
        self._client.close()


@contextlib.contextmanager
def loop_back(names: tuple[str, ...]):
    """Loop-back ports that are there as long as the block."""
    with contextlib.ExitStack() as stack:
        for name in names:
            command = [sys.executable, "-m", "tests.trials.loop_port", name]
            pipe = subprocess.PIPE
            process = stack.enter_context(
                subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
            )
            stack.callback(process.stdin.close)  # it ends by itself: JACK waits for clients that are killed
            assert process.stdout.readline() == "there\n"
        yield


class SharedServer:
    """A server that trials share: each finds it as if it had just started."""

    def __init__(self, running: Running, data: Path) -> None:
        self._running, self._data = running, data

    @contextlib.contextmanager
    def cleared(self):
        """A stage on which nothing is plugged in, bound, held or moved."""
        stage = RealStage(self._running, self._data)
        try:
            yield stage
        finally:
            self._clear()
            stage.close()
            for path in stage.profiles.glob("*.yaml"):
                path.unlink()

    def _clear(self) -> None:
        with self._running.client() as client:
            client.send("/flow/learn/stop")
            client.send("/flow/path/run", 0)
            client.send("/flow/path/clear")
            n = client.welcome[6]
            for k in range(n):
                client.send("/flow/freeze", k, 0)
                client.send("/flow/unlearn", k)
            client.send("/flow/commands")
            for _ in range(client.wait_for("/flow/commands")[0]):
                client.send("/flow/unbind", client.wait_for("/flow/command")[1])
            client.send("/flow/macros", *[0.5] * n)


@contextlib.contextmanager
def server_for(model: Path, data: Path, options: tuple[str, ...] = ()):
    """A server of its own for one trial, or for all that share it."""
    with running_server(model, data, "--midi", "--midi-system", "jack", *options, program=_QUICK) as running:
        with SharedServer(running, data).cleared() as stage:
            yield stage


@contextlib.contextmanager
def shared_server(model: Path, data: Path):
    with running_server(model, data, "--midi", "--midi-system", "jack", program=_QUICK) as running:
        yield SharedServer(running, data)
