"""What goes wrong on a stage, drawn by seed."""

import contextlib
import json
import os
import random
import socket
from collections.abc import Callable
from time import monotonic

from benchmarks.hostile import mutations, valid_packets
from benchmarks.soak.players import Players
from benchmarks.soak.promises import Promises
from benchmarks.soak.soaked_server import SoakedServer
from core.errors import DeviceError
from server.instrument.preset_folder import PresetFolder
from server.osc.fitting import Sizes

__all__ = ["KINDS", "Faults"]

_N_HOSTILE = 400
_N_DRIPPING = 40
_PAUSE_S = 1.0
_BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nname: *b\n"


class Faults:
    """Throws faults at a server that is being played.

    Args:
        server: It.
        players: Who play it.
        promises: What has to hold after each.
        rng: Draws what goes wrong.
    """

    def __init__(
        self, server: SoakedServer, players: Players, promises: Promises, rng: random.Random
    ) -> None:
        self._server, self._players, self._promises, self._rng = server, players, promises, rng
        self._by_kind: dict[str, Callable[[], None]] = {
            "killed": self._kill,
            "stood still": self._freeze,
            "disk full": self._fill_disk,
            "hostile packets": self._attack,
            "hostile files": self._drop_files,
            "dripping connections": self._drip,
            "another model": self._load_model,
        }
        self.counts = dict.fromkeys(self._by_kind, 0)

    def throw(self, kind: str) -> None:
        """Throw a fault of a kind."""
        self.counts[kind] += 1
        self._by_kind[kind]()

    def check(self, when: str) -> None:
        """Hold what is on disk against what was acknowledged."""
        folder = PresetFolder(self._server.data / "presets")
        folder.refresh()
        self._promises.check(folder.presets, when)

    def _kill(self) -> None:
        self._server.kill()
        folder = PresetFolder(self._server.data / "presets")
        folder.refresh()
        self._players.hear_all(0.2)  # what was answered before it was killed
        self._promises.check(folder.presets, "after it was killed")
        self._promises.settle(folder.presets)
        self._players.connect()

    def _freeze(self) -> None:
        self._server.freeze(self._rng.uniform(0.2, 2.0))

    def _fill_disk(self) -> None:
        self._server.fill_disk(True)
        try:
            self._players.play(_PAUSE_S)
        finally:
            self._server.fill_disk(False)

    def _attack(self) -> None:
        welcome = self._players.clients[0].welcome
        sizes = Sizes(n_macros=int(welcome[6]), n_latent=int(welcome[7]), n_parameters=int(welcome[8]))
        packets = valid_packets(sizes, str(welcome[4]))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for k, packet in enumerate(mutations(packets, _N_HOSTILE, self._rng.randrange(2**31))):
                with contextlib.suppress(OSError):  # longer than a datagram can be
                    sock.sendto(packet, ("127.0.0.1", self._server.port))
                if k % 20 == 19:
                    self._players.play(0.02)

    def _drop_files(self) -> None:
        """Put files into the folder of presets that sync programs, and enemies, leave there."""
        folder = self._server.data / "presets"
        folder.mkdir(exist_ok=True)
        n = self._rng.randrange(10**6)
        for path in self._rng.sample(
            sorted(folder.glob("soak*.json")), k=min(2, len(list(folder.glob("soak*.json"))))
        ):
            with contextlib.suppress(OSError, ValueError):
                older = json.loads(path.read_text("utf-8"))
                older["latent"] = [0.0] * len(older["latent"])
                (folder / f"{path.stem} (conflict {n}).json").write_text(json.dumps(older))
        (folder / f"bomb {n}.yaml").write_text(_BOMB)
        (folder / f"cut {n}.json").write_text('{"format": 1, "name": "soak')
        if hasattr(os, "mkfifo"):
            os.mkfifo(folder / f"pipe {n}.json")

    def _drip(self) -> None:
        """Hold connections to the OSCQuery page that send a byte now and then."""
        with contextlib.ExitStack() as stack:
            held = []
            for _ in range(_N_DRIPPING):
                with contextlib.suppress(OSError):
                    sock = socket.create_connection(("127.0.0.1", self._server.query_port), timeout=1.0)
                    held.append(stack.enter_context(sock))
            for byte in b"GET / HT":
                for sock in held:
                    with contextlib.suppress(OSError):
                        sock.send(bytes([byte]))
                self._players.play(0.1)

    def _load_model(self) -> None:
        self._players.clients[0].send("/flow/model", str(self._players.clients[0].welcome[4]))
        self._players.play(_PAUSE_S)

    def wait_until_answered(self, seconds: float) -> None:
        """Wait until every change has been answered.

        Raises:
            DeviceError: One is not.
        """
        deadline = monotonic() + seconds
        while self._promises.n_pending and monotonic() < deadline:
            self._players.hear_all(0.05)
        if self._promises.n_pending:
            raise DeviceError(f"{self._promises.n_pending} changes of presets were never answered.")


KINDS = (
    "killed",
    "stood still",
    "disk full",
    "hostile packets",
    "hostile files",
    "dripping connections",
    "another model",
)
