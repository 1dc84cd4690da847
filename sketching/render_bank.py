"""A bank of renders, small enough for a model folder: patches, and what each sounds like in eight bytes.

How a render sounds is a product code of the principal components of its mel, averaged over tiles of 4 bands
and 4 frames: enough to find some dozens of renders that may be near; which of them is nearest, the proxy or a
render decides. A value of a patch is in 254ths, or it is the parameter's usual one, exactly: a part of the
synth that is off has to stay off.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.errors import CheckpointError
from sketching.product_codes import code_distances, fit_centres, product_codes

__all__ = ["RenderBank", "pooled"]

_TILE = 4
_LEVELS = 254  # of a stored value
_USUAL = 255  # stands for the usual value
_WITHIN = 1e-5  # of it
_ROWS_AT_ONCE = 4_096


@dataclass(frozen=True)
class RenderBank:
    """Patches whose sound is known.

    Attributes:
        patches: Normalized parameters in 254ths, or 255 for the usual value, uint8 `(N, P)`.
        usual: Value that each parameter has most often, `(P,)`.
        codes: Product codes of the mels' principal components, uint8 `(N, n_bytes)`.
        centres: Of the codes, `(n_bytes, 256, K / n_bytes)`.
        mean: Of the pooled mels, `(n_pooled,)`.
        basis: Orthonormal columns, `(n_pooled, K)`.
    """

    patches: np.ndarray
    usual: np.ndarray
    codes: np.ndarray
    centres: np.ndarray
    mean: np.ndarray
    basis: np.ndarray

    def __len__(self) -> int:
        """Count the renders, N."""
        return len(self.patches)

    @classmethod
    def of(cls, patches: np.ndarray, mels: np.ndarray, n_code: int, n_bytes: int) -> "RenderBank":
        """Return a bank of these renders.

        Args:
            patches: `(N, P)`.
            mels: Their levelled log-mels, `(N, n_mels, n_frames)`.
            n_code: Number of principal components, K; a multiple of `n_bytes`.
            n_bytes: Length of a code.
        """
        seen = pooled(mels)
        mean = seen.mean(axis=0)
        covariance = np.cov(seen, rowvar=False)
        values, vectors = np.linalg.eigh(covariance)
        basis = vectors[:, np.argsort(values)[::-1][:n_code]].astype(np.float16)
        components = (seen - mean) @ basis.astype(np.float32)
        centres = fit_centres(components, n_bytes)
        values = np.clip(patches, 0.0, 1.0)
        usual = np.array([_most_frequent(column) for column in values.T], np.float32)
        stored = np.round(values * _LEVELS).astype(np.uint8)
        stored[np.abs(values - usual) <= _WITHIN] = _USUAL
        return cls(
            patches=stored,
            usual=usual,
            codes=product_codes(components, centres),
            centres=centres,
            mean=mean.astype(np.float32),
            basis=basis.astype(np.float32),
        )

    def nearest(self, mel: np.ndarray, n: int) -> np.ndarray:
        """Return the patches `(n, P)` whose codes are nearest to a levelled log-mel, in order."""
        seen = pooled(np.asarray(mel, np.float32)[None])[0]
        wanted = ((seen - self.mean) @ self.basis).astype(np.float32)
        distance = code_distances(wanted, self._code_columns, self.centres)
        n = min(n, len(self))
        rows = np.argpartition(distance, n - 1)[:n]
        return self.values(rows[np.argsort(distance[rows], kind="stable")])

    def values(self, rows: np.ndarray) -> np.ndarray:
        """Return the patches of these rows as normalized values, float32 `(n, P)`."""
        stored = self.patches[rows]
        return np.where(stored == _USUAL, self.usual, stored.astype(np.float32) / np.float32(_LEVELS))

    @cached_property
    def _code_columns(self) -> np.ndarray:
        return np.ascontiguousarray(self.codes.T)

    def to_tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays of a file; patches and codes are packed column by column, as columns repeat."""
        return {
            "patches": _packed(self.patches),
            "usual": self.usual,
            "codes": _packed(self.codes),
            "shape": np.array([len(self), self.patches.shape[1], self.codes.shape[1]], np.int64),
            "centres": self.centres,
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
            n, n_parameters, n_bytes = (int(x) for x in tensors["shape"])
            bank = cls(
                patches=_unpacked(tensors["patches"], np.dtype(np.uint8), (n, n_parameters)),
                usual=np.asarray(tensors["usual"], np.float32),
                codes=_unpacked(tensors["codes"], np.dtype(np.uint8), (n, n_bytes)),
                centres=np.asarray(tensors["centres"], np.float32),
                mean=np.asarray(tensors["mean"], np.float32),
                basis=np.asarray(tensors["basis"], np.float32),
            )
        except (KeyError, ValueError, zlib.error) as error:
            raise CheckpointError(
                f"the bank of renders is damaged ({error}); fetch the folder again."
            ) from error
        n_code = bank.basis.shape[-1]
        shapes = (bank.usual.shape, bank.centres.shape, bank.basis.shape)
        wanted = ((n_parameters,), (n_bytes, 256, n_code // max(n_bytes, 1)), (len(bank.mean), n_code))
        if shapes != wanted or n < 1:
            raise CheckpointError("the bank of renders does not fit together; fetch the folder again.")
        return bank


def _most_frequent(column: np.ndarray) -> float:
    values, counts = np.unique(column, return_counts=True)
    return float(values[counts.argmax()])


def pooled(mels: np.ndarray) -> np.ndarray:
    """Average log-mels `(N, n_mels, n_frames)` over tiles of 4 by 4; float32 `(N, n_pooled)`."""
    n, n_mels, n_frames = mels.shape
    rows, columns = n_mels // _TILE, n_frames // _TILE
    averages = np.empty((n, rows * columns), np.float32)
    for start in range(0, n, _ROWS_AT_ONCE):  # or a bank would take twice the memory of its mels
        cut = mels[start : start + _ROWS_AT_ONCE, : rows * _TILE, : columns * _TILE].astype(np.float32)
        tiles = cut.reshape(-1, rows, _TILE, columns, _TILE).mean(axis=(2, 4))
        averages[start : start + len(cut)] = tiles.reshape(len(cut), -1)
    return averages


def _packed(values: np.ndarray) -> np.ndarray:
    return np.frombuffer(zlib.compress(np.ascontiguousarray(values.T).tobytes(), 9), np.uint8)


def _unpacked(packed: np.ndarray, dtype: np.dtype, shape: tuple[int, int]) -> np.ndarray:
    n, width = shape
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(packed.tobytes(), n * width + 1)  # one byte more than fits, to notice too many
    return np.ascontiguousarray(np.frombuffer(data, dtype).reshape(width, n).T)
