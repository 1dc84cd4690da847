"""Product quantization: vectors as a few bytes each, and how near they are to another vector.

The dimensions are dealt to groups; a byte of a code names one of 256 centres of its group. A distance is then
a sum of one table lookup per byte.

References:
    Jégou et al., "Product quantization for nearest neighbor search", IEEE TPAMI 33(1), 2011.
"""

import numpy as np

__all__ = ["code_distances", "fit_centres", "product_codes"]

_N_CENTRES = 256
_N_SEEN = 32_768  # vectors that centres are fitted to
_ROUNDS = 20  # of Lloyd's algorithm
_ROWS_AT_ONCE = 8_192


def fit_centres(vectors: np.ndarray, n_bytes: int) -> np.ndarray:
    """Return the centres of every group, float32 `(n_bytes, 256, K / n_bytes)`; the same each time.

    Group g has the dimensions g, g + n_bytes, ...: with principal components, all groups then vary alike.

    Args:
        vectors: `(N, K)`, of any number; K is a multiple of `n_bytes`.
        n_bytes: Of a code.
    """
    rng = np.random.default_rng(0)
    seen = vectors[rng.permutation(len(vectors))[:_N_SEEN]]
    return np.stack([_fitted(seen[:, group::n_bytes], rng) for group in range(n_bytes)])


def product_codes(vectors: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the code of each vector `(N, K)`, uint8 `(N, n_bytes)`."""
    n_bytes = len(centres)
    return np.stack([_nearest(vectors[:, g::n_bytes], centres[g]) for g in range(n_bytes)], axis=1)


def code_distances(vector: np.ndarray, codes: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the squared distance of a vector `(K,)` to what each code stands for, `(N,)`.

    Args:
        vector: What is compared.
        codes: Column by column is fastest: `(n_bytes, N)`.
        centres: Of `fit_centres`.
    """
    n_bytes = len(centres)
    tables = ((centres - vector.reshape(-1, n_bytes).T[:, None]) ** 2).sum(axis=2)
    total = np.zeros(codes.shape[1], np.float32)
    for table, column in zip(tables, codes, strict=True):
        total += table[column]
    return total


def _fitted(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return 256 centres of points `(n, d)`; fewer different points are repeated."""
    different = np.unique(points, axis=0)
    chosen = rng.permutation(len(different))[:_N_CENTRES]
    centres = np.resize(different[chosen], (_N_CENTRES, points.shape[1])).astype(np.float32)
    for _ in range(_ROUNDS):
        nearest = _nearest(points, centres)
        counts = np.bincount(nearest, minlength=_N_CENTRES)
        sums = np.stack([np.bincount(nearest, x, _N_CENTRES) for x in points.T], axis=1)
        used = counts > 0
        centres[used] = sums[used] / counts[used, None]
    return centres


def _nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    lengths = (centres**2).sum(axis=1) / 2.0
    parts = [
        (lengths - points[start : start + _ROWS_AT_ONCE] @ centres.T).argmin(axis=1)
        for start in range(0, len(points), _ROWS_AT_ONCE)
    ]
    return np.concatenate(parts).astype(np.uint8)
