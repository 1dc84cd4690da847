"""Tags of a dataset, from which the disentangling flow learns its named dimensions."""

import numpy as np

from core.mel import MelConfig
from core.tags import TAG_NAMES, TagRules, measure_tags
from training.data.dataset import Dataset

__all__ = ["tag_rules", "tags_of"]


def tag_rules(dataset: Dataset, mel: MelConfig | None = None, held_seconds: float = 3.0) -> TagRules:
    """Return the rules by which sounds are tagged, made from the training part of a dataset."""
    return TagRules.of(_measures(dataset, mel, held_seconds))


def tags_of(
    dataset: Dataset,
    mel: MelConfig | None = None,
    held_seconds: float = 3.0,
    rules: TagRules | None = None,
) -> tuple[tuple[str, ...], np.ndarray]:
    """Tag every sound of a dataset by measurement.

    Args:
        dataset: Renders.
        mel: Settings of their mels; None for the defaults.
        held_seconds: Seconds from note on to note off.
        rules: From `tag_rules` of the training part, so that validation is tagged alike; None makes them
            from this dataset.

    Returns:
        Names of the pairs, such as `dark-bright`, and float32 `(N, n_tags)`: 1 where the second word fits,
        0 where the first does, nan where neither does; a third of the sounds each.
    """
    measures = _measures(dataset, mel, held_seconds)
    return TAG_NAMES, (rules or TagRules.of(measures)).tags(measures)


def _measures(dataset: Dataset, mel: MelConfig | None, held_seconds: float) -> np.ndarray:
    return measure_tags(dataset.descriptors, dataset.mels, mel or MelConfig(), held_seconds)
