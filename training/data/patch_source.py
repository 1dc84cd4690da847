"""Where the patches of a dataset come from: a prior to draw from, or the presets of factory banks."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES
from core.mel import MelConfig
from synths.engine import Note
from training.data.bank_patches import BankPatches, ListedPatches
from training.data.draw import Prior
from training.data.leveled_render import TARGET_LUFS

__all__ = ["PatchSource", "dataset_facts", "shard_patches"]

PatchSource = Prior | BankPatches


def shard_patches(
    source: PatchSource | ListedPatches, seed: int, shard: int
) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the patches of a shard, each with its kind; a prior never ends."""
    if isinstance(source, BankPatches):
        source = source.part(shard)
    if isinstance(source, ListedPatches):
        yield from zip(source.vectors, source.kinds.tolist(), strict=True)
        return
    rng = np.random.default_rng([seed, shard])
    while True:
        yield source.draw(rng)


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
    if isinstance(source, BankPatches):
        facts["bank"] = source.facts()
    elif source.between:
        facts["between"] = source.between
    return facts
