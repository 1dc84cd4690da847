"""Measure which controls of a synth are heard most: `python -m evaluation.packaging.audible`.

In presets that people made, or patches as they are drawn, one control at a time takes the value it has in
another one; the change is the mean absolute difference of the two log-mels in dB. So a control counts by what
it does where people use it.

Without `--space` that is done for all of amsynth's controls at equal loudness, to choose which of them belong
in a space. With one, sounds are compared as loud as they are played, and what a move through the whole range
would be heard is kept: control changes are sent in that order (`calibration/audibility.py`). A synth outside
is measured through its MIDI port and its audio.
"""

import argparse
import contextlib
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from tqdm import tqdm

from calibration.audibility import SHIPPED, write_audibility
from calibration.wiring import add_recording, wiring_of
from core.distances import log_mel_distance
from core.errors import BridgeError
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from core.space import ParameterSpace, Patch
from synths.amsynth import AmsynthEngine
from synths.amsynth_bank import read_patches
from synths.amsynth_controls import controls
from synths.catalog import load_engine
from synths.engine import Engine, Note
from synths.external import ExternalSynth
from synths.space_files import load_space
from training.data.record import drawn_patches, source_of

__all__ = ["Audibility", "measure_audibility"]

logger = logging.getLogger(__name__)

_EQUAL_LUFS = -24.0
_SILENT_LUFS = -70.0
_HEARD_DB = 1.0  # below this a change counts as not heard


@dataclass(frozen=True)
class Audibility:
    """How much one control is heard.

    Attributes:
        name: Of the control.
        change_db: Mean absolute change of the log-mel.
        heard: Share of presets in which the change was more than 1 dB.
        range_db: Change for a move through its whole range, at the mean rate of all moves.
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

    A control that is the same in all presets is moved to even draws.

    Args:
        presets: Whole patches that people made.
        names: The controls to try.
        engine: What plays them.
        mel: How they are heard.
        note: What is played.
        seed: Of the choice of the other preset.
        leveled: Whether both sounds are brought to equal loudness; then loudness counts for nothing, and
            what is silent is left out.
    """
    rng = np.random.default_rng(seed)
    changes: Mapping[str, list[tuple[float, float]]] = {name: [] for name in names}
    still = {name for name in names if len({preset[name] for preset in presets}) == 1}
    for preset in tqdm(presets, unit="preset"):
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
    rows = [_audibility(name, np.array(moves)) for name, moves in changes.items() if moves]
    return sorted(rows, key=lambda row: -row.change_db)


def _audibility(name: str, moves: np.ndarray) -> Audibility:
    """Give the figures of a control from its moves, rows of dB and way."""
    heard, way = moves.T
    rate = float(heard.sum() / way.sum()) if way.sum() > 0.0 else 0.0
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
    """Run the command; gives the exit status."""
    args = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        rows = _all_of_amsynth(args) if args.space is None else _space(args, load_space(args.space))
    except BridgeError as error:
        logger.error("%s", error)
        return 2
    print(f"{'control':28}change dB   heard in   whole range dB")
    for row in rows:
        print(f"{row.name:28}{row.change_db:9.2f}{row.heard:11.0%}{row.range_db:17.1f}")
    return 0


def _all_of_amsynth(args: argparse.Namespace) -> list[Audibility]:
    bank = read_patches()
    chosen = np.random.default_rng(args.seed).permutation(len(bank))[: args.presets]
    presets = [bank[k] for k in chosen]
    return measure_audibility(presets, list(controls()), AmsynthEngine(), MelConfig(), Note(), args.seed)


def _space(args: argparse.Namespace, space: ParameterSpace) -> list[Audibility]:
    """Measure the parameters of a space, and keep it."""
    mel, note = MelConfig(), Note(held_seconds=1.5, seconds=2.0)
    drawn = drawn_patches(source_of(space, [], args.seed, args.presets), args.seed, 0)
    presets = [space.decode(vector) for vector, _ in islice(drawn, args.presets)]
    wiring = wiring_of(args)
    with contextlib.ExitStack() as stack:
        engine: Engine
        if wiring is None:
            engine = load_engine(space, mel.sample_rate)
        else:
            engine = stack.enter_context(ExternalSynth(space, wiring, mel.sample_rate))
        rows = measure_audibility(presets, space.names, engine, mel, note, args.seed, leveled=False)
    figures = {row.name: round(row.range_db, 2) for row in rows}
    path = write_audibility(space.synth, figures, SHIPPED if args.ship else None)
    logger.info("kept in %s", path)
    return rows


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.packaging.audible",
        description="Measure which controls of a synth are heard most.",
    )
    parser.add_argument("--space", help="its parameters instead of all controls of amsynth; a name or a file")
    parser.add_argument("--presets", type=int, default=150, help="how many to try (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ship", action="store_true", help="keep it with the spaces, not in the data folder")
    add_recording(parser, required=False)
    args = parser.parse_args(arguments)
    if args.presets < 2:
        parser.error("--presets are 2 at least: each control takes its value from another one")
    return args


if __name__ == "__main__":
    sys.exit(main())
