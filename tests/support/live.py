"""Ways to run the live side in tests: a bridge without a socket, and a whole server."""

import contextlib
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import psutil

from server.bridge import Bridge
from server.client import Client
from server.handling.handlers import MessageHandlers
from server.instrument.loaded_model import LoadedModel, load_model
from server.instrument.played_model import PlayedModels
from server.instrument.presets import PresetStore
from server.midi.controllers import Controllers
from server.osc.builder import build, typed_message
from server.osc.clients import Clients
from server.osc.outbox import Outbox
from server.osc.parser import read_message
from server.running.jobs import Job
from server.session import Session
from server.sketch.sketcher import Sketcher
from server.sound.sound import Sound
from server.tracks.remembered_models import RememberedModels
from server.tracks.tracks import Tracks
from tests.support.sent import StrictClient, check_sent

ROOT = Path(__file__).resolve().parents[2]
ME = ("127.0.0.1", 50_001)  # sends from here
MY_PORT = 50_011  # listens there
OTHER = ("127.0.0.1", 50_002)
OTHER_PORT = 50_012
OWN_PORT, REPLY_PORT = 9130, 9131


@lru_cache
def load(folder: Path, backend: str = "onnxruntime") -> LoadedModel:
    return load_model(folder, backend)


class InlineJobs:
    """Runs a job when told to, and lands it: a worker without a thread."""

    def __init__(self):
        self.waiting: list[Job] = []
        self.posted: deque[Callable[[], None]] = deque()  # from other threads
        self.full = False

    def submit(self, job: Job) -> bool:
        if self.full:
            return False
        self.waiting.append(job)
        return True

    def post(self, landing):
        self.posted.append(landing)

    def run(self):
        while self.posted:
            self.posted.popleft()()
        waiting, self.waiting = self.waiting, []
        for job in waiting:
            try:
                result = job.work()
            except Exception as error:
                job.fail(error)
            else:
                job.land(result)


class SoundLink:
    """The sound process, as far as the loop knows it: keeps what it was sent."""

    def __init__(self):
        self.options, self.orders, self.patches, self.spaces, self.reports = None, [], {}, {}, []

    @property
    def is_started(self):
        return self.options is not None

    @property
    def waiting(self):
        return bool(self.reports)

    def start(self, options):
        self.options = options

    def send(self, order):
        self.orders.append(order)

    def set_patch(self, instrument, patch, space):
        self.patches[instrument], self.spaces[instrument] = patch, space

    def collect(self):
        reports, self.reports = self.reports, []
        return reports


class Rig:
    """A bridge, a clock that stands still, and what was sent, by listening port."""

    def __init__(
        self,
        folder: Path,
        data: Path,
        seed: int = 1,
        observe=None,
        midi: bool = False,
        feedback=None,
        processes=None,
        outputs=(),
        keys=None,
        make_own=None,
        run: int = 77,
    ):
        self.store = PresetStore(data / "presets")
        self.models = PlayedModels(load(folder), self.store.presets.values(), data / "macros")
        self.choices = self.models.default.choices
        self.outbox = Outbox(Clients(REPLY_PORT))
        self.tracks = Tracks(self.models, self.outbox.clients, self.outbox, seed)
        self.instrument = self.tracks.focus.instrument
        self.jobs = InlineJobs()
        self.profiles = data / "controllers"
        self.controllers = Controllers(self.profiles, lambda: None, feedback) if midi else None
        models = {path.name: path for path in folder.parent.iterdir()}
        self.desk_models = models
        sketcher = None if processes is None else Sketcher(data / "sketches", processes)
        handlers = MessageHandlers(
            self.tracks,
            self.store,
            models,
            RememberedModels(data / "instruments.yaml"),
            data / "exports",
            "onnxruntime",
            self.controllers,
            sketcher,
            make_own=None if make_own is None else partial(make_own, post=self.jobs.post),
        )
        self.link = SoundLink()
        session = Session(
            run=run, own=("127.0.0.1", OWN_PORT), reply_port=REPLY_PORT, sketches=data / "sketches"
        )
        self.bridge = Bridge(
            session,
            self.tracks,
            self.outbox,
            handlers,
            self.jobs,
            observe,
            self.controllers,
            outputs,
            sketcher,
            Sound(self.link, keys=keys),
        )
        self.now = 100.0

    def hello(self, sender=ME, port=MY_PORT, nonce=1, kind="device", name="test"):
        return self.send("/flow/hello", nonce, port, 1, kind, name, sender=sender)

    def raw(self, datagram: bytes, sender=ME):
        self.bridge.receive(datagram, sender, self.now)

    def put(self, address: str, *values, sender=ME):
        """Let a message arrive; nothing is computed yet."""
        self.raw(typed_message(address, *values), sender)

    def send(self, address: str, *values, sender=ME):
        """Let a message arrive, finish the turn and its jobs; what went out, by port."""
        self.put(address, *values, sender=sender)
        return self.turn()

    def turn(self):
        self.bridge.finish(self.now)
        self.jobs.run()
        self.bridge.finish(self.now)
        for _ in range(100):
            self.now += 0.004
            self.bridge.tick(self.now)
            if self.bridge.rest_s(self.now) > 0.02:  # no list is being sent, or waits to be
                break
        return self.sent()

    def rest(self, seconds: float):
        self.now += seconds
        self.bridge.tick(self.now)
        self.jobs.run()
        return self.sent()

    def sent(self) -> dict[int, list[tuple]]:
        by_port: dict[int, list[tuple]] = {}
        sizes = {played.loaded.sizes for played in self.models}
        known = sizes.pop() if len(sizes) == 1 else None  # of several models, messages have several lengths
        for datagram, (_host, port) in self.bridge.out:
            is_ours = datagram.startswith(b"/flow/")  # else it goes to a fader of another program
            message = check_sent(datagram, known) if is_ours else read(datagram)
            by_port.setdefault(port, []).append(message)
        self.bridge.out.clear()
        return by_port


def read(datagram: bytes) -> tuple:
    """Read a message as (address, value, value, ...), after the guard let it through."""
    address, values = read_message(datagram)
    return (address, *values)


def floats(address: str, values) -> bytes:
    """Build a message of floats only, whether they fit the table or not."""
    return build(address, "f" * len(values), *(float(value) for value in values))


def only(messages, address: str):
    """The arguments of the one message to an address."""
    (found,) = [m[1:] for m in messages if m[0] == address]
    return found


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@dataclass
class Running:
    """A server process."""

    process: subprocess.Popen
    port: int
    reply_port: int
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def client(self, **options) -> StrictClient:
        """A client that is not told the present state first, as a device is not."""
        return StrictClient(self.port, **{"kind": "device", "timeout_s": 20.0, **options})

    def that_serves(self, port: int) -> psutil.Process:
        """The process of the server's that listens to a TCP port."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            if any(connection.laddr[1] == port for connection in process.net_connections("tcp4")):
                return process
        raise AssertionError(f"no process of the server listens to {port}")


@contextlib.contextmanager
def running_server(
    folder: Path,
    data: Path,
    *options: str,
    port=None,
    reply_port=None,
    program: Sequence[str] = ("run_server.py",),
):
    """Run run_server.py until the end of the block; it has welcomed a client when it starts."""
    port, reply_port = port or free_port(), reply_port or free_port()
    data.mkdir(parents=True, exist_ok=True)
    log = data / f"log-{port}.txt"
    command = [sys.executable, *program, "--model", str(folder), "--data", str(data)]
    command += ["--port", str(port), "--reply-port", str(reply_port), *options]
    with log.open("w") as stream:
        process = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=stream)
    try:
        Client(port, timeout_s=60.0).close()
        yield Running(process, port, reply_port, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        finally:
            process.kill()  # or it would outlive the test that it fails


def eventually(condition: Callable[[], bool], limit_s: float = 20.0) -> bool:
    """Wait until something is so; the limit is long, for busy machines."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


@contextlib.contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """A socket that listens on a port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", port))
        sock.settimeout(3.0)
        yield sock
