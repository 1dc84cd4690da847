"""What the paper's models share: standardised mels, losses, and answers."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

__all__ = ["PaperModel", "Standardiser"]

_LEAST_SPREAD = 1e-3  # that of silence; anything that sounds has more


class Standardiser(nn.Module):
    """Turns mels into spreads around the mean of each band, as the networks hear them.

    Args:
        n_mels: Number of bands.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, n_mels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_mels, 1))
        self.register_buffer("spread", torch.ones(()))

    def learn(self, mels: Tensor) -> None:
        """Set mean per band and overall spread from training mels `(N, n_mels, n_frames)`."""
        mean = mels.mean((0, 2))[:, None]
        self.mean.copy_(mean)
        self.spread.copy_((mels - mean).std().clamp_min(_LEAST_SPREAD))

    def forward(self, mels: Tensor) -> Tensor:
        """Standardise log-mels `(batch, n_mels, n_frames)`."""
        return (mels - self.mean) / self.spread

    def inverse(self, standardised: Tensor) -> Tensor:
        """Return the log-mels."""
        return standardised * self.spread + self.mean


class PaperModel(nn.Module, ABC):
    """A model that answers a sound with a patch.

    Args:
        n_mels: Number of bands of the mels.
    """

    def __init__(self, n_mels: int) -> None:
        super().__init__()
        self.standardiser = Standardiser(n_mels)

    def standardise(self, patches: Tensor, mels: Tensor) -> None:
        """Set every mean and spread from training data; once, before training."""
        self.standardiser.learn(mels)

    @abstractmethod
    def losses(
        self, patches: Tensor, mels: Tensor, tags: Tensor | None = None, beta: float = 1.0
    ) -> dict[str, Tensor]:
        """Return the loss as `total`, and its terms by name; each a scalar, a mean over the batch.

        Args:
            patches: Normalized parameters, `(batch, P)`.
            mels: Log-mels, `(batch, n_mels, n_frames)`.
            tags: 1, 0 or nan for each pair of words, `(batch, n_tags)`; only the disentangling model
                uses them.
            beta: Weight of what keeps the latent space in order, raised from 0 to 1 in training.
        """

    @abstractmethod
    def infer(self, mels: Tensor) -> Tensor:
        """Return the patches `(batch, P)` that answer log-mels, within 0 to 1: the same each time.

        The caller sets evaluation mode; in training mode there is dropout.
        """
