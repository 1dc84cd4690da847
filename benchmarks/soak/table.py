"""What a soak prints."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.soak.faults import Faults
from benchmarks.soak.parts.part import Part
from benchmarks.soak.players import Players
from benchmarks.soak.promises import Promises
from benchmarks.soak.soaked_server import Figures

__all__ = ["rows"]

_WINDOW = 1 / 12  # of the time, at each end, whose turns are compared: five minutes of an hour


def rows(
    players: Players,
    promises: Promises,
    faults: Faults,
    parts: Sequence[Part],
    left_out: Mapping[str, str],
    marks: Sequence[tuple[str, Figures]],
    began: float,
    seconds_to_end: float,
) -> list[tuple[str, str]]:
    """Return the table: what, and how it was."""
    trips = players.round_trips
    ended = max([at for at, _ in trips], default=began)
    window = (ended - began) * _WINDOW
    first = [s for at, s in trips if at < began + window]
    last = [s for at, s in trips if at > ended - window]
    return [
        ("turns sent, left out as too late", f"{players.n_turns}, {players.n_left_out}"),
        ("frames heard", str(players.n_frames)),
        ("turn to frame at first, p50 and p99", _percentiles(first)),
        ("turn to frame at the end, p50 and p99", _percentiles(last)),
        ("changes of presets acknowledged", str(promises.n_kept)),
        ("changes refused with a word", str(promises.n_refused)),
        ("changes lost as it was killed or stood still", str(promises.n_unanswered)),
        ("presets loaded that play what was saved", str(players.judge.n_right)),
        *((part.name, part.words()) for part in parts),
        *((name, f"left out: {why}") for name, why in left_out.items()),
        *((kind, f"{n} times") for kind, n in faults.counts.items()),
        *(
            (
                f"memory, files, threads, processes {when}",
                f"{at.mib:.0f} MiB, {at.n_files}, {at.n_threads}, {at.n_processes}",
            )
            for when, at in marks
        ),
        ("SIGTERM to the end", f"{seconds_to_end:.1f} s"),
    ]


def _percentiles(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    p50, p99 = np.percentile(seconds, [50, 99]) * 1e3
    return f"{p50:.1f} ms, {p99:.1f} ms"
