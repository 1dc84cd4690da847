"""How soon a synth on a slow MIDI cable comes close to a new patch, by the order of its control changes.

    python -m benchmarks.audible_first [--jumps 40]

On the way from one preset of the model's map to another, a number of controls are sent in the server's order,
and the engine renders the patch that the synth then holds. The figure is the log-mel distance to the sound of
the new preset, as loud as played.
"""

import argparse
import sys
from functools import partial

import numpy as np
from tqdm import tqdm

from calibration.audibility import audible_db
from core.command import exit_status
from core.distances import log_mel_distance
from core.mel import MelConfig, log_mel
from core.space import ParameterSpace
from models.folder import ModelFolder
from models.installed import find_model
from synths.catalog import load_engine
from synths.engine import Engine, Note
from synths.external.control_changes import PendingChanges
from synths.external.midi_system import DIN_BYTES_PER_S

_SENT = (0, 2, 5, 10, 15, 20)
_NOTE = Note(held_seconds=1.5, seconds=2.0)
_MESSAGE_BYTES = 3


def main(given: list[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.audible_first", description=__doc__.split("\n")[0])
    p.add_argument("--model", default="vital-32", help="model name or folder (%(default)s)")
    p.add_argument("--jumps", type=int, default=40, help="number of jumps between presets (%(default)s)")
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    folder = ModelFolder.load(find_model(options.model))
    mel = MelConfig()
    engine = load_engine(folder.space, mel.sample_rate)
    orders = {"largest change first": None, "most audible first": audible_db(folder.space)}
    rng = np.random.default_rng(0)
    far: dict[str, list[list[float]]] = {name: [] for name in orders}
    for _ in tqdm(range(options.jumps), unit="jump"):
        first, second = folder.presets.patches[rng.choice(len(folder.presets), 2, replace=False)]
        wanted = _heard(engine, folder.space, second, mel)
        for name, audible in orders.items():
            held = _on_the_way(first, second, folder.space, audible)
            mels = [_heard(engine, folder.space, patch, mel) for patch in held]
            far[name].append([log_mel_distance(one, wanted) for one in mels])
    ms = [1e3 * n * _MESSAGE_BYTES / DIN_BYTES_PER_S for n in _SENT]
    print(f"{options.jumps} jumps between presets; log-mel distance to the new one, dB, mean")
    print(
        "| controls sent (ms on a cable) |"
        + "".join(f" {n} ({t:.0f}) |" for n, t in zip(_SENT, ms, strict=True))
    )
    print("| --- |" + " --- |" * len(_SENT))
    for name, rows in far.items():
        print(f"| {name} |" + "".join(f" {db:.2f} |" for db in np.mean(rows, axis=0)))


def _on_the_way(
    first: np.ndarray, second: np.ndarray, space: ParameterSpace, audible: np.ndarray | None
) -> list[np.ndarray]:
    """Return the patches that a synth holds on the way from one patch to another, after `_SENT` controls."""
    changes = PendingChanges(space, "cc", audible=audible)
    changes.want(first)
    changes.next(len(space))
    changes.want(second)
    numbers = [parameter.control_change for parameter in space]
    held, patches = changes.rounded(first), []
    for n in range(max(_SENT) + 1):
        if n in _SENT:
            patches.append(held.copy())
        for _, number, value in changes.next():
            held[numbers.index(number)] = value / 127
    return patches


def _heard(engine: Engine, space: ParameterSpace, patch: np.ndarray, mel: MelConfig) -> np.ndarray:
    return log_mel(engine.render(space.decode(patch), _NOTE).mean(axis=0), mel)


if __name__ == "__main__":
    sys.exit(main())
