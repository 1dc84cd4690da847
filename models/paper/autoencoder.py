"""The paper's autoencoders: a latent space of sounds, learned together with a regressor to parameters.

mel --encoder--> latent --decoder--> mel
'----regressor--> patch
"""

import torch
from torch import Tensor, nn

from models.paper.config import PaperConfig
from models.paper.convolutions import ConvolutionDecoder, ConvolutionEncoder, dense_stack
from models.paper.initial_weights import xavier_
from models.paper.latent_spaces import LatentSpace
from models.paper.paper_model import PaperModel
from models.paper.regressors import Regressor

__all__ = ["AutoEncoder"]


class AutoEncoder(PaperModel):
    """Any latent space with any regressor.

    Args:
        mel_shape: `(n_mels, n_frames)`.
        latent: Turns features `(batch, config.width // 2)` into latents.
        regressor: Turns latents into patches.
        n_latent: D.
        config: Sizes; encoder and decoder have half of the baselines' channels and width.
    """

    def __init__(
        self,
        mel_shape: tuple[int, int],
        latent: LatentSpace,
        regressor: Regressor,
        n_latent: int,
        config: PaperConfig,
    ) -> None:
        super().__init__(mel_shape[0])
        channels, width = config.channels // 2, config.width // 2
        convolutions = ConvolutionEncoder(mel_shape, channels, config.convolutions, config.kernel)
        picture = ConvolutionDecoder(mel_shape, channels, config.convolutions, config.kernel)
        self.encoder = nn.Sequential(
            convolutions,
            dense_stack(convolutions.n_features, width, config.head_layers, config.dropout),
        )
        self.latent = latent
        self.regressor = regressor
        self.decoder = nn.Sequential(
            dense_stack(n_latent, width, config.head_layers - 1, config.dropout),
            dense_stack(width, picture.n_features, 1, config.dropout),
            picture,
        )
        xavier_(self.encoder)
        xavier_(self.decoder)

    def losses(
        self, patches: Tensor, mels: Tensor, tags: Tensor | None = None, beta: float = 1.0
    ) -> dict[str, Tensor]:
        """Return reconstruction, latent divergence and regression.

        Their sum is a bound in nats: reconstruction is the likelihood under a Gaussian of variance 1/2 for
        each bin. `total` and `reconstruction` are per bin, so that they do not grow with the mel.
        """
        heard = self.standardiser(mels)
        features = self.encoder(heard)
        with torch.autocast(mels.device.type, enabled=False):  # flows must stay invertible
            z, divergence = self.latent(features.float(), tags)
            regression = self.regressor.loss(z, patches)
        rebuilt = self.decoder(z).float()
        reconstruction = ((rebuilt - heard) ** 2).mean()
        n_bins = heard[0].numel()
        return {
            "total": reconstruction + (beta * divergence + regression) / n_bins,
            "reconstruction": reconstruction,
            "divergence": divergence,
            "regression": regression,
        }

    def standardise(self, patches: Tensor, mels: Tensor) -> None:
        """Set every mean and spread from training data."""
        super().standardise(patches, mels)
        self.regressor.standardise(patches)

    @torch.no_grad()
    def encode(self, mels: Tensor) -> Tensor:
        """Return the latents `(batch, D)` of log-mels: the same each time."""
        return self.latent.mean(self.encoder(self.standardiser(mels)).float())

    @torch.no_grad()
    def decode(self, z: Tensor) -> Tensor:
        """Return the log-mels `(batch, n_mels, n_frames)` of latents."""
        return self.standardiser.inverse(self.decoder(z).float())

    @torch.no_grad()
    def answer(self, z: Tensor) -> Tensor:
        """Return the patches `(batch, P)` of latents, within 0 to 1."""
        return self.regressor.answer(z)

    def infer(self, mels: Tensor) -> Tensor:
        """Return the patches that answer log-mels: those of their latents."""
        return self.answer(self.encode(mels))
