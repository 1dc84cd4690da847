"""Render drawn patches into a dataset: `python -m training.render --space vital-32 --count N --out FOLDER`.

Each shard is drawn from its own seed and played by a new engine, in order, so the same seed gives the
same dataset whatever the number of workers and however often the work was interrupted.
"""

import argparse
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.descriptors import DESCRIPTOR_NAMES, describe
from core.errors import BridgeError, ConfigError
from core.mel import MelConfig, log_mel
from synths.catalog import SPACE_NAMES, load_space
from synths.engine import Note
from synths.vital import VitalEngine
from training.dataset import Dataset, DatasetFolder
from training.draw import Prior
from training.leveled_render import TARGET_LUFS, render_leveled

__all__ = ["SHARD_SIZE", "render_dataset", "render_shard"]

SHARD_SIZE = 128

logger = logging.getLogger(__name__)


def render_shard(prior: Prior, *, seed: int, shard: int, n: int, mel: MelConfig, note: Note) -> Dataset:
    """Draw and render one shard, keeping only patches that are audible and do not clip.

    Args:
        prior: What is drawn.
        seed: Of the dataset.
        shard: Number of the shard; with the seed it fixes every draw.
        n: Patches to keep.
        mel: How they are heard.
        note: What is played.

    Returns:
        `n` patches with their mels, descriptors and kinds.
    """
    rng = np.random.default_rng([seed, shard])
    engine = VitalEngine(mel.sample_rate)
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray, int]] = []
    while len(rows) < n:
        vector, kind = prior.draw(rng)
        render = render_leveled(vector, prior.space, engine, note)
        if render is None:
            continue
        described = describe(render.audio, mel.sample_rate, note.held_seconds)
        rows.append((render.vector, log_mel(render.audio, mel), described, kind))
    vectors, mels, descriptors, kinds = zip(*rows, strict=True)
    return Dataset(
        np.stack(vectors),
        np.stack(mels).astype(np.float16),
        np.stack(descriptors),
        np.array(kinds, np.int32),
    )


def render_dataset(
    folder: DatasetFolder,
    prior: Prior,
    *,
    count: int,
    seed: int,
    note: Note,
    workers: int,
    shard_size: int = SHARD_SIZE,
) -> None:
    """Render the shards that a dataset still lacks; each is written as soon as it is whole.

    Args:
        folder: Where to.
        prior: What is drawn.
        count: Patches wanted in all; rounded up to whole shards.
        seed: Fixes every draw.
        note: What is played.
        workers: Threads; the engine lets them run side by side.
        shard_size: Patches a shard.
    """
    wanted = range((count + shard_size - 1) // shard_size)
    there = set(folder.shards())
    missing = iter([shard for shard in wanted if shard not in there])
    n_there = sum(1 for shard in wanted if shard in there)
    with (
        tqdm(total=len(wanted) * shard_size, initial=n_there * shard_size, unit="patch") as bar,
        ThreadPoolExecutor(workers) as pool,
    ):
        running: dict[Future[Dataset], int] = {}

        def start(shards: Iterator[int]) -> None:
            shard = next(shards, None)
            if shard is not None:
                job = pool.submit(
                    render_shard, prior, seed=seed, shard=shard, n=shard_size, mel=folder.mel, note=note
                )
                running[job] = shard

        for _ in range(workers):
            start(missing)
        try:
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for job in done:
                    folder.write(running.pop(job), job.result())
                    bar.update(shard_size)
                    start(missing)
        except KeyboardInterrupt:
            bar.write("stopping: the shards in hand are dropped; the same command goes on from here")
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--space", required=True, help=f"one of {', '.join(SPACE_NAMES)}")
    parser.add_argument("--count", type=int, required=True, help="patches wanted in all")
    parser.add_argument("--out", type=Path, required=True, help="dataset folder; goes on if it exists")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--between",
        type=float,
        default=0.0,
        help="chance that a patch lies between two drawn ones (default 0)",
    )
    parser.add_argument("--note", type=int, default=Note().note, help="MIDI note (default 60)")
    args = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        if not 0.0 <= args.between <= 1.0:
            raise ConfigError(f"--between is a chance, 0 to 1, not {args.between}.")
        prior = replace(Prior.for_space(load_space(args.space)), between=args.between)
        note, mel = Note(note=args.note), MelConfig()
        facts = {
            "space": prior.space.to_dict(),
            "kinds": list(prior.kinds),
            "seed": args.seed,
            "shard_size": SHARD_SIZE,
            "note": vars(note),
            "mel": mel.to_dict(),
            "target_lufs": TARGET_LUFS,
            "descriptors": list(DESCRIPTOR_NAMES),
        }
        if prior.between:
            facts["between"] = prior.between
        folder = DatasetFolder.create(args.out, facts)
        render_dataset(
            folder, prior, count=args.count, seed=args.seed, note=note, workers=max(1, args.workers)
        )
    except BridgeError as error:
        logger.error("%s", error)
        return 2
    except KeyboardInterrupt:
        # Threads inside the engine cannot be stopped; every finished shard is on disk already.
        os._exit(130)
    return 0


if __name__ == "__main__":
    sys.exit(main())
