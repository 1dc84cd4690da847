"""The course of a soak: parts, players, faults in turn, and what has to be so at the end."""

import random
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from benchmarks.soak.faults import KILLED, KINDS, Faults
from benchmarks.soak.parts.midi import Midi
from benchmarks.soak.parts.oscquery import OscQuery
from benchmarks.soak.parts.page import Page
from benchmarks.soak.parts.part import Part
from benchmarks.soak.parts.sketches import Sketches
from benchmarks.soak.parts.sound import Sound
from benchmarks.soak.players import Players
from benchmarks.soak.promises import Promises
from benchmarks.soak.soaked_server import Figures, SoakedServer
from benchmarks.soak.table import rows
from core.errors import DeviceError

__all__ = ["PARTS", "Result", "soak"]

PARTS = ("midi", "sketches", "panel", "oscquery", "sound")
_FAULT_EVERY_S = 5.0
_ANSWERED_S = 30.0
_LISTED_S = 20.0
_REST_S = 2.0  # after the last fault, until what it holds is measured
_LONGEST_END_S = 3.0
_OLD = 2 / 3  # of the time: from then on nothing may grow
_MEMORY_FOR_S = 600.0  # between two figures that are compared; before, histories and lists still fill
_MOST_GROWTH = 1.03  # of memory
_LINES_OF_BUG = 24
_MOST_MORE = 8  # files, or threads: connections come and go


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a soak found.

    Attributes:
        broken: What is not as it was promised, in words; empty if all is well.
        rows: The table: what, and how it was.
    """

    broken: list[str]
    rows: list[tuple[str, str]]


def soak(
    model: str,
    seconds: float,
    seed: int,
    *,
    n_devices: int = 8,
    rate_hz: float = 200.0,
    options: Sequence[str] = (),
    parts: Sequence[str] = PARTS,
    kinds: Sequence[str] = KINDS,
    fault_every_s: float = _FAULT_EVERY_S,
) -> Result:
    """Play, throw faults, check.

    Args:
        model: Folder of the model.
        seconds: How long.
        seed: Of everything that is drawn.
        n_devices: Devices, each with an instrument of its own.
        rate_hz: Turns of macros a second, of each.
        options: More for `run_server.py`.
        parts: What else is played with, of `PARTS`.
        kinds: Faults that are thrown, of `KINDS`.
        fault_every_s: How long it is played between two faults.
    """
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))) / "data"
        data.mkdir()
        run = _Soak(random.Random(seed), seconds, fault_every_s)
        run.prepare(stack, data, parts)
        run.play(stack, model, data, options, n_devices, rate_hz, kinds)
    return Result(broken=run.broken, rows=run.rows)


class _Soak:
    """One soak.

    Args:
        rng: Draws everything.
        seconds: How long.
        fault_every_s: How long it is played between two faults.
    """

    def __init__(self, rng: random.Random, seconds: float, fault_every_s: float) -> None:
        self._rng, self._seconds, self._fault_every_s = rng, seconds, fault_every_s
        self._promises = Promises()
        self._parts: list[Part] = []
        self._left_out: dict[str, str] = {}
        self._marks: list[tuple[str, Figures]] = []
        self._said: list[str] = []
        self.broken: list[str] = []
        self.rows: list[tuple[str, str]] = []

    def prepare(self, stack: ExitStack, data: Path, wanted: Sequence[str]) -> None:
        """Get the parts ready that are wanted and can be had."""
        makers: dict[str, Callable[[], Part]] = {
            "midi": lambda: Midi(random.Random(self._rng.random())),
            "sketches": Sketches,
            "panel": lambda: Page(lambda: self._server.said),
            "oscquery": OscQuery,
            "sound": Sound,
        }
        for key in PARTS:
            part = makers[key]()
            if key not in wanted:
                self._left_out[part.name] = "not asked for"
                continue
            try:
                part.prepare(stack, data)
            except DeviceError as error:
                self._left_out[part.name] = str(error)
            else:
                self._parts.append(part)

    def play(
        self,
        stack: ExitStack,
        model: str,
        data: Path,
        options: Sequence[str],
        n_devices: int,
        rate_hz: float,
        kinds: Sequence[str],
    ) -> None:
        """Play, and throw faults until the time is over; then look at everything, and end the server."""
        given = [option for part in self._parts for option in part.options]
        ports = [part.port for part in self._parts if part.port]
        self._server = SoakedServer(model, data, [*given, *options], ports)
        stack.callback(self._server.end_at_once)
        try:
            players = Players(
                self._server.port, n_devices, self._rng, self._promises, rate_hz, self._play_parts
            )
        except DeviceError:
            self._server.check_is_running("before it answered")
            raise
        stack.callback(players.close)
        for part in self._parts:
            part.begin(self._server.port)
            part.server_is_there()
        faults = Faults(self._server, players, self._promises, self._parts, self._rng)
        began = monotonic()
        try:
            self._throw_faults(players, faults, kinds, began)
            self._look_at_the_end(players, faults)
            seconds_to_end = self._server.stop()
            if seconds_to_end > _LONGEST_END_S:
                self.broken.append(f"it took {seconds_to_end:.1f} s to end")
            faults.check_files("after the end")
            last_words = self._server.last_words()
            self.broken += [
                f"'{name}' was refused, and is not named at the end"
                for name in self._promises.held
                if f"'{name}'" not in last_words
            ]
        except DeviceError as error:
            self.broken.append(str(error))
            seconds_to_end = float("nan")
        self.broken += [
            *(text for part in self._parts for text in part.broken),
            *self._promises.broken,
            *players.broken,
            *(f"left behind: {what}" for what in self._server.left),
            *_bugs(list(self._server.said)),
        ]
        self.rows = rows(
            players, self._promises, faults, self._parts, self._left_out, self._marks, began, seconds_to_end
        )

    def _play_parts(self, now: float) -> None:
        for part in self._parts:
            part.play(now)

    def _throw_faults(self, players: Players, faults: Faults, kinds: Sequence[str], began: float) -> None:
        """Throw all kinds in turn; in the second half the server is not killed, so that it can grow old."""
        players.play(min(self._fault_every_s, self._seconds / 4))
        self._marks.append(("at first", self._server.figures()))
        waiting: list[str] = []
        while (now := monotonic() - began) < self._seconds:
            is_late = now > self._seconds / 2
            if now > _OLD * self._seconds and len(self._marks) == 1:
                self._marks.append(("after two thirds", self._server.figures()))
            waiting = waiting or self._rng.sample(list(kinds), len(kinds))
            kind = waiting.pop()
            if kind == KILLED and is_late:
                continue
            faults.throw(kind)
            players.play(self._fault_every_s)
            faults.check(f"after {kind}")
            for part in self._parts:
                if part.is_silent():
                    raise DeviceError(f"{part.name}: nothing for {part.patience_s:g} s, after {kind}.")

    def _look_at_the_end(self, players: Players, faults: Faults) -> None:
        """Check what has to be so once nothing goes wrong any more."""
        for part in self._parts:
            deadline, n = monotonic() + part.patience_s, part.n
            while part.n == n:
                self._server.check_is_running("at the end")
                if monotonic() > deadline:
                    raise DeviceError(f"{part.name}: did not come back within {part.patience_s:g} s.")
                players.play(0.5)
        faults.wait_until_answered(_ANSWERED_S)
        faults.check("at the end")
        self._promises.check_listed(players.ask_names(_LISTED_S))
        for part in self._parts:
            part.last_look()
        players.hear(_REST_S)
        self._marks.append(("at the end", self._server.figures()))
        self._compare_figures()

    def _compare_figures(self) -> None:
        (_, before), (_, after) = self._marks[-2:]
        if len(self._marks) < 3 or after.at - before.at < _MEMORY_FOR_S:
            return
        if after.mib > _MOST_GROWTH * before.mib:
            self.broken.append(f"memory grew from {before.mib:.0f} to {after.mib:.0f} MiB")
        for what, then, now in (
            ("files", before.n_files, after.n_files),
            ("threads", before.n_threads, after.n_threads),
        ):
            if now > then + _MOST_MORE:
                self.broken.append(f"{what} grew from {then} to {now}")


def _bugs(said: list[str]) -> list[str]:
    """Return each traceback, and each line that calls itself a bug, with what follows it."""
    found = [k for k, line in enumerate(said) if "Traceback" in line or "this is a bug" in line]
    return [" | ".join(said[k : k + _LINES_OF_BUG]) for k in found]
