"""The encoder in plain numpy: a mel to the posterior mean, in a few milliseconds and without torch.

It follows a voice while somebody sings. `models/networks/encoder.py` holds the same network as a trainable
module with the same tensor names.
"""

import math
from collections.abc import Mapping

import numpy as np
import scipy.special

from core.errors import CheckpointError
from models.networks.fine_arrays import FineArrays

__all__ = ["EncoderArrays"]

_EPSILON = 1e-5  # of torch's LayerNorm
_LAYERS = ("tile.0", "tile.2", "from_tiles", "from_mel.0", "from_mel.1", "head.0", "head.1")


class EncoderArrays:
    """Posterior means of levelled log-mels.

    Args:
        tensors: Tensors of the encoder, named as in `models/networks/encoder.py`.
        held_seconds: How long the note of the training renders is held.

    Raises:
        CheckpointError: A tensor is missing, or they do not fit together.
    """

    def __init__(self, tensors: Mapping[str, np.ndarray], held_seconds: float = 3.0) -> None:
        self._t = {name: np.asarray(t, np.float32) for name, t in tensors.items()}
        names = [f"{layer}.{part}" for layer in _LAYERS for part in ("weight", "bias")]
        missing = [name for name in ("mean", "spread", *names) if name not in self._t]
        if missing:
            raise CheckpointError(f"the weights hold no complete encoder: {missing[0]} is missing.")
        self._n_blocks = len({n.split(".")[1] for n in self._t if n.startswith("blocks.")})
        fine = {name[5:]: tensor for name, tensor in self._t.items() if name.startswith("fine.")}
        self._fine = FineArrays(fine, held_seconds) if fine else None
        self._tile = math.isqrt(self._t["tile.0.weight"].shape[1])
        n_mels = self._t["mean"].shape[0]
        self.mel_shape = n_mels, self._t["from_mel.0.weight"].shape[1] // n_mels
        self.n_latent = self._t["head.1.weight"].shape[0] // 2

    def mean(self, mel: np.ndarray) -> np.ndarray:
        """Return the posterior mean `(D,)` of a log-mel `(n_mels, n_frames)`."""
        return self.posterior_mean(self.features(mel))

    def posterior_mean(self, features: np.ndarray) -> np.ndarray:
        """Return the posterior mean `(D,)` for features `(width,)`."""
        return np.asarray(self._dense("head.1", features)[: self.n_latent])

    def features(self, mel: np.ndarray, fine: np.ndarray | None = None) -> np.ndarray:
        """Return what is heard of a log-mel and, if the encoder reads any, of fine frames: `(width,)`."""
        t, tile = self._t, self._tile
        x = (np.asarray(mel, np.float32) - t["mean"]) / t["spread"].reshape(())
        rows, columns = (n // tile for n in x.shape)
        tiles = x.reshape(rows, tile, columns, tile).transpose(0, 2, 1, 3).reshape(rows * columns, -1)
        seen = _gelu(self._dense("tile.2", _gelu(self._dense("tile.0", tiles))))
        whole = self._dense("from_mel.1", self._dense("from_mel.0", x.reshape(-1)))
        h = self._dense("from_tiles", seen.reshape(-1)) + whole
        if self._fine is not None and fine is not None:
            h = h + self._fine.added(fine)
        for k in range(self._n_blocks):
            inner = _gelu(self._dense(f"blocks.{k}.layers.1", self._norm(f"blocks.{k}.layers.0", h)))
            h = h + self._dense(f"blocks.{k}.layers.4", inner)
        return self._norm("head.0", h)

    def _dense(self, layer: str, x: np.ndarray) -> np.ndarray:
        return x @ self._t[f"{layer}.weight"].T + self._t[f"{layer}.bias"]

    def _norm(self, layer: str, x: np.ndarray) -> np.ndarray:
        centred = x - x.mean()
        spread = np.sqrt((centred**2).mean() + _EPSILON)
        return centred / spread * self._t[f"{layer}.weight"] + self._t[f"{layer}.bias"]


def _gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1.0 + scipy.special.erf(x / np.float32(math.sqrt(2.0))))
