"""Devices and their server in one process, on one clock that passes only when told to."""

import contextlib
import itertools
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import track
from tests.max4live.playing import gate_is_open, online, played, turn_to
from tests.support.live import Rig

PORT = 9130  # the server's
SLICE_MS = 20
N = 32


class _Socket:
    """One end of a network in memory."""

    def __init__(self, network: "MemoryNetwork", port: int):
        self._network = network
        self.port = port
        self.waiting: deque[bytes] = deque()

    def sendto(self, data: bytes, to: tuple[str, int]):
        self._network.carry(data, ("127.0.0.1", self.port), to)

    def recv(self, _size: int) -> bytes:
        if not self.waiting:
            raise BlockingIOError
        return self.waiting.popleft()

    def close(self):
        self._network.listening.pop(self.port, None)


class MemoryNetwork:
    """Carries datagrams to those that listen; what nobody hears is lost, as in UDP."""

    def __init__(self):
        self.listening: dict[int, _Socket] = {}
        self.to_server: deque[tuple[bytes, tuple[str, int]]] = deque()
        self._ports = itertools.count(50_001)

    def sender(self) -> _Socket:
        return _Socket(self, next(self._ports))

    def receiver(self, port: int) -> _Socket | None:
        if port in self.listening:
            return None
        self.listening[port] = _Socket(self, port)
        return self.listening[port]

    def carry(self, data: bytes, sender: tuple[str, int], to: tuple[str, int]):
        if to[1] == PORT:
            self.to_server.append((data, sender))
        elif to[1] in self.listening:
            self.listening[to[1]].waiting.append(data)


class MemorySet:
    """Whole Flow Synths on tracks of their own, and a server that comes and goes.

    Args:
        built: Path of each device, by name.
        model: Folder of the model that the server plays.
        data: The server's data; each server that starts has a folder of its own there.
        labels: Names of the plug-in's parameters.
    """

    def __init__(self, built: dict[str, Path], model: Path, data: Path, labels: list[str]):
        self._built, self._model, self._data, self._labels = built, model, data, labels
        self._stack = contextlib.ExitStack()
        self._runs = itertools.count(1)
        self._network = MemoryNetwork()
        self.server: Rig | None = None
        self.now_ms = 0.0
        self.devices: list[LiveDevice] = []

    def __enter__(self) -> "MemorySet":
        return self

    def __exit__(self, *_: Any):
        self._stack.close()

    def start(self):
        """Start a server that knows nothing of one before."""
        run = next(self._runs)
        self.server = Rig(self._model, self._data / str(run), run=run)
        self._network.to_server.clear()

    def kill(self):
        self.server = None

    def add(self, name: str, state: list[Any] | None = None, device: str = "Flow Synth") -> LiveDevice:
        """Add a device to a track of this name, with what a Set has stored."""
        new = self._stack.enter_context(LiveDevice(self._built[device], "all", network=self._network))
        tree = track(self._labels)
        (home,) = tree["root"]["lists"]["tracks"]
        home["props"]["name"] = name
        for script in ("fsl_bind.js", "fsl_dials.js", "fsl_instrument.js"):
            new.script(script).ask({"live": tree})
        if state:
            stored(new).restore(state)
        turn_to(new, PORT)
        self.devices.append(new)
        return new

    def remove(self, device: LiveDevice):
        device.remove()
        self.devices.remove(device)
        self._serve()

    def pass_s(self, seconds: float):
        """Let time pass for devices and server alike."""
        for _ in range(round(1000 * seconds / SLICE_MS)):
            self._pass_slice()

    def until(self, condition: Callable[[], bool], limit_s: float = 30.0) -> bool:
        """Let time pass until a condition holds."""
        end = self.now_ms + 1000 * limit_s
        while self.now_ms < end:
            if condition():
                return True
            self._pass_slice()
        return condition()

    def connect(self):
        assert self.until(lambda: all(online(d) and gate_is_open(d) for d in self.devices), 60.0)
        self.pass_s(0.5)

    def sounds(self) -> np.ndarray:
        """Return what each device plays now, `(n_devices, 32)`."""
        return np.array([played(device, N) for device in self.devices])

    def states(self) -> list[list[Any]]:
        return [list(stored(device).value) for device in self.devices]

    def _pass_slice(self):
        for device in self.devices:
            device.step(SLICE_MS)
        self.now_ms += SLICE_MS
        self._serve()

    def _serve(self):
        """Have the server answer what has arrived, if there is one."""
        if self.server is None:
            self._network.to_server.clear()
            return
        rig, bridge = self.server, self.server.bridge
        while self._network.to_server:
            bridge.receive(*self._network.to_server.popleft(), rig.now)
        for _ in range(SLICE_MS // 4):
            bridge.finish(rig.now)
            rig.jobs.run()
            rig.now += 0.004
            bridge.tick(rig.now)
        for datagram, to in rig.outbox.take(rig.now):
            self._network.carry(datagram, ("127.0.0.1", PORT), to)


def stored(device: LiveDevice) -> Any:
    """Return what the Set keeps of a device."""
    return next(node for node in device.nodes_named("pattr") if node.arguments[0] == "flow_state")


def trail(device: LiveDevice) -> np.ndarray:
    """Return all frames that the synth was sent, `(n, 32)`."""
    return np.array([remote.values for remote in device.remotes[:N]]).T
