"""Today's rival of the paper's models: conditional flow matching from sounds to patches.

A network learns the velocity that carries noise to the patches that make a sound; an answer is drawn by
following it. So a sound that several patches make is answered by one of them, and not by their average.

References:
    Hayes et al., "Audio synthesizer inversion in symmetric parameter spaces with approximately equivariant
    flow matching", ISMIR 2025, arXiv 2506.07199: the conditional flow with a dense velocity network.
    Lipman et al., "Flow matching for generative modeling", ICLR 2023, arXiv 2210.02747.
    Ho and Salimans, "Classifier-free diffusion guidance", 2022, arXiv 2207.12598.
"""

import zlib

import torch
from torch import Tensor, nn

from models.networks.latent_sampler import LatentSampler
from models.paper.config import PaperConfig
from models.paper.convolutions import ConvolutionEncoder, dense_stack
from models.paper.initial_weights import xavier_
from models.paper.paper_model import PaperModel

__all__ = ["FlowMatching"]


class FlowMatching(PaperModel):
    """The CNN of the baselines, and a velocity network in place of its last layer.

    A patch goes from 0 to 1 into -1 to 1, about as wide as the noise. In training a share of the sounds is
    hidden, so that in answering the velocity can be led away from what is answered to no sound at all.

    Args:
        n_parameters: P.
        mel_shape: `(n_mels, n_frames)`.
        config: Sizes, and how answers are drawn.
    """

    def __init__(self, n_parameters: int, mel_shape: tuple[int, int], config: PaperConfig) -> None:
        super().__init__(mel_shape[0])
        self.config, self.n_parameters = config, n_parameters
        convolutions = ConvolutionEncoder(mel_shape, config.channels, config.convolutions, config.kernel)
        self.network = nn.Sequential(
            convolutions,
            dense_stack(convolutions.n_features, config.width, config.head_layers - 1, config.dropout),
        )
        self.nothing = nn.Parameter(torch.zeros(config.width))
        self.velocity = LatentSampler(n_parameters, config.width, config.width // 4)
        xavier_(self)

    def losses(
        self, patches: Tensor, mels: Tensor, tags: Tensor | None = None, beta: float = 1.0
    ) -> dict[str, Tensor]:
        """Return the mean squared error of the velocity."""
        features = self.network(self.standardiser(mels))
        hidden = torch.rand_like(features[:, :1]) < self.config.matching_hidden
        features = torch.where(hidden, self.nothing.to(features), features)
        return {"total": self.velocity.loss(features, 2.0 * patches - 1.0)}

    @torch.no_grad()
    def infer(self, mels: Tensor) -> Tensor:
        """Return the patches that answer log-mels: drawn, but the same each time for the same sound."""
        features = self.network(self.standardiser(mels)).float()
        x = features.new_zeros((len(mels), self.n_parameters))
        for k, mel in enumerate(mels):
            x[k] = _noise(mel, self.n_parameters)
        steps = self.config.matching_steps
        for k in range(steps):
            x = self._step(features, x, k / steps, 1.0 / steps)
        return ((x + 1.0) / 2.0).clamp(0.0, 1.0)

    def _step(self, features: Tensor, x: Tensor, time: float, length: float) -> Tensor:
        """Follow the velocity by the classical method of Runge and Kutta."""
        k1 = self._guided(features, x, time)
        k2 = self._guided(features, x + 0.5 * length * k1, time + 0.5 * length)
        k3 = self._guided(features, x + 0.5 * length * k2, time + 0.5 * length)
        k4 = self._guided(features, x + length * k3, time + length)
        return x + length / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)

    def _guided(self, features: Tensor, x: Tensor, time: float) -> Tensor:
        at = x.new_full((len(x), 1), time)
        told: Tensor = self.velocity(features, x, at).float()
        untold: Tensor = self.velocity(self.nothing.expand_as(features), x, at).float()
        return untold + self.config.matching_guidance * (told - untold)


def _noise(mel: Tensor, n: int) -> Tensor:
    """Return noise `(n,)` that depends on a sound alone, so that its answer does not depend on the batch."""
    seed = zlib.crc32(mel.detach().cpu().half().numpy().tobytes())
    return torch.randn(n, generator=torch.Generator().manual_seed(seed))
