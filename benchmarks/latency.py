"""Time from a macro to its frame: a bare UDP echo, a plain python-osc server, and this server, interleaved.

    python -m benchmarks.latency [--model NAME]
    python -m benchmarks.latency --instruments 32
    python -m benchmarks.latency --sounding
    python -m benchmarks.latency --flood

Each server runs in its own process. A round sends one macro to each and waits for the answer, so that
whatever else the machine does affects all three alike.
"""

import argparse
import socket
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from time import monotonic, perf_counter, sleep

import numpy as np

from benchmarks.rig.dummy_jack import dummy_jack
from benchmarks.rig.server_process import free_port, our_server, python_process, wait_until_answers
from core.command import exit_status
from core.errors import DeviceError
from models.folder import ModelFolder
from models.installed import find_model
from server.client import Client
from server.osc.builder import build

__all__ = ["compare", "flood", "interleaved", "our_asker"]

_FRAME = b"/flow/params"
_N_MACROS_TURNED = 8
_WARM_UP = 200  # rounds that are not counted


def main(given: list[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__.split("\n")[0])
    p.add_argument("--model", default="vital-32", help="model name or folder (%(default)s)")
    p.add_argument("--rounds", type=int, default=3000, help="messages to each server (%(default)s)")
    p.add_argument("--gap-ms", type=float, default=1.0, help="pause between rounds (%(default)s)")
    p.add_argument(
        "--instruments",
        type=int,
        default=1,
        help="add a server with this many instruments (%(default)s: none)",
    )
    p.add_argument(
        "--sounding", action="store_true", help="add a server whose instrument holds a chord (needs JACK)"
    )
    p.add_argument(
        "--flood", action="store_true", help="instead, send 5,000 messages a second to this server"
    )
    p.add_argument("--seconds", type=float, default=10.0, help="length of the flood (%(default)s)")
    p.add_argument("--rate", type=int, default=5000, help="messages per second of the flood (%(default)s)")
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    path = str(find_model(options.model))
    if options.flood:
        flood(path, options.rate, options.seconds)
    else:
        compare(path, options.rounds, options.gap_ms / 1e3, options.instruments, options.sounding)


def compare(model: str, rounds: int, gap_s: float, n_instruments: int = 1, sounding: bool = False) -> None:
    """Time the servers in one interleaved run, and print a table.

    Args:
        model: Folder of the model that plays.
        rounds: Macros sent to each server.
        gap_s: Pause between rounds, seconds.
        n_instruments: If more than one, a second server with this many instruments takes part.
        sounding: Whether a server takes part that plays a chord, which follows the macros.
    """
    with ExitStack() as stack:
        echo_port, plain_port, our_port = free_port(), free_port(), free_port()
        stack.enter_context(python_process("-m", "benchmarks.rivals.udp_echo", str(echo_port)))
        stack.enter_context(
            python_process("-m", "benchmarks.rivals.plain_osc_server", str(plain_port), model)
        )
        _, client = stack.enter_context(our_server(our_port, model))
        sock = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.bind(("127.0.0.1", 0))
        for port in (echo_port, plain_port):
            wait_until_answers(sock, port, build("/flow/macro", "if", 0, 0.5), 30.0)
        ask: dict[str, Callable[[bytes], None]] = {
            "UDP echo": _asker(sock, echo_port, b"/"),
            "python-osc, torch": _asker(sock, plain_port, _FRAME),
            "this server": our_asker(client),
        }
        if n_instruments > 1:
            port = free_port()
            stack.enter_context(our_server(port, model))
            players = [
                stack.enter_context(Client(port, kind="device", instrument=f"track {k}"))
                for k in range(n_instruments)
            ]
            ask[f"{n_instruments} instruments"] = our_asker(players[-1])
        if sounding:
            stack.enter_context(dummy_jack())
            _, player = stack.enter_context(our_server(free_port(), model, "--audition"))
            _play_chord(player)
            ask["while it sounds"] = our_asker(player)
        times = interleaved(ask, rounds, gap_s)
    _print_table(times, rounds, gap_s)


def _play_chord(client: Client) -> None:
    deadline = monotonic() + 60.0
    while (client.wait_for("/flow/sound", 1.0) or ["off"])[0] != "on":
        client.send("/flow/sound")
        if monotonic() > deadline:
            raise DeviceError("the sound does not start; try it by hand: run_server.py --audition")
    for note in (48, 55, 64):
        client.send("/flow/note", note, 100)


def _asker(sock: socket.socket, port: int, wanted: bytes) -> Callable[[bytes], None]:
    def ask(datagram: bytes) -> None:
        sock.settimeout(1.0)
        sock.sendto(datagram, ("127.0.0.1", port))
        while not sock.recv(8192).startswith(wanted):
            pass

    return ask


def our_asker(client: Client) -> Callable[[bytes], None]:
    """Return a function that sends a datagram to this server and waits for the frame that answers it."""
    client.receive_all(0.3)  # skip what every new client receives
    last = [-1]

    def ask(datagram: bytes) -> None:
        client.send_raw(datagram)
        while True:
            answer = client.receive_raw(1.0)
            if answer.startswith(_FRAME) and _sequence(answer) > last[0]:
                last[0] = _sequence(answer)
                return

    return ask


def interleaved(ask: dict[str, Callable[[bytes], None]], rounds: int, gap_s: float) -> dict[str, np.ndarray]:
    """Ask each server in every round, in random order, and return the seconds per answer by name."""
    rng = np.random.default_rng(0)
    times = {name: np.zeros(rounds) for name in ask}
    names = list(ask)
    for n in range(-_WARM_UP, rounds):
        datagram = build("/flow/macro", "if", int(rng.integers(_N_MACROS_TURNED)), float(rng.uniform()))
        rng.shuffle(names)  # none always comes after the slow one
        for name in names:
            start = perf_counter()
            ask[name](datagram)
            taken = perf_counter() - start
            if n >= 0:
                times[name][n] = taken
            sleep(gap_s)
    return times


def _print_table(times: dict[str, np.ndarray], rounds: int, gap_s: float) -> None:
    floor, rival = (np.percentile(times[n], 50) for n in ("UDP echo", "python-osc, torch"))
    lines = [
        f"{rounds} macros to each, interleaved, {gap_s * 1e3:g} ms apart; round trip in ms",
        f"{'':20}{'p50':>8}{'p99':>8}{'p99.9':>8}{'p99-p50':>9}{'x echo':>8}{'x plain':>9}",
    ]
    for name, taken in times.items():
        p50, p99, p999 = np.percentile(taken, [50, 99, 99.9])
        lines.append(
            f"{name:20}{p50 * 1e3:8.3f}{p99 * 1e3:8.3f}{p999 * 1e3:8.3f}"
            f"{(p99 - p50) * 1e3:9.3f}{p50 / floor:8.2f}{p50 / rival:9.3f}"
        )
    print("\n".join(lines))


def flood(model: str, rate: int, seconds: float) -> None:
    """Flood this server with macros, and time the answer to the last value."""
    import psutil

    loaded = ModelFolder.load(find_model(model))
    with our_server(free_port(), model) as (process, client):
        memory = psutil.Process(process.pid).memory_info
        frames: list[tuple[float, bytes]] = []
        stop = threading.Event()
        listener = threading.Thread(target=_listen, args=(client, frames, stop))
        listener.start()
        _send_flood(client, rate, 1.0, seed=1)  # warm
        before = memory().rss
        values, last_sent, n_sent = _send_flood(client, rate, seconds, seed=2)
        sleep(0.5)
        stop.set()
        listener.join()
        after = memory().rss
        client.send("/flow/health")
        health = client.wait_for("/flow/health")
    z = loaded.macros.resting.astype(np.float64)
    for k, value in values.items():
        z = loaded.macros[k].turn(z, value)
    expected = loaded.flow.decode(z.astype(np.float32))
    right = [t for t, frame in frames if np.abs(_patch(frame) - expected).max() < 1e-3]
    answer = f"{(right[0] - last_sent) * 1e3:.2f} ms" if right else "never"
    print(
        f"{n_sent} macros in {seconds:g} s ({n_sent / seconds:.0f} a second), "
        f"{len(frames)} frames back\n"
        f"the last value was answered after: {answer}\n"
        f"resident memory: {before / 2**20:.1f} MiB before, {after / 2**20:.1f} after "
        f"({(after - before) / 2**10:+.0f} KiB)\n"
        f"health (p50 ms, p99 ms, received, coalesced, refused): {health}"
    )


def _listen(client: Client, frames: list[tuple[float, bytes]], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            datagram = client.receive_raw(0.1)
        except TimeoutError:
            continue
        if datagram.startswith(_FRAME):
            frames.append((perf_counter(), datagram))
            del frames[:-50_000]


def _send_flood(client: Client, rate: int, seconds: float, seed: int) -> tuple[dict[int, float], float, int]:
    rng = np.random.default_rng(seed)
    n = int(rate * seconds)
    turned = rng.integers(_N_MACROS_TURNED, size=n)
    values = rng.uniform(size=n).astype(np.float32)
    last: dict[int, float] = {}
    start = sent_at = perf_counter()
    for j in range(n):
        due = start + j / rate
        while (now := perf_counter()) < due:
            sleep(max(0.0, due - now))
        k, value = int(turned[j]), float(values[j])
        client.send_raw(build("/flow/macro", "if", k, value))
        sent_at = perf_counter()
        last[k] = value
    return last, sent_at, n


def _patch(frame: bytes) -> np.ndarray:
    n = _n_values(frame)
    return np.array(struct.unpack_from(f">{n}f", frame, len(frame) - 4 * n))


def _sequence(frame: bytes) -> int:
    sequence: int = struct.unpack_from(">i", frame, len(frame) - 4 * _n_values(frame) - 4)[0]
    return sequence


def _n_values(frame: bytes) -> int:
    return frame.index(b"\0", 16) - 18  # type tags `,i` and an f for each start at byte 16


if __name__ == "__main__":
    sys.exit(main())
