"""Measure the loop from MIDI out to audio in: `python -m calibration.loop --midi-port NAME --input NAME`.

A synth plays short notes; each onset in the recording is compared with the moment the note was sent. The
delay is that of the whole loop: driver, cable, synth, converter, driver. It is saved for the commands that
record a synth outside, such as `training.data.record`. Choose a sound that begins and stops at once.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from time import sleep

import numpy as np

from calibration.facts import write_facts
from calibration.wiring import add_wiring, loop_name
from core.command import print_line
from core.errors import BridgeError, DeviceError
from core.space import ParameterSpace
from synths.engine import Note
from synths.external.synth import ExternalSynth, Wiring

__all__ = ["LoopDelay", "measure_loop", "onset"]

_NOTE = Note(note=72, velocity=120, held_seconds=0.12, seconds=0.4)
_BEFORE_S, _AFTER_S = 0.1, 0.5  # of the recording around the moment of sending
_RISE = 0.05  # of the peak, where a sound counts as begun
_OVER_NOISE = 4.0  # times the loudest sample before the note
_LEAST_HEARD = 0.8  # of the notes; with fewer, the measurement is void


@dataclass(frozen=True)
class LoopDelay:
    """The delay of a loop, as measured.

    Attributes:
        delays_ms: Delay of each note that was heard.
        n_silent: Number of notes that were not.
    """

    delays_ms: np.ndarray
    n_silent: int

    @property
    def delay_ms(self) -> float:
        """Median delay."""
        return float(np.median(self.delays_ms))

    @property
    def spread_ms(self) -> float:
        """Distance from the 5th to the 95th percentile."""
        low, high = np.percentile(self.delays_ms, [5, 95])
        return float(high - low)

    def __str__(self) -> str:
        """Return one line for people."""
        low, high = float(self.delays_ms.min()), float(self.delays_ms.max())
        return (
            f"{self.delay_ms:.1f} ms (median of {len(self.delays_ms)} notes; {low:.1f} to {high:.1f}, "
            f"spread of 90 % of them {self.spread_ms:.1f}; {self.n_silent} not heard)"
        )


def onset(audio: np.ndarray, n_before: int) -> int | None:
    """Find where a sound begins.

    Args:
        audio: `(n_channels, n_samples)`.
        n_before: How many samples at the beginning hold noise alone.

    Returns:
        Index of the first sample above the noise and above a share of the peak; None if nothing begins.
    """
    level = np.abs(audio).max(axis=0)
    noise, peak = float(level[:n_before].max()), float(level.max())
    threshold = max(noise * _OVER_NOISE, peak * _RISE)
    over = np.flatnonzero(level[n_before:] > threshold)
    return int(over[0]) + n_before if len(over) and peak > 1e-4 else None


def measure_loop(synth: ExternalSynth, n: int) -> LoopDelay:
    """Play `n` notes and measure when each is heard.

    Raises:
        DeviceError: Too few were heard.
    """
    rate = synth.recorder.sample_rate
    before = round(_BEFORE_S * rate)
    delays: list[float] = []
    rng = np.random.default_rng(0)
    for _ in range(n):
        synth.silence()
        synth.wait_for_quiet()
        sleep(_BEFORE_S + float(rng.uniform(0.0, 0.05)))  # not in step with the sound card's blocks
        begin = synth.play_note(_NOTE)
        audio = synth.recorder.cut(begin - before, before + round(_AFTER_S * rate))
        # The card's clock is only known to a block; a sound may seem to come that much early.
        found = onset(audio, before // 2)
        if found is not None:
            delays.append((found - before) / rate * 1e3)
    if len(delays) < max(1.0, _LEAST_HEARD * n):
        raise DeviceError(
            f"{n - len(delays)} of {n} notes were not heard from '{synth.recorder.name}'. Turn the synth "
            "on and up, with a sound that begins and stops at once, on MIDI channel 1 (or --channel)."
        )
    return LoopDelay(np.array(delays), n - len(delays))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m calibration.loop", description="Measure the loop from MIDI out to audio in."
    )
    add_wiring(parser)
    parser.add_argument("--notes", type=int, default=40, help="how many to play (%(default)s)")
    args = parser.parse_args(arguments)
    wiring = Wiring(
        midi_port=args.midi_port,
        audio_input=args.input,
        channel=args.channel,
        din=args.din,
        midi_system=args.midi_system,
    )
    try:
        with ExternalSynth(ParameterSpace("none", "none", []), wiring) as synth:
            loop = measure_loop(synth, args.notes)
        path = write_facts(
            "loop",
            loop_name(args.midi_port, args.input),
            {
                "delay_ms": round(loop.delay_ms, 2),
                "spread_ms": round(loop.spread_ms, 2),
                "notes": len(loop.delays_ms),
            },
        )
    except BridgeError as error:
        print_line(f"loop: {error}", file=sys.stderr)
        return 2
    print(f"{loop}\nsaved to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
