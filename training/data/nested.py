"""Render one synth at several sizes.

    python -m training.data.nested --spaces vital-16 vital-32 vital-64 --count 10240 --out data/nested

The spaces of a synth are nested, so a patch of the smallest is one of all: what it lacks is neutral. So are
these datasets. The smallest holds `count` patches of its own; each larger one begins with all patches of the
one before, which are not rendered again, and adds `count` that move all of its parameters. A shard keeps its
side, and so the same sounds are held out at every size: what a model answers them worse with more parameters
is the price of the parameters alone.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.command import exit_status
from core.errors import ConfigError
from core.mel import MelConfig
from core.space import ParameterSpace
from synths.catalog import facts_of
from synths.engine import Note
from synths.space_files import load_space
from training.data.bank_patches import BankPatches, ListedPatches
from training.data.canonical import Exchange, canonical
from training.data.dataset import Dataset, DatasetFolder
from training.data.draw import Prior
from training.data.executors import RenderExecutor, process_executor
from training.data.patch_source import PatchSource, dataset_facts
from training.data.render import BANK_SHARD_SIZE, SHARD_SIZE, drawn_source, render_dataset
from training.data.split import LEAST_SHARDS, split_shards

__all__ = ["FIRST_OWN_SHARD", "embedded", "own_shards", "render_nested"]

_TEST_SHARDS = 3
FIRST_OWN_SHARD = "first_own_shard"  # of `dataset.yaml`: those before it hold patches of smaller spaces

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Later:
    """A source whose shards stand behind those of smaller spaces.

    Attributes:
        source: The patches; their shard 0 is shard `first` here, a multiple of 40, so that sides agree.
        first: Number of shards before.
    """

    source: BankPatches
    first: int

    @property
    def space(self) -> ParameterSpace:
        return self.source.space

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.source.kinds

    def facts(self) -> dict[str, Any]:
        return self.source.facts()

    def part(self, shard: int) -> ListedPatches:
        return self.source.part(shard - self.first)


def own_shards(folder: DatasetFolder, shards: Sequence[int]) -> list[int]:
    """Return those shards of which the patches move all parameters; of a dataset that is not nested, all."""
    first = int(folder.facts.get(FIRST_OWN_SHARD, 0))
    return [shard for shard in shards if shard >= first]


def embedded(patches: np.ndarray, small: ParameterSpace, large: ParameterSpace) -> np.ndarray:
    """Return patches of a space as canonical ones of a larger space of the same synth; they sound the same.

    Args:
        patches: `(n, P)`.
        small: Their space.
        large: A space that has all of its parameters.

    Returns:
        Float32 `(n, P of the larger)`.

    Raises:
        ConfigError: One space does not hold the other.
    """
    if small.synth != large.synth or any(name not in large for name in small.names):
        raise ConfigError(f"{large.name} does not hold the parameters of {small.name}.")
    places = [large.index(name) for name in small.names]
    result = np.repeat(large.neutral[None], len(patches), axis=0).astype(np.float32)
    result[:, places] = patches
    exchanges: Sequence[Exchange] = (
        Prior.for_space(large).exchanges if facts_of(large).kinds is not None else ()
    )
    return np.stack([canonical(one, large, exchanges) for one in result]) if len(result) else result


def render_nested(
    spaces: Sequence[ParameterSpace],
    out: Path,
    *,
    count: int,
    seed: int,
    executor: RenderExecutor,
    bank: Sequence[Path] | None = None,
    test_shards: int = _TEST_SHARDS,
    note: Note | None = None,
    mel: MelConfig | None = None,
) -> list[DatasetFolder]:
    """Render the datasets `out/SPACE` that are not there yet, the smallest first, and return them.

    Args:
        spaces: Of one synth, each within the next.
        out: Folder of the datasets.
        count: Patches that each size adds; rounded up to a multiple of 40 shards.
        seed: Seed of every draw.
        executor: Where shards are rendered.
        test_shards: Shards for the test that each size has at least: they cost renders, but no training.
        bank: Banks of presets to take patches from; None draws them.
        note: Note to play; the default if None.
        mel: Mel settings; the defaults if None.

    Raises:
        ConfigError: A space does not hold the one before, or a folder holds another dataset.
    """
    size = BANK_SHARD_SIZE if bank is not None else min(SHARD_SIZE, max(1, count // LEAST_SHARDS))
    n_learned = -(-count // (size * LEAST_SHARDS)) * LEAST_SHARDS
    n_shards = max(n_learned, test_shards * LEAST_SHARDS)
    note, mel = note or Note(), mel or MelConfig()
    smallest: BankPatches | None = None
    made: list[DatasetFolder] = []
    for k, space in enumerate(spaces):
        source: PatchSource
        if bank is None:
            source = drawn_source(space)
        else:
            patches = BankPatches.from_banks(space, bank, seed=seed, shard_size=size, sides_of=smallest)
            smallest = smallest or patches
            source = _Later(patches, k * n_shards)
        facts = dataset_facts(source, seed=seed, shard_size=size, note=note, mel=mel)
        folder = DatasetFolder.create(out / space.name, {**facts, FIRST_OWN_SHARD: k * n_shards})
        if made:
            _carry_over(made[-1], folder)
        own = range(k * n_shards, (k + 1) * n_shards)
        logger.info("%s", folder.path)
        render_dataset(
            folder,
            source,
            count=len(own) * size,
            shards=[*own[:n_learned], *split_shards(own[n_learned:])[2]],
            seed=seed,
            note=note,
            executor=executor,
            shard_size=size,
        )
        made.append(folder)
    return made


def _carry_over(small: DatasetFolder, large: DatasetFolder) -> None:
    """Write the shards of a smaller space into a larger one's dataset."""
    there = set(large.shards())
    for shard in small.shards():
        if shard not in there:
            rows = small.read_shard(shard)
            patches = embedded(rows.patches, small.space, large.space)
            large.write(shard, Dataset(**{**vars(rows), "patches": patches}))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--spaces", nargs="+", required=True, help="sizes of one synth, the smallest first")
    parser.add_argument("--count", type=int, required=True, help="patches that each size adds")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the datasets; resumed if it exists"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the draws (%(default)s)")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)"
    )
    parser.add_argument(
        "--bank",
        type=Path,
        nargs="*",
        help="amsynth's presets instead of drawn patches: bank files or folders (default: those installed)",
    )
    args = parser.parse_args(arguments)
    return exit_status(partial(_run, args))


def _run(args: argparse.Namespace) -> None:
    if args.count < 1:
        raise ConfigError("--count must be at least 1.")
    spaces = [load_space(name) for name in args.spaces]
    with process_executor(max(1, args.workers)) as executor:
        render_nested(spaces, args.out, count=args.count, seed=args.seed, executor=executor, bank=args.bank)


if __name__ == "__main__":
    sys.exit(main())
