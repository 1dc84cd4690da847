"""Choose the points of the preset map: varied within each kind, named for how they sound."""

from collections import Counter

import numpy as np
from sklearn.manifold import TSNE

from core.descriptors import DESCRIPTOR_NAMES
from models.folder import ModelPresets
from models.served_flow import ServedFlow
from training.data.dataset import Dataset

__all__ = ["choose_presets"]

_CANDIDATES = 400  # of a kind
_FEATURES = 24  # principal components of the mel, which describe its sound

# Descriptor, word for a high value, word for a low one.
_WORDS = (
    ("centroid", "Bright", "Dark"),
    ("attack", "Slow", "Snappy"),
    ("decay", "Short", "Steady"),
    ("flatness", "Breathy", "Pure"),
    ("flux", "Gritty", "Smooth"),
    ("movement", "Pulsing", "Still"),
    ("tail", "Dry", "Lingering"),
    ("bandwidth", "Broad", "Narrow"),
    ("brightness_change", "Opening", "Closing"),
    ("pitch_strength", "Singing", "Blurred"),
)


def choose_presets(
    data: Dataset, kinds: tuple[str, ...], flow: ServedFlow, seed: int = 0, per_kind: int = 18
) -> ModelPresets:
    """Choose presets from training patches by farthest-point sampling, and arrange them by sound.

    Args:
        data: Training renders.
        kinds: Names of the kinds, in the order of their indices.
        flow: Maps patches to latents.
        seed: Seed of candidates and layout.
        per_kind: How many of each kind.

    Returns:
        The presets, fewer where a kind has fewer. Places come from t-SNE on the mels' principal components.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for kind in range(len(kinds)):
        candidates = rng.permutation(np.flatnonzero(data.kinds == kind))[:_CANDIDATES]
        if len(candidates):
            rows.extend(candidates[_farthest(_features(data.mels[candidates]), per_kind)])
    chosen = data[np.array(rows)]
    perplexity = min(20.0, (len(chosen) - 1) / 3)
    places = TSNE(init="pca", perplexity=perplexity, random_state=seed).fit_transform(_features(chosen.mels))
    low, high = places.min(axis=0), places.max(axis=0)
    return ModelPresets(
        names=_names(chosen, kinds, data.descriptors),
        kinds=tuple(kinds[k] for k in chosen.kinds),
        places=((places - low) / (high - low)).astype(np.float32),
        latents=flow.invert(chosen.patches),
        patches=chosen.patches,
    )


def _features(mels: np.ndarray) -> np.ndarray:
    x = np.asarray(mels, np.float32).reshape(len(mels), -1)
    x = x - x.mean(axis=0)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    return np.asarray((u * s)[:, :_FEATURES])


def _farthest(points: np.ndarray, n: int) -> np.ndarray:
    """Return the rows of n points, the median one first, each farthest from those before it."""
    chosen = [int(np.argmin(np.linalg.norm(points - np.median(points, axis=0), axis=1)))]
    nearest = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < min(n, len(points)):
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return np.array(chosen)


def _names(chosen: Dataset, kinds: tuple[str, ...], descriptors: np.ndarray) -> tuple[str, ...]:
    """Return names: two words for what stands out, the kind, and a number where that name is taken."""
    order = [DESCRIPTOR_NAMES.index(name) for name, _, _ in _WORDS]
    middle = np.median(descriptors[:, order], axis=0)
    spread = np.percentile(np.abs(descriptors[:, order] - middle), 70, axis=0) + 1e-6
    names: list[str] = []
    seen: Counter[str] = Counter()
    for row, kind in zip(chosen.descriptors[:, order], chosen.kinds, strict=True):
        unusual = (row - middle) / spread
        top = np.argsort(-np.abs(unusual))[:2]
        words = [_WORDS[k][1] if unusual[k] > 0 else _WORDS[k][2] for k in top]
        name = " ".join([*words, kinds[kind].capitalize()])
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return tuple(names)
