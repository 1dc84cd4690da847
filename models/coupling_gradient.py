"""The coupling flow's way to a patch and back again with a gradient, in plain numpy.

For descents only: patches may lie a little outside 0 to 1, and their volume is of no interest.
"""

import numpy as np

from models.coupling_arrays import CONTEXT_LIMIT, LOG_SCALE_LIMIT, CouplingArrays
from models.steering.free_values import SQUASH_MARGIN

__all__ = ["CouplingGradient"]


class CouplingGradient:
    """Latents `(n, D)` to soft patches `(n, P)`, kept for the way back.

    Args:
        flow: The flow.
        z: The latents.

    Attributes:
        patches: Normalized parameters, up to `SQUASH_MARGIN` beyond the ends; a volume is 0.
    """

    def __init__(self, flow: CouplingArrays, z: np.ndarray) -> None:
        self._flow, d = flow, flow.n_coupled // 2
        x = np.asarray(z[:, : flow.n_coupled], np.float32)
        self._kept = []
        for block in flow.blocks:
            a, b = x[:, :d], x[:, d:]
            bent = np.tanh(a / CONTEXT_LIMIT)
            h0 = np.maximum((CONTEXT_LIMIT * bent) @ block.w0.T + block.b0, 0.0)
            h1 = np.maximum(h0 @ block.w1.T + block.b1, 0.0)
            raw = h1 @ block.w2.T + block.b2
            n = raw.shape[1] // 2
            held = np.tanh(raw[:, :n] / LOG_SCALE_LIMIT)
            grown = b * np.exp(LOG_SCALE_LIMIT * held)
            self._kept.append((bent, h0, h1, held, grown))
            x = np.concatenate([a, grown + raw[:, n:]], 1) @ block.rotation.T
        self._inside = 1.0 / (1.0 + np.exp(-np.clip(x * flow.scale + flow.shift, -40.0, 40.0)))
        others = (self._inside - SQUASH_MARGIN) / (1.0 - 2.0 * SQUASH_MARGIN)
        self._volume = None if flow.leveler is None else flow.leveler.scale.index
        self.patches = others if self._volume is None else np.insert(others, self._volume, 0.0, axis=1)

    def gradient(self, slopes: np.ndarray) -> np.ndarray:
        """Return the gradient by latents `(n, D)`, given that by the patches; none by a level."""
        flow, d = self._flow, self._flow.n_coupled // 2
        by = slopes if self._volume is None else np.delete(slopes, self._volume, axis=1)
        by = by * self._inside * (1.0 - self._inside) / (1.0 - 2.0 * SQUASH_MARGIN) * flow.scale
        for block, kept in zip(reversed(flow.blocks), reversed(self._kept), strict=True):
            bent, h0, h1, held, grown = kept
            by = by @ block.rotation
            by_b = by[:, d:]
            by_raw = np.concatenate([by_b * grown * (1.0 - held**2), by_b], 1)
            by_h1 = (by_raw @ block.w2) * (h1 > 0.0)
            by_h0 = (by_h1 @ block.w1) * (h0 > 0.0)
            by_a = by[:, :d] + (by_h0 @ block.w0) * (1.0 - bent**2)
            by = np.concatenate([by_a, by_b * np.exp(LOG_SCALE_LIMIT * held)], 1)
        return by if self._volume is None else np.concatenate([by, np.zeros_like(by[:, :1])], 1)
