"""The flows that can play, by the name that `model.yaml` gives them.

A flow of another kind is one more class with a row in `FLOWS`; folder, backends and server know flows by
`ServedFlow` alone.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from core.errors import CheckpointError
from models.coupling_arrays import CouplingArrays
from models.coupling_gradient import CouplingGradient
from models.steering.level_arrays import LevelArrays

if TYPE_CHECKING:
    import torch

__all__ = ["COUPLING", "FLOWS", "ServedCoupling", "ServedFlow", "read_flow"]

COUPLING = "coupling"


class DecodedWithGradient(Protocol):
    """Latents decoded for a descent.

    Attributes:
        patches: Normalized parameters `(n, P)`, at most a little outside 0 to 1; a volume may be anything.
    """

    patches: np.ndarray

    def gradient(self, slopes: np.ndarray) -> np.ndarray:
        """Return the gradient by latents `(n, D)`, given that by patches `(n, P)`."""
        ...


class ServedFlow(Protocol):
    """An invertible map between latents `(..., D)` and patches `(..., D)`.

    Attributes:
        n_latent: D.
        has_level: Whether the last latent is the level, which moves the volume alone.
        leveler: What sets the volume then; None without a level.
    """

    n_latent: int
    has_level: bool
    leveler: LevelArrays | None

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray]) -> Self:
        """Build the flow from the tensors of `weights.safetensors` that are named `flow.`, without that.

        Raises:
            CheckpointError: A tensor is missing or has the wrong shape.
        """
        ...

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Turn latents into normalized parameters, each within 0 to 1; backends must agree with it."""
        ...

    def invert(self, v: np.ndarray) -> np.ndarray:
        """Turn normalized parameters into the latents that decode to them."""
        ...

    def free_of(self, z: np.ndarray) -> np.ndarray:
        """Return what a latent `(D,)` is before parameters are held within 0 to 1, float64 `(D,)`.

        First all parameters but the volume, where there is a level; then the volume in dB.
        """
        ...

    def latent_of(self, free: np.ndarray) -> np.ndarray:
        """Undo `free_of`."""
        ...

    def patch_of(self, free: np.ndarray) -> np.ndarray:
        """Return the normalized parameters of free values, float32 `(D,)`."""
        ...

    def with_gradient(self, z: np.ndarray) -> DecodedWithGradient:
        """Decode latents `(n, D)` for a descent."""
        ...

    def onnx_graph(self) -> bytes:
        """Return `decode` of one latent as a serialized ONNX model, `z (1, D) -> v (1, D)`."""
        ...

    def torch_decode(self, device: str) -> "Callable[[torch.Tensor], torch.Tensor]":
        """Return `decode` in torch, on a device such as `cpu` or `cuda`."""
        ...


class ServedCoupling(CouplingArrays):
    """The coupling flow of `models/coupling_arrays.py`, with the libraries that run it faster."""

    def with_gradient(self, z: np.ndarray) -> DecodedWithGradient:
        """Decode latents `(n, D)` for a descent."""
        return CouplingGradient(self, z)

    def onnx_graph(self) -> bytes:
        """Return `decode` of one latent as a serialized ONNX model, `z (1, D) -> v (1, D)`."""
        from models.coupling_folded import FoldedFlow, folded_onnx  # brings onnx

        return folded_onnx(FoldedFlow(self))

    def torch_decode(self, device: str) -> "Callable[[torch.Tensor], torch.Tensor]":
        """Return `decode` in torch, on a device such as `cpu` or `cuda`."""
        from models.coupling_torch import torch_decode  # brings torch

        return torch_decode(self, device)


FLOWS: Mapping[str, type[ServedFlow]] = {COUPLING: ServedCoupling}


def read_flow(kind: str, tensors: Mapping[str, np.ndarray]) -> ServedFlow:
    """Build a flow of a kind from its tensors.

    Raises:
        CheckpointError: There is no such kind, or the tensors are not complete.
    """
    if kind not in FLOWS:
        raise CheckpointError(f"this version plays no flow of kind '{kind}', only {', '.join(FLOWS)}.")
    return FLOWS[kind].from_tensors(tensors)
