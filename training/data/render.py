"""Render patches into a dataset: `python -m training.data.render --space vital-32 --count N --out FOLDER`.

Patches are drawn from a prior; with `--bank` they are the presets of amsynth's banks and patches between
them.

Each shard is drawn from its own seed and played by a new engine, in order, so the same seed gives the
same dataset whatever the number of workers and however often the work was interrupted.
"""

import argparse
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.descriptors import DESCRIPTOR_NAMES, describe
from core.errors import BridgeError, ConfigError, RenderError
from core.mel import MelConfig, log_mel
from synths.catalog import facts_of, load_engine
from synths.engine import Note
from synths.space_files import load_space, space_names
from training.data.bank_patches import BankPatches, ListedPatches
from training.data.dataset import Dataset, DatasetFolder
from training.data.draw import Prior
from training.data.executors import Farm, cluster_farm, local_farm, thread_farm
from training.data.leveled_render import TARGET_LUFS, render_leveled

__all__ = ["BANK_SHARD_SIZE", "SHARD_SIZE", "Source", "render_dataset", "render_shard"]

SHARD_SIZE = 128
BANK_SHARD_SIZE = 64  # banks are small; so validation and test get shards of them soon
Source = Prior | BankPatches

logger = logging.getLogger(__name__)


def render_shard(
    source: Source | ListedPatches, *, seed: int, shard: int, n: int, mel: MelConfig, note: Note
) -> Dataset:
    """Draw and render one shard, keeping only patches that are audible and do not clip.

    Args:
        source: A prior that is drawn from, or the shard's own list of patches.
        seed: Of the dataset.
        shard: Number of the shard; with the seed it fixes every draw.
        n: Patches to keep at most; a list may end before.
        mel: How they are heard.
        note: What is played.

    Returns:
        The patches with their mels, descriptors and kinds.
    """
    space = source.space
    engine = load_engine(space, mel.sample_rate)
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray, int]] = []
    for vector, kind in _patches(source, seed, shard):
        if len(rows) == n:
            break
        render = render_leveled(vector, space, engine, note)
        if render is None:
            continue
        described = describe(render.audio, mel.sample_rate, note.held_seconds)
        rows.append((render.vector, log_mel(render.audio, mel), described, kind))
    return Dataset(
        np.array([row[0] for row in rows], np.float32).reshape(-1, len(space)),
        np.array([row[1] for row in rows], np.float32).reshape(-1, *mel.shape).astype(np.float16),
        np.array([row[2] for row in rows], np.float32).reshape(-1, len(DESCRIPTOR_NAMES)),
        np.array([row[3] for row in rows], np.int32),
    )


def _patches(source: Source | ListedPatches, seed: int, shard: int) -> Iterator[tuple[np.ndarray, int]]:
    if isinstance(source, ListedPatches):
        yield from zip(source.vectors, source.kinds.tolist(), strict=True)
        return
    assert isinstance(source, Prior)
    rng = np.random.default_rng([seed, shard])
    while True:
        yield source.draw(rng)


def render_dataset(
    folder: DatasetFolder,
    source: Source,
    *,
    count: int,
    seed: int,
    note: Note,
    workers: int,
    shard_size: int = SHARD_SIZE,
    farm: Farm | None = None,
) -> None:
    """Render the shards that a dataset still lacks; each is written as soon as it is whole.

    Args:
        folder: Where to.
        source: What is drawn, or whose presets are taken.
        count: Patches wanted in all; rounded up to whole shards.
        seed: Fixes every draw.
        note: What is played.
        workers: Threads, where no farm is given; the engine lets them run side by side.
        shard_size: Patches a shard.
        farm: Where shards are rendered.

    Raises:
        RenderError: A process that rendered has crashed.
    """
    if farm is None:
        with thread_farm(workers) as threads:
            render_dataset(
                folder,
                source,
                count=count,
                seed=seed,
                note=note,
                workers=workers,
                shard_size=shard_size,
                farm=threads,
            )
        return
    wanted = range((count + shard_size - 1) // shard_size)
    there = set(folder.shards())
    missing = iter([shard for shard in wanted if shard not in there])
    n_there = sum(1 for shard in wanted if shard in there)
    with tqdm(total=len(wanted) * shard_size, initial=n_there * shard_size, unit="patch") as bar:
        running: dict[Future[Dataset], int] = {}

        def start(shards: Iterator[int]) -> None:
            shard = next(shards, None)
            if shard is not None:
                part = source.part(shard) if isinstance(source, BankPatches) else source
                job = farm.executor.submit(
                    render_shard, part, seed=seed, shard=shard, n=shard_size, mel=folder.mel, note=note
                )
                running[job] = shard

        for _ in range(farm.n_jobs):
            start(missing)
        try:
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for job in done:
                    folder.write(running.pop(job), job.result())
                    bar.update(shard_size)
                    start(missing)
        except BrokenExecutor:
            raise RenderError(
                "a process that rendered has crashed, most likely the synth in it; what is finished is kept, "
                "and the same command goes on from here."
            ) from None
        except KeyboardInterrupt:
            bar.write("stopping: the shards in hand are dropped; the same command goes on from here")
            farm.executor.shutdown(wait=False, cancel_futures=True)
            raise


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    args = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        source, shard_size = _source(args)
        note, mel = Note(note=args.note), MelConfig()
        facts = {
            "space": source.space.to_dict(),
            "kinds": list(source.kinds),
            "seed": args.seed,
            "shard_size": shard_size,
            "note": vars(note),
            "mel": mel.to_dict(),
            "target_lufs": TARGET_LUFS,
            "descriptors": list(DESCRIPTOR_NAMES),
        }
        if isinstance(source, BankPatches):
            facts["bank"] = source.facts()
        elif source.between:
            facts["between"] = source.between
        if args.count:
            load_engine(source.space, mel.sample_rate)  # a synth that is missing is said before anything else
        folder = DatasetFolder.create(args.out, facts)
        with _farm(args) as farm:
            render_dataset(
                folder,
                source,
                count=args.count,
                seed=args.seed,
                note=note,
                workers=farm.n_jobs,
                shard_size=shard_size,
                farm=farm,
            )
        if isinstance(source, BankPatches):
            _say_what_was_dropped(folder, source, args.count)
    except BridgeError as error:
        logger.error("%s", error)
        return 2
    except KeyboardInterrupt:
        # Engines cannot be stopped in mid render; every finished shard is on disk already.
        os._exit(130)
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--space",
        required=True,
        help=f"one of {', '.join(space_names())}, or a YAML file that synths.discover wrote",
    )
    parser.add_argument("--count", type=int, required=True, help="patches wanted in all")
    parser.add_argument("--out", type=Path, required=True, help="dataset folder; goes on if it exists")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes of this machine")
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="render on Dask workers: tcp://host:8786, or local:2 for two new ones here",
    )
    parser.add_argument(
        "--between",
        type=float,
        default=0.0,
        help="chance that a patch lies between two drawn ones (default 0)",
    )
    parser.add_argument(
        "--bank",
        type=Path,
        nargs="*",
        help="amsynth's presets instead of drawn patches: bank files or folders; those installed by default",
    )
    parser.add_argument("--note", type=int, default=Note().note, help="MIDI note (default 60)")
    return parser.parse_args(arguments)


def _source(args: argparse.Namespace) -> tuple[Source, int]:
    """Give what is rendered, and the patches a shard."""
    if not 0.0 <= args.between <= 1.0:
        raise ConfigError(f"--between is a chance, 0 to 1, not {args.between}.")
    if not 0 <= args.note <= 127:
        raise ConfigError(f"--note is a MIDI note, 0 to 127, not {args.note}.")
    space = load_space(args.space)
    if args.bank is not None:
        if args.between:
            raise ConfigError("--between is for drawn patches; between presets it is done by itself.")
        patches = BankPatches.from_banks(space, args.bank, seed=args.seed, shard_size=BANK_SHARD_SIZE)
        return patches, BANK_SHARD_SIZE
    facts = facts_of(space)
    if facts.read_banks is not None:
        raise ConfigError(
            f"{facts.title} has no kinds of sound to draw from; add --bank to render its presets."
        )
    prior = Prior.even(space) if facts.kinds is None else Prior.for_space(space)
    return replace(prior, between=args.between), SHARD_SIZE


def _farm(args: argparse.Namespace) -> AbstractContextManager[Farm]:
    return cluster_farm(args.cluster) if args.cluster else local_farm(max(1, args.workers))


def _say_what_was_dropped(folder: DatasetFolder, source: BankPatches, count: int) -> None:
    shards = [s for s in folder.shards() if s * source.shard_size < count]
    planned = sum(len(source.part(shard).vectors) for shard in shards)
    kept = len(folder.read(shards)) if shards else 0
    logger.info("%d patches; %d were silent or could not be levelled and are left out", kept, planned - kept)


if __name__ == "__main__":
    sys.exit(main())
