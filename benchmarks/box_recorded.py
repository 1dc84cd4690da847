"""How close recordings of an external synth are to renders of the same patches by its plug-in.

    python -m benchmarks.box_recorded --data FOLDER [--count 64]

FOLDER was recorded from standalone amsynth, as described in docs/external-synths.md. Each patch is rendered
by the hosted plug-in. If MIDI out and audio in are right, a recording is closer to the render of its own
patch than to that of any other.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from core.command import exit_status
from core.distances import log_mel_distance
from core.mel import log_mel
from synths.catalog import load_engine
from synths.engine import Note
from training.data.dataset import DatasetFolder
from training.data.record import leveled


def main(given: list[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.box_recorded", description=__doc__.split("\n")[0])
    p.add_argument("--data", type=Path, required=True, help="dataset folder that training.data.record wrote")
    p.add_argument("--count", type=int, default=64, help="number of patches (%(default)s)")
    args = p.parse_args(given)
    return exit_status(lambda: compare(DatasetFolder(args.data), args.count))


def compare(folder: DatasetFolder, count: int) -> None:
    """Render the recorded patches, and print how far renders and recordings are apart."""
    data = folder.read()[:count]
    note = Note(**folder.facts["note"])
    engine = load_engine(folder.space, folder.mel.sample_rate)
    rendered, kept = [], []
    for k, patch in enumerate(data.patches):
        audio = leveled(engine.render(folder.space.decode(patch), note), folder.mel.sample_rate)
        if audio is not None:
            rendered.append(log_mel(audio, folder.mel))
            kept.append(k)
    recorded = [data.mels[k].astype(np.float32) for k in kept]
    table = np.array([[log_mel_distance(a, b) for b in rendered] for a in recorded])
    own, n = np.diag(table), len(kept)
    others = table[~np.eye(n, dtype=bool)]
    ranks = (table < own[:, None]).sum(axis=1)
    twins = np.array([[log_mel_distance(a, b) for b in rendered] for a in rendered])
    order = np.corrcoef(_ranks(table[~np.eye(n, dtype=bool)]), _ranks(twins[~np.eye(n, dtype=bool)]))[0, 1]
    print(
        f"{n} patches; log-mel distance in dB, median (90th percentile)\n"
        f"recording to the render of its own patch   {np.median(own):6.2f} ({np.percentile(own, 90):.2f})\n"
        f"recording to renders of other patches      {np.median(others):6.2f}\n"
        f"its own is the nearest of {n}: {np.mean(ranks == 0):.0%}; among the nearest three: "
        f"{np.mean(ranks < 3):.0%}\n"
        f"rank correlation of all distances with those between renders: {order:.3f}"
    )


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values)).astype(np.float64)


if __name__ == "__main__":
    sys.exit(main())
