"""Play a server with everything at once, throw faults at it by seed, and check what it promised.

    python -m benchmarks.soak --minutes 10 [--seed 1] [--model NAME]

Eight devices turn macros, save, overwrite, load and delete presets. Meanwhile the server is killed, stands
still, has no room on its disk, gets hostile packets and files, and is asked by connections that drip. What
it acknowledged must be on disk, every frame within bounds, every change answered, and nothing left.
"""

import argparse
import random
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

import numpy as np

from benchmarks.soak.faults import KINDS, Faults
from benchmarks.soak.players import Players
from benchmarks.soak.promises import Promises
from benchmarks.soak.soaked_server import Figures, SoakedServer
from core.command import exit_status
from core.errors import DeviceError
from models.installed import find_model

__all__ = ["Result", "soak"]

_FAULT_EVERY_S = 5.0
_ANSWERED_S = 30.0
_REST_S = 2.0  # after the last fault, until what it holds is measured
_WINDOW = 1 / 4  # of the time, at each end, whose turns are compared


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a soak found.

    Attributes:
        broken: What is not as it was promised, in words; empty if all is well.
        rows: The table: what, and how it was.
    """

    broken: list[str]
    rows: list[tuple[str, str]]


def main(given: list[str] | None = None) -> int:
    """Run the soak and return its exit status: 1 if a promise was broken."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.split("\n")[0])
    p.add_argument("--minutes", type=float, default=10.0, help="(%(default)s)")
    p.add_argument("--seed", type=int, default=1, help="of what is played and what goes wrong (%(default)s)")
    p.add_argument("--model", default="vital-32", help="model name or folder (%(default)s)")
    p.add_argument("--devices", type=int, default=8, help="(%(default)s)")
    p.add_argument("--rate", type=float, default=200.0, help="turns a second, of all together (%(default)s)")
    p.add_argument("--option", action="append", default=[], help="of run_server.py, such as --option=--panel")
    return exit_status(partial(_run, p.parse_args(given)))


def _run(options: argparse.Namespace) -> int:
    result = soak(
        str(find_model(options.model)),
        60.0 * options.minutes,
        options.seed,
        n_devices=options.devices,
        rate_hz=options.rate,
        options=options.option,
    )
    for what, how in result.rows:
        print(f"{what:44}{how:>30}")
    for text in result.broken:
        print(f"BROKEN: {text}")
    return 1 if result.broken else 0


def soak(
    model: str,
    seconds: float,
    seed: int,
    *,
    n_devices: int = 8,
    rate_hz: float = 200.0,
    options: list[str] | None = None,
    fault_every_s: float = _FAULT_EVERY_S,
) -> Result:
    """Play, throw faults, check.

    Args:
        model: Folder of the model.
        seconds: How long.
        seed: Of everything that is drawn.
        n_devices: Devices, each with an instrument of its own.
        rate_hz: Turns of macros a second, of all together.
        options: More for `run_server.py`.
        fault_every_s: How long it is played between two faults.
    """
    rng, promises = random.Random(seed), Promises()
    with tempfile.TemporaryDirectory() as folder:
        server = SoakedServer(model, Path(folder), options or [])
        try:
            players = Players(server.port, n_devices, rng, promises, rate_hz)
            faults = Faults(server, players, promises, rng)
            started = monotonic()
            players.play(min(fault_every_s, seconds / 4))
            marks = [("at first", server.figures())]
            kinds: list[str] = []
            while monotonic() - started < seconds:
                kinds = kinds or rng.sample(KINDS, len(KINDS))  # each comes as often as the others
                kind = kinds.pop()
                faults.throw(kind)
                players.play(fault_every_s)
                faults.check(f"after {kind}")
                if kind == "killed":  # another process, which takes its own
                    marks.append(("after a start", server.figures()))
            broken = _answered(faults)
            faults.check("at the end")
            players.hear_all(_REST_S)
            marks.append(("at the end", server.figures()))
            for client in players.clients:
                client.close()
            seconds_to_end, left = server.stop()
            faults.check("after the end")
        finally:
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait()
        said = [line for line in server.said if "Traceback" in line or "this is a bug" in line]
    broken += promises.broken + players.broken + [f"left behind: {what}" for what in left] + said
    if seconds_to_end > 3.0:
        broken.append(f"it took {seconds_to_end:.1f} s to end")
    return Result(broken=broken, rows=_rows(players, promises, faults, marks, started, seconds_to_end))


def _answered(faults: Faults) -> list[str]:
    try:
        faults.wait_until_answered(_ANSWERED_S)
    except DeviceError as error:
        return [str(error)]
    return []


def _rows(
    players: Players,
    promises: Promises,
    faults: Faults,
    marks: list[tuple[str, Figures]],
    started: float,
    seconds_to_end: float,
) -> list[tuple[str, str]]:
    ended = max([at for at, _ in players.round_trips], default=started)
    window = (ended - started) * _WINDOW
    first = [s for at, s in players.round_trips if at < started + window]
    last = [s for at, s in players.round_trips if at > ended - window]
    return [
        ("turns sent, frames heard", f"{players.n_turns}, {players.n_frames}"),
        ("turn to frame at first, p50 and p99", _percentiles(first)),
        ("turn to frame at the end, p50 and p99", _percentiles(last)),
        ("changes of presets acknowledged", str(promises.n_kept)),
        ("changes refused with a word", str(promises.n_refused)),
        ("changes in hand when it was killed", str(promises.n_unanswered)),
        *((kind, f"{n} times") for kind, n in faults.counts.items()),
        *(
            (f"memory, files, threads, processes {when}", f"{mib:.0f} MiB, {files}, {threads}, {children}")
            for when, (mib, files, threads, children) in (marks[0], *marks[-2:])
        ),
        ("SIGTERM to the end", f"{seconds_to_end:.1f} s"),
    ]


def _percentiles(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    p50, p99 = np.percentile(seconds, [50, 99]) * 1e3
    return f"{p50:.1f} ms, {p99:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
