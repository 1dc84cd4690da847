"""Measure a controller's knobs and faders: `python -m calibration.controller [--midi NAME]`.

Move each control slowly from end to end and back a few times, then leave it alone for a while. For each
control this prints its real range, how many different values it sends, how much it trembles at rest, and what
the server does about it from now on. A dead zone shows only as values that are never sent.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np
import rtmidi

from calibration.trim import write_trims
from core.command import print_line
from core.errors import BridgeError, DeviceError
from synths.external.midi_system import CLIENT, device_name, open_api

__all__ = ["ControlFacts", "measure_control", "read_control"]

_ENOUGH = 16  # values of one control; with fewer, nothing can be said
_LEAST_TRAVEL = 0.25  # of the range; less was no move from end to end
_REST_S = 0.5  # as long as nobody moves it; what it sends meanwhile is jitter
_TREMBLE = 3  # steps of 7 bits; more was a hand
_MOST_JITTER = 4  # of 127; beyond that the control is broken


@dataclass(frozen=True, kw_only=True)
class ControlFacts:
    """What one control really does.

    Attributes:
        top: Highest value of its kind, 127 or 16,383.
        low, high: Lowest and highest value that it sent.
        n_values: Number of different values that it sent.
        largest_gap: Largest step between neighbouring values.
        jitter: Change at rest.
    """

    top: int
    low: int
    high: int
    n_values: int
    largest_gap: int
    jitter: int

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as plain data."""
        return {
            "low": self.low,
            "high": self.high,
            "jitter": self.jitter,
            "values": self.n_values,
            "largest_gap": self.largest_gap,
        }

    def lines(self) -> list[str]:
        """Return lines for people: what was found, and what the server does about it."""
        bits = np.log2(max(self.n_values, 2))
        said = [f"sends {self.low} to {self.high} of {self.top}, {self.n_values} values ({bits:.1f} bits)"]
        if self.low > 0 or self.high < self.top:
            lost = 1.0 - (self.high - self.low) / self.top
            said.append(f"{lost:.0%} of the range is never reached; it is stretched, so that both ends are")
        if self.jitter:
            said.append(f"trembles by {self.jitter} at rest; the server ignores changes that small")
        if self.largest_gap > max(2, self.top // 60):
            said.append(
                f"leaps by {self.largest_gap} somewhere, which the server cannot mend: clean or replace it"
            )
        if len(said) == 1:
            said.append("nothing to correct")
        return said


def measure_control(values: Sequence[int], times: Sequence[float], top: int) -> ControlFacts | None:
    """Measure one control.

    Args:
        values: What it sent, oldest first.
        times: When it sent them, seconds.
        top: Highest value of its kind.

    Returns:
        What was found; None if the control was not moved from end to end.
    """
    if len(values) < _ENOUGH:
        return None
    raw = np.array(values)
    low, high = int(raw.min()), int(raw.max())
    if (high - low) / top < _LEAST_TRAVEL:
        return None
    distinct = np.unique(raw)
    return ControlFacts(
        top=top,
        low=low,
        high=high,
        n_values=len(distinct),
        largest_gap=int(np.diff(distinct).max()),
        jitter=_jitter(raw, np.array(times), top),
    )


def _jitter(raw: np.ndarray, times: np.ndarray, top: int) -> int:
    """Return the change at rest: values going to and fro in a small span for at least half a second."""
    span = _TREMBLE * (top + 1) // 128
    found, start = 0, 0
    for end in range(1, len(raw) + 1):
        part = raw[start:end]
        if end < len(raw) and np.ptp(raw[start : end + 1]) <= span:
            continue
        turns = np.count_nonzero(np.diff(np.sign(np.diff(part))) != 0) if len(part) > 2 else 0
        if times[end - 1] - times[start] >= _REST_S and turns >= 2:
            found = max(found, int(np.ptp(part)))
        start = end
    return min(found, _MOST_JITTER * (top + 1) // 128)


def read_control(message: Sequence[int]) -> tuple[str, int, int] | None:
    """Return a control's name as profiles spell it, its value and its highest value; None for other messages.

    >>> read_control([0xB0, 20, 64])
    ('cc 20 channel 1', 64, 127)
    """
    if len(message) < 2:
        return None
    kind, channel = message[0] & 0xF0, (message[0] & 0x0F) + 1
    if kind == 0xB0 and len(message) == 3 and message[1] < 120:
        return f"cc {message[1]} channel {channel}", message[2], 127
    if kind == 0xE0 and len(message) == 3:
        return f"pitch channel {channel}", message[2] << 7 | message[1], 16_383
    if kind == 0xD0:
        return f"pressure channel {channel}", message[1], 127
    return None


def listen(wanted: str, seconds: float, system: str | None) -> dict[str, dict[str, Any]]:
    """Listen to every port that matches, and measure what was moved, by device and control.

    Raises:
        DeviceError: There is no such port.
    """
    looker = open_api(rtmidi.MidiIn, system)
    names = [n for n in looker.get_ports() if wanted.lower() in n.lower() and not n.startswith(CLIENT)]
    there = ", ".join(looker.get_ports()) or "none"
    looker.delete()
    if not names:
        raise DeviceError(f"no MIDI input is called '{wanted}'; there are: {there}.")
    heard: dict[str, dict[str, tuple[int, list[int], list[float]]]] = {}
    ports = []
    for name in names:
        controls = heard.setdefault(device_name(name), {})

        def take(event: Any, _data: Any, controls: Any = controls) -> None:
            found = read_control(event[0])
            if found is not None:
                _, values, times = controls.setdefault(found[0], (found[2], [], []))
                values.append(found[1])
                times.append(perf_counter())

        port = open_api(rtmidi.MidiIn, system)
        port.set_callback(take)
        port.open_port(port.get_ports().index(name), "in")
        ports.append(port)
    sleep(seconds)
    for port in ports:
        port.cancel_callback()
        port.close_port()
        port.delete()
    return {
        device: {
            name: found
            for name, (top, values, times) in controls.items()
            if (found := measure_control(values, times, top)) is not None
        }
        for device, controls in heard.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m calibration.controller", description="Measure a controller's knobs and faders."
    )
    parser.add_argument("--midi", default="", metavar="NAME", help="part of the input's name (all of them)")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long to listen (%(default)s)")
    parser.add_argument("--data", type=Path, help="the server's --data folder, if it has one")
    parser.add_argument("--midi-system", metavar="NAME", help="such as jack (the first that works)")
    args = parser.parse_args(arguments)
    print(
        f"for {args.seconds:g} s: move each control slowly from end to end and back, then leave it alone",
        flush=True,
    )
    try:
        found = listen(args.midi, args.seconds, args.midi_system)
        folder = args.data / "calibration" if args.data else None
        for device, controls in found.items():
            for name, measured in controls.items():
                print_line(f"{device}, {name}: " + "; ".join(measured.lines()))
            if controls:
                rows = {name: measured.to_dict() for name, measured in controls.items()}
                print(f"saved to {write_trims(device, rows, folder)}")
        if not any(found.values()):
            raise DeviceError("no control was moved from end to end; move a knob or fader all the way.")
    except BridgeError as error:
        print_line(f"controller: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
