"""Measure a model's macros on a synth as it really is: `python -m calibration.macros [--model NAME]`.

Every macro is turned from 0 to 1 in steps at several presets of the model, and recorded. This finds ends of a
macro where nothing is heard or nothing changes any more, and how loudness runs along it. The result is saved
in the data folder; from then on `run_server.py` lets 0 to 1 span what is heard and evens out the loudness,
where the model has a level. A synth outside is measured with `--midi-port` and `--input`, in real time, after
`calibration.loop`. `--forget` undoes it.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence

import numpy as np

from calibration.macro_facts import (
    MacroFacts,
    calibrated,
    in_words,
    macro_facts_path,
    write_macro_facts,
)
from calibration.macro_walks import MacroWalk, facts_of, walk_macros
from calibration.wiring import add_recording, wiring_of
from core.command import print_line
from core.distances import log_mel_distance
from core.errors import BridgeError, ConfigError
from core.mel import MelConfig, log_mel
from models.folder import ModelFolder
from models.installed import find_model
from synths.catalog import load_engine
from synths.engine import Engine, Note
from synths.external.synth import ExternalSynth

__all__ = ["main"]

_REPEATS = 2  # of a sound, to learn what changes by itself


def _player(model: ModelFolder, engine: Engine, note: Note) -> Callable[[np.ndarray], np.ndarray]:
    return lambda patch: engine.render(model.space.decode(patch), note).mean(axis=0)


def _noise_db(play: Callable[[np.ndarray], np.ndarray], patches: np.ndarray) -> float:
    takes = [[log_mel(play(patch), MelConfig()) for _ in range(_REPEATS)] for patch in patches]
    return float(np.median([log_mel_distance(one, other) for one, other in takes]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    args = _parse(arguments)
    try:
        model = ModelFolder.load(find_model(args.model))
        if args.forget:
            path = macro_facts_path(model, args.midi_port)
            path.unlink(missing_ok=True)
            print(f"deleted {path}; the macros are as they were trained")
            return 0
        _run(args, model)
    except BridgeError as error:
        print_line(f"macros: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; nothing has changed")
        return 130
    return 0


def _run(args: argparse.Namespace, model: ModelFolder) -> None:
    order = np.random.default_rng(args.seed).permutation(len(model.presets))
    if len(order) < args.sounds * 2:
        raise ConfigError(f"{model.name} has {len(order)} presets; ask for fewer --sounds.")
    chosen, others = (model.presets.latents[order[a : a + args.sounds]] for a in (0, args.sounds))
    note = Note(note=args.note, held_seconds=args.held, seconds=args.held + 0.5)
    wiring, rate = wiring_of(args), MelConfig().sample_rate
    with contextlib.ExitStack() as stack:
        engine: Engine
        if wiring is None:
            engine = load_engine(model.space, rate)
        else:
            engine = stack.enter_context(ExternalSynth(model.space, wiring, rate))
        play = _player(model, engine, note)
        noise_db = _noise_db(play, model.presets.patches[order[: args.sounds]])
        walks = walk_macros(model, play, chosen, args.steps)
        rows = [facts_of(n, w, noise_db) for n, w in zip(model.macros.names, walks, strict=True)]
        _print(model, rows, walks, noise_db)
        path = write_macro_facts(model, rows, args.midi_port)
        print(f"saved to {path}; run_server.py uses it from now on, and --forget undoes it")
        if args.check:
            before, after = (
                walk_macros(m, play, others, args.steps) for m in (model, calibrated(model, rows))
            )
            _print_check(model, before, after)


def _print(
    model: ModelFolder, rows: Sequence[MacroFacts], walks: Sequence[Sequence[MacroWalk]], noise_db: float
) -> None:
    print(f"two takes of one patch differ by {noise_db:.2f} dB")
    for k, (row, of_macro) in enumerate(zip(rows, walks, strict=True)):
        loud, change = _figures(of_macro)
        part = (
            "heard all along" if row.high - row.low == 1.0 else f"heard from {row.low:.2f} to {row.high:.2f}"
        )
        print(
            f"{k} {row.name}: {part}; end to end {change:.1f} dB; loudness varies by {loud:.1f} dB within a "
            f"sound, {row.loudness_range_db:.1f} of it alike in all"
        )
    print(in_words(rows, bool(calibrated(model, rows).macros.loudness)))


def _print_check(
    model: ModelFolder, before: Sequence[Sequence[MacroWalk]], after: Sequence[Sequence[MacroWalk]]
) -> None:
    print("at other presets:\n| macro | loudness range, dB | after | end to end, dB | after |")
    print("| --- | --: | --: | --: | --: |")
    table = [[*_figures(a), *_figures(b)] for a, b in zip(before, after, strict=True)]
    for name, figures in zip((*model.macros.names, "mean"), [*table, np.mean(table, axis=0)], strict=True):
        loud, far, loud_after, far_after = figures
        print(f"| {name} | {loud:.1f} | {loud_after:.1f} | {far:.1f} | {far_after:.1f} |")


def _figures(walks: Sequence[MacroWalk]) -> tuple[float, float]:
    """Return loudest minus softest, and the change from end to end, as means over the sounds, dB."""
    loud, change = zip(*((one.loudness_range_db, one.change_db) for one in walks), strict=True)
    return float(np.mean(loud)), float(np.mean(change))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m calibration.macros", description="Measure a model's macros on a synth as it is."
    )
    parser.add_argument("--model", default="vital-32", help="name or folder (%(default)s)")
    add_recording(parser, required=False)
    parser.add_argument("--sounds", type=int, default=8, help="presets to turn macros at (%(default)s)")
    parser.add_argument("--steps", type=int, default=11, help="positions from 0 to 1 (%(default)s)")
    parser.add_argument("--note", type=int, default=60, choices=range(128), metavar="0..127")
    parser.add_argument("--held", type=float, default=1.5, help="seconds the note is held (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed for choosing presets")
    parser.add_argument("--check", action="store_true", help="compare other presets before and after")
    parser.add_argument("--forget", action="store_true", help="delete what was measured")
    args = parser.parse_args(arguments)
    if args.sounds < 1 or args.steps < 3 or not 0.1 <= args.held <= 8.0:
        parser.error("--sounds is at least 1, --steps at least 3, and --held from 0.1 to 8")
    return args


if __name__ == "__main__":
    sys.exit(main())
