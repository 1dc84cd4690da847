"""Measure a model's macros on a synth as it really is: `python -m calibration.macros [--model NAME]`.

Every macro goes from 0 to 1 in steps, at several presets of the model's map, and is listened to. Found are
ends of a macro where nothing is heard any more or nothing changes, and how loudness runs along it. It is kept
in the data folder; `run_server.py` then lets 0 to 1 span what is heard and evens the loudness where the model
has a level. A synth outside is measured with `--midi-port` and `--input`, in real time, after
`calibration.loop`. `--forget` undoes it.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from calibration.macro_facts import (
    MacroFacts,
    calibrated,
    in_words,
    macro_facts_path,
    write_macro_facts,
)
from calibration.wiring import add_recording, wiring_of
from core.distances import log_mel_distance
from core.errors import BridgeError, ConfigError
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from models.folder import ModelFolder
from models.installed import find_model
from synths.catalog import load_engine
from synths.engine import Engine, Note
from synths.external import ExternalSynth

__all__ = ["Walk", "findings", "main", "measure", "walk"]

_HEARD_DB = 1.0  # of log-mel: an end that is no further than this from where the macro goes is heard as it
_IN_SOUNDS = 0.75  # of the sounds an end has to be dead in, or silent
_SILENT_DB = 35.0  # below the loudest place of the same walk
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the common course of loudness that may be evened
_WORTH = 0.9  # of the loudness range has to be left at most, or evening is chance
_LEAST_PART = 0.25  # of the dial; a macro that is heard in less of it is left as it is
_REPEATS = 2  # of a sound, to hear what changes by itself


@dataclass(frozen=True)
class Walk:
    """One macro turned from 0 to 1 at one sound.

    Attributes:
        loudness_lufs: At each place, `(n,)`.
        mels: Log-mels, as loud as played, `(n, n_mels, n_frames)`.
    """

    loudness_lufs: np.ndarray
    mels: np.ndarray


def walk(
    model: ModelFolder, k: int, latent: np.ndarray, n: int, play: Callable[[np.ndarray], np.ndarray]
) -> Walk:
    """Turn macro `k` from 0 to 1 in `n` places at a sound, and listen.

    Args:
        model: Whose macro.
        k: Its number.
        latent: The sound, `(D,)`.
        n: Places.
        play: From a patch `(P,)` to mono audio at the mel's sample rate.
    """
    mel = MelConfig()
    places = np.linspace(0.0, 1.0, n)
    patches = model.flow.decode(np.stack([model.macros.move(latent, k, float(value)) for value in places]))
    audio = [play(patch) for patch in patches]
    return Walk(
        np.array([momentary_loudness(one, mel.sample_rate) for one in audio]),
        np.stack([log_mel(one, mel) for one in audio]),
    )


def findings(name: str, walks: Sequence[Walk], noise_db: float = 0.0) -> MacroFacts:
    """Say which part of a macro is heard, and how loudness runs along it.

    Args:
        name: Of the macro.
        walks: At several sounds, of equal length.
        noise_db: Log-mel distance between two takes of the same patch.
    """
    n = len(walks[0].mels)
    dead = max(_HEARD_DB, 1.5 * noise_db)
    first, last = (_end(walks, places, dead) for places in (range(n), range(n - 1, -1, -1)))
    if last - first < _LEAST_PART * (n - 1):
        first, last = 0, n - 1
    loudness = np.stack([one.loudness_lufs[first : last + 1] for one in walks])
    # What is silent in one sound says nothing about how loud the macro is.
    loudness = np.maximum(loudness, loudness.max(axis=1, keepdims=True) - _SILENT_DB)
    course = _common(loudness - loudness.mean(axis=1, keepdims=True))
    evenly = np.interp(np.linspace(0.0, 1.0, n), np.linspace(0.0, 1.0, len(course)), course)
    return MacroFacts(
        name=name,
        low=first / (n - 1),
        high=last / (n - 1),
        loudness_db=tuple(round(float(db), 2) for db in evenly - evenly.mean()),
    )


def _common(courses: np.ndarray) -> np.ndarray:
    """Give what courses of loudness `(S, n)` have in common, `(n,)`; 0 where that is of no use.

    A macro makes one sound louder and the next one softer, and correcting one by the other would be worse
    than nothing. So as much of the middle course is taken as evens the sounds that it was not taken from.
    """
    if len(courses) < 2:
        return np.zeros(courses.shape[1])
    others = [_smooth(np.delete(courses, s, axis=0)) for s in range(len(courses))]

    def uneven(share: float) -> float:
        left = [np.ptp(course - share * other) for course, other in zip(courses, others, strict=True)]
        return float(np.mean(left))

    best = min(_SHARES, key=uneven)
    return best * _smooth(courses) * (uneven(best) < _WORTH * uneven(0.0))


def _smooth(courses: np.ndarray) -> np.ndarray:
    """Give a parabola through the middle of courses: what is finer belongs to single sounds."""
    places = np.linspace(-1.0, 1.0, courses.shape[1])
    return np.asarray(np.polyval(np.polyfit(places, np.median(courses, axis=0), 2), places))


def _end(walks: Sequence[Walk], places: Sequence[int], dead_db: float) -> int:
    """Give the last place, seen from an end, up to which the macro is dead or silent in most sounds."""
    end = places[0]
    for here in places:
        quiet = [one.loudness_lufs[here] < one.loudness_lufs.max() - _SILENT_DB for one in walks]
        same = [log_mel_distance(one.mels[places[0]], one.mels[here]) < dead_db for one in walks]
        gone = [a or b for a, b in zip(quiet, same, strict=True)]
        if np.mean(gone) < _IN_SOUNDS:
            break
        end = here
    return end


def measure(
    model: ModelFolder, play: Callable[[np.ndarray], np.ndarray], latents: np.ndarray, n: int
) -> list[list[Walk]]:
    """Walk along every macro at every sound `(S, D)`; a list of walks for each macro."""
    bar = tqdm(total=len(model.macros) * len(latents), unit="walk", leave=False)
    walks: list[list[Walk]] = []
    with bar:
        for k in range(len(model.macros)):
            walks.append([])
            for latent in latents:
                walks[k].append(walk(model, k, latent, n, play))
                bar.update()
    return walks


def _player(model: ModelFolder, engine: Engine, note: Note) -> Callable[[np.ndarray], np.ndarray]:
    return lambda patch: engine.render(model.space.decode(patch), note).mean(axis=0)


def _noise_db(play: Callable[[np.ndarray], np.ndarray], patches: np.ndarray) -> float:
    takes = [[log_mel(play(patch), MelConfig()) for _ in range(_REPEATS)] for patch in patches]
    return float(np.median([log_mel_distance(one, other) for one, other in takes]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    args = _parse(arguments)
    try:
        model = ModelFolder.load(find_model(args.model))
        if args.forget:
            path = macro_facts_path(model, args.midi_port)
            path.unlink(missing_ok=True)
            print(f"{path} is gone; the macros are as they were trained")
            return 0
        _run(args, model)
    except BridgeError as error:
        print(f"macros: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; nothing has changed")
        return 130
    return 0


def _run(args: argparse.Namespace, model: ModelFolder) -> None:
    order = np.random.default_rng(args.seed).permutation(len(model.presets))
    if len(order) < args.sounds * 2:
        raise ConfigError(f"{model.name} has {len(order)} presets; take fewer --sounds.")
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
        walks = measure(model, play, chosen, args.steps)
        rows = [findings(n, w, noise_db) for n, w in zip(model.macros.names, walks, strict=True)]
        _print(model, rows, walks, noise_db)
        path = write_macro_facts(model, rows, args.midi_port)
        print(f"kept in {path}; run_server.py goes by it from now on, and --forget undoes it")
        if args.check:
            before, after = (measure(m, play, others, args.steps) for m in (model, calibrated(model, rows)))
            _print_check(model, before, after)


def _print(
    model: ModelFolder, rows: Sequence[MacroFacts], walks: Sequence[Sequence[Walk]], noise_db: float
) -> None:
    print(f"two takes of one patch differ by {noise_db:.2f} dB")
    for k, (row, of_macro) in enumerate(zip(rows, walks, strict=True)):
        loud, change = _figures(of_macro)
        part = (
            "heard all along" if row.high - row.low == 1.0 else f"heard from {row.low:.2f} to {row.high:.2f}"
        )
        print(
            f"{k} {row.name}: {part}; end to end {change:.1f} dB; loudness goes over {loud:.1f} dB in each "
            f"sound, {row.loudness_range_db:.1f} of it alike in all"
        )
    print(in_words(rows, bool(calibrated(model, rows).macros.loudness)))


def _print_check(
    model: ModelFolder, before: Sequence[Sequence[Walk]], after: Sequence[Sequence[Walk]]
) -> None:
    print("at other presets:\n| macro | loudness range, dB | after | end to end, dB | after |")
    print("| --- | --: | --: | --: | --: |")
    table = [[*_figures(a), *_figures(b)] for a, b in zip(before, after, strict=True)]
    for name, figures in zip((*model.macros.names, "mean"), [*table, np.mean(table, axis=0)], strict=True):
        loud, far, loud_after, far_after = figures
        print(f"| {name} | {loud:.1f} | {loud_after:.1f} | {far:.1f} | {far_after:.1f} |")


def _figures(walks: Sequence[Walk]) -> tuple[float, float]:
    """Loudest less softest, and from end to end, means over the sounds, dB."""
    loud = [np.ptp(np.maximum(w.loudness_lufs, w.loudness_lufs.max() - _SILENT_DB)) for w in walks]
    return float(np.mean(loud)), float(np.mean([log_mel_distance(w.mels[0], w.mels[-1]) for w in walks]))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m calibration.macros", description="Measure a model's macros on a synth as it is."
    )
    parser.add_argument("--model", default="vital-32", help="name or folder (%(default)s)")
    add_recording(parser, required=False)
    parser.add_argument("--sounds", type=int, default=8, help="presets to turn macros at (%(default)s)")
    parser.add_argument("--steps", type=int, default=11, help="places from 0 to 1 (%(default)s)")
    parser.add_argument("--note", type=int, default=60, choices=range(128), metavar="0..127")
    parser.add_argument("--held", type=float, default=1.5, help="seconds that it is held (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of presets")
    parser.add_argument("--check", action="store_true", help="hear other presets before and after")
    parser.add_argument("--forget", action="store_true", help="take back what was measured")
    args = parser.parse_args(arguments)
    if args.sounds < 1 or args.steps < 3 or not 0.1 <= args.held <= 8.0:
        parser.error("--sounds is 1 at least, --steps 3, and --held from 0.1 to 8")
    return args


if __name__ == "__main__":
    sys.exit(main())
