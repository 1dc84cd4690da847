"""Values between known places: the mean of the nearest, the nearer the heavier."""

import numpy as np

__all__ = ["N_NEAR", "blend"]

N_NEAR = 4
_REACH = 1.25  # of the distance to the last of the nearest, so that their weights are never all zero
_SAME = 1e-9


def blend(point: np.ndarray, anchors: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the value at a point, from the values at anchors.

    At an anchor it is that anchor's value; in between it is continuous, because an anchor loses its
    weight before it leaves the reach. Weights are those of Franke and Little's modification of
    Shepard's method, the reach follows the N_NEAR nearest.

    Args:
        point: `(K,)`.
        anchors: `(N, K)`, at least one; of those at one place the first counts.
        values: `(N, V)`, one row an anchor.

    Returns:
        `(V,)`, within the values of the anchors.

    References:
        R. Franke, "Scattered data interpolation", Mathematics of Computation 38 (1982).
    """
    offset = anchors - point
    distance = np.sqrt(np.einsum("nk,nk->n", offset, offset))
    nearest = int(distance.argmin())
    least = float(distance[nearest])
    if least < _SAME:
        return np.array(values[nearest])
    last = min(N_NEAR, len(distance)) - 1
    reach = _REACH * float(np.partition(distance, last)[last])
    within = np.flatnonzero(distance < reach)
    weight = (least / distance[within] - least / reach) ** 2
    return np.asarray(weight @ values[within] / weight.sum())
