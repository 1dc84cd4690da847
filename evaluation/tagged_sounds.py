"""Sounds with the tags that Flow_dis learned from, and how well a latent dimension tells them apart."""

from typing import Literal

import numpy as np
from scipy.stats import rankdata

from core.errors import ConfigError
from core.tags import TAG_NAMES, TagRules, measure_tags
from evaluation.evaluated_model import EvaluatedModel
from models.paper.autoencoder import AutoEncoder
from models.paper.latent_spaces import DisentangledLatent
from training.data.split import split_shards
from training.runs import TrainedRun

__all__ = ["area_under_curve", "disentangled_run", "tagged_sounds"]


def disentangled_run(model: EvaluatedModel) -> tuple[TrainedRun, AutoEncoder]:
    """Return a run of Flow_dis, and its network.

    Raises:
        ConfigError: The model has no disentangled latent space.
    """
    network = model.run.model if model.run else None
    told = isinstance(network, AutoEncoder) and isinstance(network.latent, DisentangledLatent)
    if model.run is None or not isinstance(network, AutoEncoder) or not told:
        raise ConfigError(
            f"{model.name} is not a run of flow_dis, but --semantic needs one. Train one: "
            "python train.py configs/paper.yaml configs/flow_dis.yaml"
        )
    return model.run, network


def area_under_curve(values: np.ndarray, high: np.ndarray) -> float:
    """Return the probability that a sound of the high word has the larger value; 0.5 if a word is missing."""
    n_high, n_low = int(high.sum()), int((~high).sum())
    if not n_high or not n_low:
        return 0.5
    ranks = rankdata(values)
    return float((ranks[high].sum() - n_high * (n_high + 1) / 2) / (n_high * n_low))


def tagged_sounds(
    model: EvaluatedModel, part: Literal["train", "test"] = "test"
) -> tuple[np.ndarray, np.ndarray]:
    """Return levelled mels, and their tags by the rules of the training part, in the order of a run.

    Args:
        model: A run of Flow_dis.
        part: Of its dataset.

    Returns:
        Float32 `(n, n_mels, n_frames)` and `(n, n_tags)`: 1 the high word, 0 the low one, nan neither.

    Raises:
        ConfigError: It was trained on other tags than this version measures.
    """
    run = model.run
    assert run is not None
    names = run.tag_names
    train, _, test = split_shards(run.folder.shards()[: run.settings.shards])
    held = model.note.held_seconds
    learned = run.folder.read(train)
    sounds = learned if part == "train" else run.folder.read(test)
    rules = TagRules.of(measure_tags(learned.descriptors, learned.mels, model.mel, held))
    tags = rules.tags(measure_tags(sounds.descriptors, sounds.mels, model.mel, held))
    columns = [TAG_NAMES.index(name) for name in names if name in TAG_NAMES]
    if len(columns) < len(names):
        raise ConfigError(
            f"the run was trained on other tags ({', '.join(names)}) than this version measures. "
            "Train it again."
        )
    return sounds.mels.astype(np.float32), tags[:, columns]
