"""Measure which controls of a synth are most audible: `python -m evaluation.packaging.measure_audibility`.

In people's presets, or in drawn patches, one control at a time takes its value from another one; the change
is the mean absolute difference of the two log-mels in dB. So a control counts by what it does where people
use it.

Without `--space`, all of amsynth's controls are measured at equal loudness, to choose which of them belong in
a space. With it, sounds are compared as loud as they are played, and the change over the whole range of each
control is stored: control changes are sent in that order (`calibration/audibility.py`). An external synth is
measured through its MIDI port and its audio.
"""

import argparse
import contextlib
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from calibration.audibility import SHIPPED, write_audibility
from calibration.wiring import add_recording, wiring_of
from core.command import exit_status
from core.distances import log_mel_distance
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from core.space import ParameterSpace, Patch
from synths.amsynth import AmsynthEngine
from synths.amsynth_bank import read_patches
from synths.amsynth_controls import controls
from synths.catalog import load_engine
from synths.engine import Engine, Note
from synths.external.synth import ExternalSynth
from synths.space_files import load_space
from training.data.patch_source import shard_patches
from training.data.progress import Progress
from training.data.record import source_of

__all__ = ["Audibility", "measure_audibility", "measure_space"]

logger = logging.getLogger(__name__)

_EQUAL_LUFS = -24.0
_SILENT_LUFS = -70.0
_HEARD_DB = 1.0  # a smaller change counts as inaudible


@dataclass(frozen=True)
class Audibility:
    """How audible one control is.

    Attributes:
        name: Name of the control.
        change_db: Mean absolute change of the log-mel.
        heard: Share of presets in which the change was more than 1 dB.
        range_db: Change over the whole range of the control, at the mean rate of all moves.
    """

    name: str
    change_db: float
    heard: float
    range_db: float


def measure_audibility(
    presets: Sequence[Patch],
    names: Sequence[str],
    engine: Engine,
    mel: MelConfig,
    note: Note,
    seed: int = 0,
    leveled: bool = True,
) -> list[Audibility]:
    """Measure how much each control changes the sound, the most audible first.

    A control that is the same in all presets is moved to uniformly drawn values.

    Args:
        presets: Complete patches.
        names: The controls to measure.
        engine: Engine that renders.
        mel: Mel settings.
        note: Note to play.
        seed: Seed of the choice of the other preset.
        leveled: Whether both sounds are brought to equal loudness; then loudness does not count, and silent
            sounds are left out.
    """
    rng = np.random.default_rng(seed)
    changes: Mapping[str, list[tuple[float, float]]] = {name: [] for name in names}
    still = {name for name in names if len({preset[name] for preset in presets}) == 1}
    with Progress(len(presets), unit="preset") as bar:
        for preset in presets:
            before = _mel(engine.render(preset, note), mel, leveled)
            others = rng.integers(len(presets), size=len(names))
            for name, other in zip(names, others, strict=True):
                value = float(rng.uniform()) if name in still else presets[other][name]
                moved = {**preset, name: value}
                same = value == preset[name]
                after = before if same else _mel(engine.render(moved, note), mel, leveled)
                if before is None or after is None:
                    continue
                changes[name].append((log_mel_distance(before, after), abs(value - preset[name])))
            bar.update()
    rows = [_audibility(name, np.array(moves)) for name, moves in changes.items() if moves]
    return sorted(rows, key=lambda row: -row.change_db)


def _audibility(name: str, moves: np.ndarray) -> Audibility:
    """Return the figures of a control from its moves, rows of change in dB and distance moved."""
    heard, distance = moves.T
    rate = float(heard.sum() / distance.sum()) if distance.sum() > 0.0 else 0.0
    return Audibility(name, float(heard.mean()), float(np.mean(heard > _HEARD_DB)), rate)


def _mel(audio: np.ndarray, mel: MelConfig, leveled: bool) -> np.ndarray | None:
    mono = audio.mean(axis=0)
    if not leveled:
        return log_mel(mono, mel)
    loudness = momentary_loudness(mono, mel.sample_rate)
    if loudness < _SILENT_LUFS:
        return None
    return log_mel(mono * 10.0 ** ((_EQUAL_LUFS - loudness) / 20.0), mel)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    args = _parse(arguments)
    return exit_status(partial(_measure, args))


def _measure(args: argparse.Namespace) -> None:
    rows = _all_of_amsynth(args) if args.space is None else _space(args, load_space(args.space))
    print(f"{'control':28}change dB   heard in   whole range dB")
    for row in rows:
        print(f"{row.name:28}{row.change_db:9.2f}{row.heard:11.0%}{row.range_db:17.1f}")


def _all_of_amsynth(args: argparse.Namespace) -> list[Audibility]:
    bank = read_patches()
    chosen = np.random.default_rng(args.seed).permutation(len(bank))[: args.presets]
    presets = [bank[k] for k in chosen]
    return measure_audibility(presets, list(controls()), AmsynthEngine(), MelConfig(), Note(), args.seed)


def _space(args: argparse.Namespace, space: ParameterSpace) -> list[Audibility]:
    wiring, mel = wiring_of(args), MelConfig()
    with contextlib.ExitStack() as stack:
        engine: Engine
        if wiring is None:
            engine = load_engine(space, mel.sample_rate)
        else:
            engine = stack.enter_context(ExternalSynth(space, wiring, mel.sample_rate))
        folder = SHIPPED if args.ship else None
        return measure_space(space, engine, n_presets=args.presets, seed=args.seed, folder=folder)


def measure_space(
    space: ParameterSpace,
    engine: Engine,
    *,
    n_presets: int = 150,
    seed: int = 0,
    folder: Path | None = None,
) -> list[Audibility]:
    """Measure the parameters of a space as loud as they are played, and store the figures.

    Args:
        space: The parameters.
        engine: Engine that renders.
        n_presets: Patches in which each of them is moved.
        seed: Seed of the patches and of the moves.
        folder: Where the figures go; None for the player's own calibrations.
    """
    mel, note = MelConfig(), Note(held_seconds=1.5, seconds=2.0)
    drawn = shard_patches(source_of(space, [], seed, n_presets), seed, 0)
    presets = [space.decode(vector) for vector, _ in islice(drawn, n_presets)]
    rows = measure_audibility(presets, space.names, engine, mel, note, seed, leveled=False)
    path = write_audibility(space.synth, {row.name: round(row.range_db, 2) for row in rows}, folder)
    logger.info("wrote %s", path)
    return rows


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.packaging.measure_audibility",
        description="Measure which controls of a synth are most audible.",
    )
    parser.add_argument(
        "--space", help="measure its parameters instead of all controls of amsynth; a name or a file"
    )
    parser.add_argument("--presets", type=int, default=150, help="number of presets (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the choices (%(default)s)")
    parser.add_argument(
        "--ship", action="store_true", help="write to the folder of spaces instead of the data folder"
    )
    add_recording(parser, required=False)
    args = parser.parse_args(arguments)
    if args.presets < 2:
        parser.error("--presets must be at least 2: each control takes its value from another preset")
    return args


if __name__ == "__main__":
    sys.exit(main())
