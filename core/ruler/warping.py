"""Dynamic time warping: how far two sequences are apart when one may run faster and slower.

References:
    Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition", 1978: the
    symmetric form, in which a diagonal step counts twice, normalised by the length of both sequences.
"""

import numpy as np
from scipy.spatial.distance import cdist

__all__ = ["warped_distance"]


def warped_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the mean cost along the cheapest alignment of two sequences.

    The cost of a pair is the mean absolute difference of its coordinates.

    Args:
        a: `(n, d)`.
        b: `(m, d)`.

    Returns:
        Accumulated cost divided by n + m; 0 for sequences that differ in tempo alone.

    Raises:
        ValueError: A sequence is empty, or the dimensions differ.
    """
    if not len(a) or not len(b) or a.shape[1] != b.shape[1]:
        raise ValueError(f"sequences {a.shape} and {b.shape} cannot be aligned.")
    cost = cdist(a, b, "cityblock") / a.shape[1]
    n, m = cost.shape
    # One anti-diagonal at a time: all its cells depend on the two before it and on nothing of their own.
    before = last = np.full(n + 1, np.inf)  # by row, one further than the row itself
    flipped = cost[:, ::-1]
    for k in range(n + m - 1):
        first, end = max(0, k - m + 1), min(n, k + 1)
        c = flipped.diagonal(m - 1 - k) if k < m else flipped[k - m + 1 :].diagonal()
        c = c[: end - first]
        here = np.full(n + 1, np.inf)
        if k == 0:
            here[1] = c[0]
        else:
            straight = np.minimum(last[first + 1 : end + 1], last[first:end]) + c
            here[first + 1 : end + 1] = np.minimum(straight, before[first:end] + 2.0 * c)
        before, last = last, here
    return float(last[n]) / (n + m)
