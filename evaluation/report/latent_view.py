"""A model's latent space as the page needs it, whatever the model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from evaluation.evaluated_model import EvaluatedModel
from models.paper.autoencoder import AutoEncoder
from models.regression_flow import RegressionFlow
from models.torch_folder import load_regression_flow

__all__ = ["LatentView", "latent_view"]


@dataclass(frozen=True)
class LatentView:
    """A latent space, with the maps into it and out of it.

    Attributes:
        encode: Maps levelled log-mels `(n, n_mels, n_frames)` to latents `(n, D)`.
        decode: Maps latents to patches `(n, P)` within 0 to 1.
    """

    encode: Callable[[np.ndarray], np.ndarray]
    decode: Callable[[np.ndarray], np.ndarray]


def latent_view(model: EvaluatedModel) -> LatentView | None:
    """Return the latent space of a model, or None if it has none (MLP, CNN, ResNet)."""
    if model.folder is not None:
        network = load_regression_flow(model.folder)
        return LatentView(_numpy(network.encode), model.folder.flow.decode)
    trained = model.run.model if model.run else None
    if isinstance(trained, AutoEncoder):
        return LatentView(_numpy(trained.encode), _numpy(trained.answer))
    if isinstance(trained, RegressionFlow):
        flow = trained.flow
        return LatentView(_numpy(trained.encode), _numpy(lambda z: flow.decode(z).clamp(0.0, 1.0)))
    return None


def _numpy(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[np.ndarray], np.ndarray]:
    def call(array: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return function(torch.from_numpy(np.asarray(array, np.float32))).numpy()

    return call
