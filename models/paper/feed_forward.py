"""The paper's baselines: mel in, patch out, trained on parameter error."""

import torch
from torch import Tensor, nn

from models.paper.config import PaperConfig
from models.paper.convolutions import ConvolutionEncoder, dense_stack
from models.paper.initial_weights import xavier_
from models.paper.paper_model import PaperModel

__all__ = ["FeedForward", "cnn", "mlp", "resnet"]


class FeedForward(PaperModel):
    """Any network on mels, followed by a dense layer and a sigmoid.

    Args:
        n_parameters: P.
        mel_shape: `(n_mels, n_frames)`.
        network: Turns mels `(batch, n_mels, n_frames)` into features `(batch, width)`.
        width: Number of features.
    """

    def __init__(self, n_parameters: int, mel_shape: tuple[int, int], network: nn.Module, width: int) -> None:
        super().__init__(mel_shape[0])
        self.network = network
        self.head = nn.Linear(width, n_parameters)
        xavier_(self)

    def forward(self, mels: Tensor) -> Tensor:
        """Return patches `(batch, P)`, strictly between 0 and 1."""
        features = self.network(self.standardiser(mels))
        return torch.sigmoid(self.head(features).float())

    def losses(
        self, patches: Tensor, mels: Tensor, tags: Tensor | None = None, beta: float = 1.0
    ) -> dict[str, Tensor]:
        """Return the mean squared error of the parameters."""
        return {"total": ((self(mels) - patches) ** 2).mean()}

    @torch.no_grad()
    def infer(self, mels: Tensor) -> Tensor:
        """Return the patches that answer log-mels."""
        answers: Tensor = self(mels)
        return answers


def mlp(n_parameters: int, mel_shape: tuple[int, int], config: PaperConfig) -> FeedForward:
    """Build dense layers on the flattened mel."""
    n_bins = mel_shape[0] * mel_shape[1]
    stack = dense_stack(n_bins, config.width, config.dense_layers, config.dropout)
    return FeedForward(n_parameters, mel_shape, nn.Sequential(nn.Flatten(), stack), config.width)


def cnn(n_parameters: int, mel_shape: tuple[int, int], config: PaperConfig) -> FeedForward:
    """Build strided dilated convolutions, followed by dense layers."""
    return _convolutional(n_parameters, mel_shape, config, residual=False)


def resnet(n_parameters: int, mel_shape: tuple[int, int], config: PaperConfig) -> FeedForward:
    """Build the same as `cnn`, with a learned 1 x 1 path beside each convolution."""
    return _convolutional(n_parameters, mel_shape, config, residual=True)


def _convolutional(
    n_parameters: int, mel_shape: tuple[int, int], config: PaperConfig, residual: bool
) -> FeedForward:
    convolutions = ConvolutionEncoder(
        mel_shape, config.channels, config.convolutions, config.kernel, residual
    )
    stack = dense_stack(convolutions.n_features, config.width, config.head_layers, config.dropout)
    return FeedForward(n_parameters, mel_shape, nn.Sequential(convolutions, stack), config.width)
