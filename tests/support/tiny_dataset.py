"""A dataset of real renders that is made in a second."""

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES
from core.mel import MelConfig
from synths.engine import Note
from synths.space_files import load_space
from training.data.dataset import DatasetFolder
from training.data.draw import Prior
from training.data.render import render_shard

__all__ = ["TINY_MEL", "TINY_NOTE", "write_tiny_dataset"]

TINY_NOTE = Note(held_seconds=0.6, seconds=1.0)
TINY_MEL = MelConfig(n_frames=16)


def write_tiny_dataset(path, space="vital-16", n=28, shards=40):
    """Forty shards of real renders: one is rendered, the rest are its rows rearranged."""
    prior = Prior.for_space(load_space(space))
    facts = {
        "space": prior.space.to_dict(),
        "kinds": list(prior.kinds),
        "seed": 0,
        "shard_size": n,
        "note": vars(TINY_NOTE),
        "mel": TINY_MEL.to_dict(),
        "target_lufs": -24.0,
        "descriptors": list(DESCRIPTOR_NAMES),
    }
    folder = DatasetFolder.create(path, facts)
    rendered = render_shard(prior, seed=0, shard=0, n=n, mel=TINY_MEL, note=TINY_NOTE)
    for shard in range(shards):
        folder.write(shard, rendered[np.random.default_rng(shard).permutation(n)])
    return folder
