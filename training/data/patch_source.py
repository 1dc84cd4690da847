"""Where the patches of a dataset come from: a prior to draw from, or lists of them, shard by shard."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES
from core.mel import MelConfig
from core.space import ParameterSpace
from synths.engine import Note
from training.data.bank_patches import ListedPatches
from training.data.draw import Prior
from training.data.leveled_render import TARGET_LUFS

__all__ = ["ListedSource", "PatchSource", "dataset_facts", "shard_patches"]


class ListedSource(Protocol):
    """Patches that are known before they are rendered: of factory banks, or what a model answers."""

    @property
    def space(self) -> ParameterSpace:
        """Space of the patches."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of sound."""

    def facts(self) -> dict[str, Any]:
        """Return what `dataset.yaml` says of the patches, under a key of its own."""
        ...

    def part(self, shard: int) -> ListedPatches:
        """Return the patches of a shard."""
        ...


PatchSource = Prior | ListedSource


def shard_patches(
    source: PatchSource | ListedPatches, seed: int, shard: int
) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the patches of a shard, each with its kind; a prior never ends."""
    if isinstance(source, Prior):
        rng = np.random.default_rng([seed, shard])
        while True:
            yield source.draw(rng)
    listed = source if isinstance(source, ListedPatches) else source.part(shard)
    yield from zip(listed.vectors, listed.kinds.tolist(), strict=True)


def dataset_facts(
    source: PatchSource, *, seed: int, shard_size: int, note: Note, mel: MelConfig
) -> dict[str, Any]:
    """Return what determines a dataset, for its `dataset.yaml`."""
    facts = {
        "space": source.space.to_dict(),
        "kinds": list(source.kinds),
        "seed": seed,
        "shard_size": shard_size,
        "note": vars(note),
        "mel": mel.to_dict(),
        "target_lufs": TARGET_LUFS,
        "descriptors": list(DESCRIPTOR_NAMES),
    }
    if not isinstance(source, Prior):
        facts |= source.facts()
    elif source.between:
        facts["between"] = source.between
    return facts
