"""Patches from factory banks: all presets in them, and patches between neighbouring presets.

A preset belongs to training, validation or test, and so does every shard (`training.data.split`). A shard
holds presets of its own side only, and a patch between two presets lies between two training presets. So
nothing that is held out is ever learned from, not even in part.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ConfigError
from core.space import ParameterSpace
from synths.catalog import SYNTHS, facts_of
from training.data.canonical import canonical
from training.data.leveled_render import volume_of
from training.data.split import split_shards

__all__ = ["KINDS", "BankPatches", "Between", "ListedPatches"]

KINDS = ("preset", "between")
_SAME_WITHIN = 0.01  # of each parameter's range: presets closer than this count as one
_HELD_OUT = 0.1  # share of the presets for validation, and the same again for test


@dataclass(frozen=True, kw_only=True)
class Between:
    """How patches between presets are made: part of the way from a preset to one of its neighbours.

    Attributes:
        n_neighbours: The neighbour is one of this many nearest, by mean absolute difference.
        low, high: Range of the share of the way, drawn uniformly. Stepped parameters do not move.
    """

    n_neighbours: int = 5
    low: float = 0.1
    high: float = 0.5


@dataclass(frozen=True)
class ListedPatches:
    """The patches of one shard, to be rendered in order.

    Attributes:
        space: Space of the patches.
        vectors: Normalized parameters `(n, P)`; `n` may be 0.
        kinds: Index of the kind of each, `(n,)`.
    """

    space: ParameterSpace
    vectors: np.ndarray
    kinds: np.ndarray


class BankPatches:
    """The patches of a dataset, shard by shard; they depend on the banks and the seed alone.

    Args:
        space: Space of the patches; parameters outside it have their base value, whatever the preset says.
        presets: Normalized parameters of every preset, `(n, P)`, in the order of the banks.
        seed: Seed of the split and of the patches between presets.
        shard_size: Patches per shard.
        between: How patches between presets are made.
        sides_of: Patches of a smaller space; a preset is on the side of the one that it is there.

    Attributes:
        train, validation, test: Distinct presets of each side, `(n, P)`.

    Raises:
        ConfigError: There are too few presets.
    """

    kinds = KINDS

    def __init__(
        self,
        space: ParameterSpace,
        presets: np.ndarray,
        *,
        seed: int,
        shard_size: int,
        between: Between | None = None,
        sides_of: "BankPatches | None" = None,
    ) -> None:
        self.space = space
        self.seed = seed
        self.shard_size = shard_size
        self.between = between or Between()
        volume = volume_of(space)
        vectors = np.stack([canonical(vector, space) for vector in presets])
        if volume is not None:
            vectors[:, volume] = space.neutral[volume]
        self.n_presets, distinct = len(vectors), _distinct(vectors)
        n_held = int(len(distinct) * _HELD_OUT)
        if len(distinct) - 2 * n_held <= self.between.n_neighbours or n_held == 0:
            raise ConfigError(f"{len(distinct)} different presets are too few. Add banks with --bank.")
        order = np.random.default_rng(seed).permutation(len(distinct))
        if sides_of is None:
            sides = np.zeros(len(distinct), int)
            sides[order[:n_held]], sides[order[n_held : 2 * n_held]] = 1, 2
        else:
            sides = sides_of.sides(distinct, space)
        self.train, self.validation, self.test = (
            distinct[[k for k in order if sides[k] == side]] for side in range(3)
        )

    def sides(self, presets: np.ndarray, space: ParameterSpace) -> np.ndarray:
        """Return the side of presets of a larger space: 0 training, 1 validation, 2 test, `(n,)`."""
        places = [space.index(name) for name in self.space.names]
        here = np.stack([canonical(vector, self.space) for vector in presets[:, places]])
        known = np.concatenate([self.train, self.validation, self.test])
        sides = np.repeat(range(3), [len(self.train), len(self.validation), len(self.test)])
        nearest = [int(np.abs(known - vector).max(axis=1).argmin()) for vector in here]
        return np.asarray(sides[nearest])

    @classmethod
    def from_banks(
        cls,
        space: ParameterSpace,
        places: Sequence[Path],
        *,
        seed: int,
        shard_size: int,
        sides_of: "BankPatches | None" = None,
    ) -> "BankPatches":
        """Read all presets of a synth's banks.

        Raises:
            ConfigError: A bank is missing or damaged, or no banks are known of the space's synth.
        """
        read_banks = facts_of(space).read_banks
        if read_banks is None:
            banked = " or ".join(row.title for row in SYNTHS.values() if row.read_banks is not None)
            raise ConfigError(
                f"--bank reads banks of {banked}, but {space.name} is a space of {space.synth}; leave it out."
            )
        rows = [space.encode({name: patch[name] for name in space.names}) for patch in read_banks(places)]
        if not rows:
            raise ConfigError("the banks hold no presets. Add others with --bank.")
        return cls(space, np.stack(rows), seed=seed, shard_size=shard_size, sides_of=sides_of)

    def facts(self) -> dict[str, Any]:
        """Return what `dataset.yaml` says of the presets; equal facts mean equal patches."""
        digest = hashlib.sha256()
        for side in (self.train, self.validation, self.test):
            digest.update(side.tobytes())
        bank = {
            "presets": self.n_presets,
            "distinct": len(self.train) + len(self.validation) + len(self.test),
            "train": len(self.train),
            "validation": len(self.validation),
            "test": len(self.test),
            "sha256": digest.hexdigest(),
            "between": vars(self.between),
        }
        return {"bank": bank}

    def part(self, shard: int) -> ListedPatches:
        """Return the patches of a shard; a validation or test shard is empty when the presets run out."""
        train, validation, _ = split_shards([shard])
        side = 0 if train else 1 if validation else 2
        index = len(split_shards(range(shard))[side])  # among the shards of this side
        first = index * self.shard_size
        if side:
            presets = (self.validation, self.test)[side - 1][first : first + self.shard_size]
            return ListedPatches(self.space, presets, np.zeros(len(presets), np.int32))
        rows = range(first, first + self.shard_size)
        vectors = [self.train[r] if r < len(self.train) else self._between(r) for r in rows]
        return ListedPatches(
            self.space, np.stack(vectors), np.array([int(r >= len(self.train)) for r in rows], np.int32)
        )

    def _between(self, row: int) -> np.ndarray:
        """Return the patch of a row beyond the presets: part of the way from a preset to a neighbour."""
        rng = np.random.default_rng([self.seed, row])
        start = self.train[rng.integers(len(self.train))]
        distances = np.abs(self.train - start).mean(axis=1)
        near = np.argsort(distances, kind="stable")[1 : 1 + self.between.n_neighbours]
        end = self.train[rng.choice(near)]
        along = np.float32(rng.uniform(self.between.low, self.between.high))
        vector = start + along * (end - start)
        for k, parameter in enumerate(self.space):
            if parameter.scale == "indexed":
                vector[k] = start[k]
        return canonical(vector, self.space)


def _distinct(vectors: np.ndarray) -> np.ndarray:
    """Return the vectors without those that equal an earlier one within `_SAME_WITHIN`."""
    kept = np.empty_like(vectors)
    n = 0
    for vector in vectors:
        if n == 0 or np.abs(kept[:n] - vector).max(axis=1).min() > _SAME_WITHIN:
            kept[n] = vector
            n += 1
    return kept[:n]
