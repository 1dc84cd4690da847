"""What goes wrong on a stage, drawn by seed."""

import contextlib
import json
import os
import random
import socket
from collections.abc import Callable, Mapping, Sequence
from time import monotonic

import psutil

from benchmarks.hostile import mutations, valid_packets
from benchmarks.soak.parts.part import Part
from benchmarks.soak.players import Players
from benchmarks.soak.promises import Promises
from benchmarks.soak.soaked_server import SoakedServer
from core.errors import DeviceError
from server.instrument.preset_file import Preset
from server.instrument.preset_folder import PresetFolder
from server.osc.fitting import Sizes

__all__ = ["KILLED", "KINDS", "Faults"]

_N_HOSTILE = 400
_N_DRIPPING = 40
_PAUSE_S = 1.0
_LOST_S = 30.0  # what is not answered until then never came; a busy computer answers after ten
_BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nname: *b\n"
_DAY_S = 86_400.0
KILLED = "killed"


class Faults:
    """Throws faults at a server that is being played.

    Args:
        server: It.
        players: Who play it.
        promises: What has to hold after each.
        parts: What else it does.
        rng: Draws what goes wrong.
    """

    def __init__(
        self,
        server: SoakedServer,
        players: Players,
        promises: Promises,
        parts: Sequence[Part],
        rng: random.Random,
    ) -> None:
        self._server, self._players, self._promises, self._rng = server, players, promises, rng
        self._parts = parts
        self._by_kind: dict[str, Callable[[], None]] = {
            KILLED: self._kill,
            "stood still": self._freeze,
            "disk full": self._fill_disk,
            "clock stepped": self._step_clock,
            "hostile packets": self._attack,
            "hostile files": self._drop_files,
            "dripping connections": self._drip,
            "another model": self._load_model,
            "a process of its own killed": lambda: self._hit_child(psutil.Process.kill),
            "a process of its own stood still": lambda: self._hit_child(psutil.Process.suspend),
        }
        self.counts = dict.fromkeys(self._by_kind, 0)

    def throw(self, kind: str) -> None:
        """Throw a fault of a kind."""
        self.counts[kind] += 1
        self._by_kind[kind]()

    def check(self, when: str) -> None:
        """Hold what is on disk against what was acknowledged.

        Raises:
            DeviceError: The server has ended.
        """
        self._server.check_is_running(when)
        self._server.look_for_orphans()
        self.check_files(when)

    def check_files(self, when: str) -> Mapping[str, Preset]:
        """Hold what is on disk against what was acknowledged, and return it."""
        folder = PresetFolder(self._server.data / "presets")
        folder.refresh()
        self._promises.check(folder.presets, when)
        return folder.presets

    def _kill(self) -> None:
        self._server.kill()
        self._players.hear(0.05)  # what was answered before it was killed
        self._promises.settle(self.check_files("after it was killed"), self._promises.pending)
        self._promises.forget_held()
        for part in self._parts:
            part.restarted()
        self._server.start()
        self._players.connect()
        for part in self._parts:
            part.server_is_there()

    def _freeze(self) -> None:
        """Stop the server while it is played; what its socket does not hold is lost, and not answered."""
        before = self._promises.pending
        self._server.freeze(True)
        try:
            self._players.play(self._rng.uniform(0.2, 2.0))
        finally:
            self._server.freeze(False)
        lost, deadline = self._promises.pending - before, monotonic() + _LOST_S
        while (lost := lost & self._promises.pending) and monotonic() < deadline:
            self._players.hear(0.05)
        self._promises.settle(self.check_files("after it stood still"), lost)

    def _fill_disk(self) -> None:
        self._server.fill_disk(True)
        try:
            self._players.play(_PAUSE_S)
        finally:
            self._server.fill_disk(False)

    def _step_clock(self) -> None:
        """Set the clock by up to two days, forward or back; it stays so until the next step."""
        self._server.step_clock(self._rng.choice((-1, 1)) * self._rng.uniform(1.0, 2.0 * _DAY_S))

    def _attack(self) -> None:
        welcome = self._players.devices[0].welcome
        sizes = Sizes(n_macros=int(welcome[6]), n_latent=int(welcome[7]), n_parameters=int(welcome[8]))
        packets = valid_packets(sizes, str(welcome[4]))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for k, packet in enumerate(mutations(packets, _N_HOSTILE, self._rng.randrange(2**31))):
                with contextlib.suppress(OSError):  # longer than a datagram can be
                    sock.sendto(packet, ("127.0.0.1", self._server.port))
                if k % 20 == 19:
                    self._players.play(0.02)

    def _drop_files(self) -> None:
        """Put files into folders of the player that sync programs, and enemies, leave there."""
        n = self._rng.randrange(10**6)
        presets = self._server.data / "presets"
        saved = sorted(presets.glob("soak*.json"))
        for path in self._rng.sample(saved, k=min(2, len(saved))):
            with contextlib.suppress(OSError, ValueError):
                older = json.loads(path.read_text("utf-8"))
                older["latent"] = [0.0] * len(older["latent"])
                (presets / f"{path.stem} (conflict {n}).json").write_text(json.dumps(older))
        for name in ("presets", "controllers", "macros", "sketches"):
            folder = self._server.data / name
            folder.mkdir(exist_ok=True)
            (folder / f"bomb {n}.yaml").write_text(_BOMB)
            (folder / f"cut {n}.json").write_text('{"format": 1, "name": "soak')
            (folder / f"cut {n}.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt ")
            for suffix in (".json", ".yaml", ".wav") if hasattr(os, "mkfifo") else ():
                os.mkfifo(folder / f"pipe {n}{suffix}")
        for name in ("cut", "pipe"):
            self._players.devices[0].send("/flow/sketch/file", f"{name} {n}.wav", 0)

    def _drip(self) -> None:
        """Hold connections to each page that send a byte now and then."""
        with contextlib.ExitStack() as stack:
            held = []
            for port in self._server.tcp_ports:
                for _ in range(_N_DRIPPING):
                    sock = stack.enter_context(socket.socket())
                    sock.setblocking(False)
                    sock.connect_ex(("127.0.0.1", port))
                    held.append(sock)
            for byte in b"GET / HT":
                for sock in held:
                    with contextlib.suppress(OSError):
                        sock.send(bytes([byte]))
                self._players.play(0.1)

    def _load_model(self) -> None:
        self._players.devices[0].send("/flow/model", str(self._players.devices[0].welcome[4]))
        self._players.play(_PAUSE_S)

    def _hit_child(self, how: Callable[[psutil.Process], None]) -> None:
        """Do something to one of the server's own processes, if it has any."""
        children = self._server.workers()
        if children:
            with contextlib.suppress(psutil.Error):  # it has just ended
                how(self._rng.choice(children))

    def wait_until_answered(self, seconds: float) -> None:
        """Wait until every change has been answered.

        Raises:
            DeviceError: One is not.
        """
        deadline = monotonic() + seconds
        while self._promises.n_pending and monotonic() < deadline:
            self._players.hear(0.05)
        if self._promises.n_pending:
            raise DeviceError(f"{self._promises.n_pending} changes of presets were never answered.")


KINDS = (
    KILLED,
    "stood still",
    "disk full",
    "clock stepped",
    "hostile packets",
    "hostile files",
    "dripping connections",
    "another model",
    "a process of its own killed",
    "a process of its own stood still",
)
