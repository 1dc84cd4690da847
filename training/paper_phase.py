"""How the paper's models are trained: their own losses, with the latent divergence phased in."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from models.paper.paper_model import PaperModel

__all__ = ["PaperPhase"]

_SEED = 0  # of the latents drawn for validation: always the same, so that epochs can be compared


class PaperPhase:
    """One of the paper's models, trained end to end.

    Args:
        model: The model to train.
        warm_up: Share of the run over which the weight of the latent divergence rises from 0 to 1.
    """

    name = "model"
    columns: tuple[str, ...] = ("patches", "mels")

    def __init__(self, model: PaperModel, warm_up: float) -> None:
        self.model, self.warm_up = model, warm_up
        self.beta = 1.0

    def begin(self, done: float) -> None:
        """Set the weight of the latent divergence, given the share of the run that is done."""
        self.beta = min(1.0, done / self.warm_up) if self.warm_up > 0.0 else 1.0

    def modules(self) -> Iterator[nn.Module]:
        """Yield the model."""
        yield self.model

    def losses(self, patches: Tensor, mels: Tensor, tags: Tensor | None = None) -> dict[str, Tensor]:
        """Return the model's own losses."""
        return self.model.losses(patches, mels, tags, self.beta)

    def validate(self, patches: Tensor, mels: Tensor, tags: Tensor | None = None) -> Tensor:
        """Return the whole objective; the weight of the latent divergence is 1 here at any time."""
        with torch.random.fork_rng([mels.device] if mels.device.type == "cuda" else []):
            torch.manual_seed(_SEED)
            return self.model.losses(patches, mels, tags)["total"]
