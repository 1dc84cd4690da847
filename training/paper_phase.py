"""How any of the paper's models learns: its own losses, with the latent space put in order by and by."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from models.paper.paper_model import PaperModel

__all__ = ["PaperPhase"]

_SEED = 0  # of the latents drawn for validation: the same ones each time, so that epochs compare


class PaperPhase:
    """One of the paper's models, learned end to end.

    Args:
        model: What is learned.
        warm_up: Part of the run in which the weight of the latent divergence rises from 0 to 1.
    """

    name = "model"

    def __init__(self, model: PaperModel, warm_up: float) -> None:
        self.model, self.warm_up = model, warm_up
        self.beta = 1.0

    def begin(self, done: float) -> None:
        """Set the weight of the latent divergence for an epoch that starts with this part of the run done."""
        self.beta = min(1.0, done / self.warm_up) if self.warm_up > 0.0 else 1.0

    def modules(self) -> Iterator[nn.Module]:
        """Give the model."""
        yield self.model

    def losses(self, patches: Tensor, mels: Tensor, tags: Tensor | None = None) -> dict[str, Tensor]:
        """Give the model's own."""
        return self.model.losses(patches, mels, tags, self.beta)

    def validate(self, patches: Tensor, mels: Tensor, tags: Tensor | None = None) -> Tensor:
        """Give the whole objective: the weight of the latent divergence is 1 here, however early it is."""
        with torch.random.fork_rng([mels.device] if mels.device.type == "cuda" else []):
            torch.manual_seed(_SEED)
            return self.model.losses(patches, mels, tags)["total"]
