"""Render patches into a dataset: `python -m training.data.render --space vital-32 --count N --out FOLDER`.

Patches are drawn from a prior; with `--bank` they are the presets of amsynth's factory banks and patches
between them.

Each shard is drawn from its own seed and rendered in order by a new engine, so the same seed gives the same
dataset, whatever the number of workers and however often the work was interrupted.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.command import exit_status
from core.errors import ConfigError, RenderError
from core.mel import MelConfig
from core.space import ParameterSpace
from synths.catalog import facts_of, load_engine
from synths.engine import Note, PatchFailure
from synths.space_files import load_space, space_names
from training.data.bank_patches import BankPatches, ListedPatches
from training.data.dataset import Dataset, DatasetFolder, RenderedRow
from training.data.draw import Prior
from training.data.executors import RenderExecutor, cluster_executor, process_executor
from training.data.leveled_render import render_leveled
from training.data.patch_source import PatchSource, dataset_facts, shard_patches
from training.data.progress import Progress
from training.data.split import LEAST_SHARDS

__all__ = ["BANK_SHARD_SIZE", "SHARD_SIZE", "drawn_source", "render_dataset", "render_shard"]

SHARD_SIZE = 128  # less in a small dataset, which can then be trained on as well
BANK_SHARD_SIZE = 64  # banks are small: validation and test then get shards soon

_MOST_IN_VAIN = 400  # patches in a row that are silent, clip or fail

logger = logging.getLogger(__name__)


def render_shard(
    source: PatchSource | ListedPatches, *, seed: int, shard: int, n: int, mel: MelConfig, note: Note
) -> Dataset:
    """Draw and render one shard, keeping only patches that are audible and do not clip.

    Args:
        source: A prior to draw from, or the shard's own list of patches.
        seed: Seed of the dataset.
        shard: Number of the shard; with the seed it fixes every draw.
        n: Patches to keep at most; a list may end earlier.
        mel: Mel settings.
        note: Note to play.

    Returns:
        The patches with their mels, descriptors, kinds and fine frames.
    """
    return _render_counted(source, seed, shard, n, mel, note)[0]


def _render_counted(
    source: PatchSource | ListedPatches, seed: int, shard: int, n: int, mel: MelConfig, note: Note
) -> tuple[Dataset, int]:
    """Render one shard; return it, and the number of patches left out at which the synth crashed or hung."""
    space = source.space
    engine = load_engine(space, mel.sample_rate)
    rows: list[RenderedRow] = []
    n_failed = in_vain = 0
    for vector, kind in shard_patches(source, seed, shard):
        if len(rows) == n:
            break
        in_vain += 1
        if in_vain > _MOST_IN_VAIN:
            raise RenderError(
                f"{_MOST_IN_VAIN} patches of {space.name} in a row were silent, clipped or failed. Check its "
                "controls."
            )
        try:
            render = render_leveled(vector, space, engine, note)
        except PatchFailure:
            n_failed += 1
            continue
        if render is None:
            continue
        rows.append(RenderedRow.of(render.vector, render.audio, kind, mel, note.held_seconds))
        in_vain = 0
    return Dataset.of_rows(rows, len(space), mel), n_failed


def render_dataset(
    folder: DatasetFolder,
    source: PatchSource,
    *,
    count: int,
    seed: int,
    note: Note,
    executor: RenderExecutor,
    shard_size: int = SHARD_SIZE,
    shards: Sequence[int] | None = None,
    enough: Callable[[int], bool] = lambda shards: False,
) -> None:
    """Render the shards that a dataset still lacks; each is written as soon as it is complete.

    Args:
        folder: The dataset.
        source: A prior to draw from, or banks of presets.
        count: Total number of patches; rounded up to whole shards.
        seed: Seed of every draw.
        note: Note to play.
        executor: Where shards are rendered.
        shard_size: Patches per shard.
        shards: Numbers of the shards that are wanted, in place of the first ones.
        enough: Asked before a shard is begun, with the number of those that are there or begun; once it
            returns true, no more are.

    Raises:
        RenderError: A rendering process has crashed.
    """
    wanted = range((count + shard_size - 1) // shard_size) if shards is None else shards
    there = set(folder.shards())
    missing = iter([shard for shard in wanted if shard not in there])
    n_there = sum(1 for shard in wanted if shard in there)
    with Progress(len(wanted) * shard_size, initial=n_there * shard_size, unit="patch") as bar:
        running: dict[Future[tuple[Dataset, int]], int] = {}
        n_begun, n_failed = n_there, 0

        def start(shards: Iterator[int]) -> None:
            nonlocal n_begun
            shard = None if enough(n_begun) else next(shards, None)
            if shard is not None:
                n_begun += 1
                part = source if isinstance(source, Prior) else source.part(shard)
                job = executor.pool.submit(_render_counted, part, seed, shard, shard_size, folder.mel, note)
                running[job] = shard

        for _ in range(executor.n_jobs):
            start(missing)
        try:
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for job in done:
                    dataset, failed = job.result()
                    folder.write(running.pop(job), dataset)
                    n_failed += failed
                    bar.update(shard_size)
                    start(missing)
        except BrokenExecutor:
            raise RenderError(
                "a rendering process has crashed, most likely the synth in it. Finished shards are kept; run "
                "the same command again to continue."
            ) from None
        except KeyboardInterrupt:
            logger.info("stopping; unfinished shards are dropped. Run the same command again to continue")
            executor.pool.shutdown(wait=False, cancel_futures=True)
            raise
        if n_failed:
            logger.warning("%d patches at which the synth crashed or hung were left out", n_failed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    return exit_status(partial(_render, _parse(arguments)))


def _render(args: argparse.Namespace) -> None:
    source, shard_size = _source(args)
    note, mel = Note(note=args.note), MelConfig()
    if args.count:
        load_engine(source.space, mel.sample_rate)  # fail at once if the synth is missing
    facts = dataset_facts(source, seed=args.seed, shard_size=shard_size, note=note, mel=mel)
    folder = DatasetFolder.create(args.out, facts)
    with _executor(args) as executor:
        render_dataset(
            folder,
            source,
            count=args.count,
            seed=args.seed,
            note=note,
            executor=executor,
            shard_size=shard_size,
        )
    if isinstance(source, BankPatches):
        _log_what_was_dropped(folder, source, args.count)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--space",
        required=True,
        help=f"one of {', '.join(space_names())}, or a YAML file that synths.discover wrote",
    )
    parser.add_argument("--count", type=int, required=True, help="total number of patches")
    parser.add_argument("--out", type=Path, required=True, help="dataset folder; resumed if it exists")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draws (%(default)s)")
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        help="processes on this machine (default: one per core)",
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="render on Dask workers: tcp://host:8786, or local:2 for two new ones on this machine",
    )
    parser.add_argument(
        "--between",
        type=float,
        default=0.0,
        help="probability that a patch lies between two drawn ones (default: 0)",
    )
    parser.add_argument(
        "--bank",
        type=Path,
        nargs="*",
        help="amsynth's presets instead of drawn patches: bank files or folders (default: those installed)",
    )
    parser.add_argument("--note", type=int, default=Note().note, help="MIDI note (default: 60)")
    return parser.parse_args(arguments)


def _source(args: argparse.Namespace) -> tuple[PatchSource, int]:
    """Return what is rendered, and the number of patches per shard."""
    if not 0.0 <= args.between <= 1.0:
        raise ConfigError(f"--between is a probability from 0 to 1, not {args.between}.")
    if not 0 <= args.note <= 127:
        raise ConfigError(f"--note is a MIDI note from 0 to 127, not {args.note}.")
    space = load_space(args.space)
    if args.bank is not None:
        if args.between:
            raise ConfigError(
                "--between is for drawn patches; with --bank, patches between presets are always made."
            )
        patches = BankPatches.from_banks(space, args.bank, seed=args.seed, shard_size=BANK_SHARD_SIZE)
        return patches, BANK_SHARD_SIZE
    facts = facts_of(space)
    if facts.read_banks is not None:
        raise ConfigError(
            f"{facts.title} has no kinds of sound to draw from. Add --bank to render its presets."
        )
    return drawn_source(space, args.between), _shard_size(args.out, args.count)


def _shard_size(out: Path, count: int) -> int:
    """Return the patches per shard: those of a dataset that is there, or few enough to make 40 shards."""
    if (out / "dataset.yaml").exists():
        return int(DatasetFolder(out).facts.get("shard_size", SHARD_SIZE))
    return min(SHARD_SIZE, count // LEAST_SHARDS) or SHARD_SIZE


def drawn_source(space: ParameterSpace, between: float = 0.0) -> Prior:
    """Return the prior of a space: its synth's kinds of sound, or uniform where none are known.

    Args:
        space: Space of the patches.
        between: Probability that a patch lies between two drawn ones.
    """
    prior = Prior.uniform(space) if facts_of(space).kinds is None else Prior.for_space(space)
    return replace(prior, between=between)


def _executor(args: argparse.Namespace) -> AbstractContextManager[RenderExecutor]:
    return cluster_executor(args.cluster) if args.cluster else process_executor(max(1, args.workers))


def _log_what_was_dropped(folder: DatasetFolder, source: BankPatches, count: int) -> None:
    shards = [s for s in folder.shards() if s * source.shard_size < count]
    planned = sum(len(source.part(shard).vectors) for shard in shards)
    kept = len(folder.read(shards)) if shards else 0
    logger.info(
        "%d patches; %d more were silent or could not be levelled and were left out", kept, planned - kept
    )


if __name__ == "__main__":
    sys.exit(main())
