"""A bank of renders, small enough for a model folder: patches, and what each sounds like in a few bytes.

The code of a mel is its principal components after averaging over tiles of 4 bands and 4 frames: enough to
find some dozens of renders that may be near; which of them is nearest, the proxy or a render decides.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import CheckpointError

__all__ = ["RenderBank", "pooled"]

_TILE = 4
_LEVELS = 255  # of a stored value
_CODE_LEVELS = 127


@dataclass(frozen=True)
class RenderBank:
    """Patches whose sound is known.

    Attributes:
        patches: Normalized parameters in 255ths, uint8 `(N, P)`.
        codes: int8 `(N, K)`; times `steps` it is a mel's principal components.
        steps: `(K,)`.
        mean: Of the pooled mels, `(n_pooled,)`.
        basis: Orthonormal columns, `(n_pooled, K)`.
    """

    patches: np.ndarray
    codes: np.ndarray
    steps: np.ndarray
    mean: np.ndarray
    basis: np.ndarray

    def __len__(self) -> int:
        """Count the renders, N."""
        return len(self.patches)

    @classmethod
    def of(cls, patches: np.ndarray, mels: np.ndarray, n_code: int) -> "RenderBank":
        """Return a bank of these renders.

        Args:
            patches: `(N, P)`.
            mels: Their levelled log-mels, `(N, n_mels, n_frames)`.
            n_code: K.
        """
        seen = pooled(mels)
        mean = seen.mean(axis=0)
        covariance = np.cov(seen, rowvar=False)
        values, vectors = np.linalg.eigh(covariance)
        basis = vectors[:, np.argsort(values)[::-1][:n_code]].astype(np.float32)
        codes = (seen - mean) @ basis
        steps = np.maximum(np.abs(codes).max(axis=0), 1e-6) / _CODE_LEVELS
        return cls(
            patches=np.round(np.clip(patches, 0.0, 1.0) * _LEVELS).astype(np.uint8),
            codes=np.round(codes / steps).astype(np.int8),
            steps=steps.astype(np.float32),
            mean=mean.astype(np.float32),
            basis=basis,
        )

    def nearest(self, mel: np.ndarray, n: int) -> np.ndarray:
        """Return the patches `(n, P)` whose codes are nearest to that of a levelled log-mel, in order."""
        seen = pooled(np.asarray(mel, np.float32)[None])[0]
        wanted = ((seen - self.mean) @ self.basis).astype(np.float32)
        distance = ((self.codes * self.steps - wanted) ** 2).sum(axis=1)
        n = min(n, len(self))
        rows = np.argpartition(distance, n - 1)[:n]
        return self.values(rows[np.argsort(distance[rows], kind="stable")])

    def values(self, rows: np.ndarray) -> np.ndarray:
        """Return the patches of these rows as normalized values, float32 `(n, P)`."""
        return self.patches[rows].astype(np.float32) / np.float32(_LEVELS)

    def to_tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays of a file; patches and codes are packed column by column, as columns repeat."""
        return {
            "patches": _packed(self.patches),
            "codes": _packed(self.codes),
            "shape": np.array([len(self), self.patches.shape[1], self.codes.shape[1]], np.int64),
            "steps": self.steps,
            "mean": self.mean,
            "basis": self.basis.astype(np.float16),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray]) -> "RenderBank":
        """Return the bank that `to_tensors` was called on.

        Raises:
            CheckpointError: Something is missing or does not fit together.
        """
        try:
            n, n_parameters, n_code = (int(x) for x in tensors["shape"])
            bank = cls(
                patches=_unpacked(tensors["patches"], np.dtype(np.uint8), (n, n_parameters)),
                codes=_unpacked(tensors["codes"], np.dtype(np.int8), (n, n_code)),
                steps=np.asarray(tensors["steps"], np.float32),
                mean=np.asarray(tensors["mean"], np.float32),
                basis=np.asarray(tensors["basis"], np.float32),
            )
        except (KeyError, ValueError, zlib.error) as error:
            raise CheckpointError(
                f"the bank of renders is damaged ({error}); fetch the folder again."
            ) from error
        if bank.basis.shape != (len(bank.mean), n_code) or bank.steps.shape != (n_code,) or n < 1:
            raise CheckpointError("the bank of renders does not fit together; fetch the folder again.")
        return bank


def pooled(mels: np.ndarray) -> np.ndarray:
    """Average log-mels `(N, n_mels, n_frames)` over tiles of 4 by 4; float32 `(N, n_pooled)`."""
    n, n_mels, n_frames = mels.shape
    rows, columns = n_mels // _TILE, n_frames // _TILE
    cut = mels[:, : rows * _TILE, : columns * _TILE].astype(np.float32)
    return cut.reshape(n, rows, _TILE, columns, _TILE).mean(axis=(2, 4)).reshape(n, -1)


def _packed(values: np.ndarray) -> np.ndarray:
    return np.frombuffer(zlib.compress(np.ascontiguousarray(values.T).tobytes(), 9), np.uint8)


def _unpacked(packed: np.ndarray, dtype: np.dtype, shape: tuple[int, int]) -> np.ndarray:
    n, width = shape
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(packed.tobytes(), n * width + 1)  # one byte more than fits, to notice too many
    return np.ascontiguousarray(np.frombuffer(data, dtype).reshape(width, n).T)
