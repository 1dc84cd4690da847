"""The model that ships: encoder, regression flow and proxy, learned on what the synth would play.

    sound --encoder--> q(z | sound) --flow--> patch --proxy--> mel

The decoder of this VAE is the flow followed by the proxy, so the latent space is learned through sound, and a
sound that no patch makes can still teach the encoder. Only the flow plays.

An answer begins at the posterior mean, or at one of several latents drawn for the sound if the proxy expects
that it comes closer. It then follows the proxy's gradient for a few steps, because one network that answers
all sounds at once leaves each of them a little short.

References:
    Kim et al., "Semi-amortized variational autoencoders", ICML 2018, arXiv 1802.02550.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.mel import MelConfig
from core.space import ParameterSpace
from models.flows import CouplingFlow
from models.networks.encoder import Encoder
from models.networks.latent_sampler import LatentSampler
from models.networks.proxy import Proxy
from models.steering.level_arrays import VolumeScale

__all__ = ["FIRST_ANSWER_STEPS", "N_DRAWN", "RegressionFlow", "RegressionFlowConfig"]

FIRST_ANSWER_STEPS = 30
N_DRAWN = 32  # latents beside the posterior mean, where a model draws any
_STEP = 0.05  # of Adam, falling to 0; a latent is about 1 wide
_STAY = 0.2  # weight of the squared distance from the posterior mean, where a dB of the mel weighs 0.23


@dataclass(frozen=True, kw_only=True)
class RegressionFlowConfig:
    """Sizes of the parts."""

    flow_blocks: int = 8
    flow_hidden: int = 128
    flow_level_hidden: int = 192
    encoder_channels: int = 32
    encoder_width: int = 640
    encoder_blocks: int = 2
    encoder_rank: int = 224
    encoder_dropout: float = 0.1
    encoder_fine_rank: int = 0  # 0: the encoder reads the mel alone
    sampler_width: int = 0  # 0: the posterior mean is the only beginning of an answer
    proxy_width: int = 640
    proxy_blocks: int = 3
    proxy_states: int = 48
    proxy_frame_width: int = 256
    proxy_rank: int = 64
    proxy_octaves: int = 4
    proxy_dropout: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the sizes as plain data."""
        return asdict(self)


class RegressionFlow(nn.Module):
    """Encoder, flow and proxy of one parameter space.

    Args:
        space: The parameters; their number is both P and D.
        mel: How audio becomes a mel.
        config: Sizes of the parts.
        seed: Of the flow's rotations.
        held_seconds: How long the note of the training renders is held.
    """

    def __init__(
        self,
        space: ParameterSpace,
        mel: MelConfig,
        config: RegressionFlowConfig,
        seed: int = 0,
        held_seconds: float = 3.0,
    ) -> None:
        super().__init__()
        self.config = config
        n_parameters = len(space)
        self.encoder = Encoder(
            mel.shape,
            n_parameters,
            channels=config.encoder_channels,
            width=config.encoder_width,
            n_blocks=config.encoder_blocks,
            rank=config.encoder_rank,
            fine_rank=config.encoder_fine_rank,
            held_seconds=held_seconds,
            dropout=config.encoder_dropout,
        )
        self.sampler = (
            LatentSampler(n_parameters, config.encoder_width, config.sampler_width)
            if config.sampler_width
            else None
        )
        self.flow = CouplingFlow(
            n_parameters,
            config.flow_blocks,
            config.flow_hidden,
            seed,
            VolumeScale.of(space),
            config.flow_level_hidden,
        )
        self.proxy = Proxy(
            space,
            mel,
            held_seconds,
            width=config.proxy_width,
            n_blocks=config.proxy_blocks,
            n_states=config.proxy_states,
            frame_width=config.proxy_frame_width,
            rank=config.proxy_rank,
            n_octaves=config.proxy_octaves,
            dropout=config.proxy_dropout,
        )

    def standardise(self, patches: Tensor, mels: Tensor, fine: Tensor) -> None:
        """Set every mean and spread from training data; once, before training."""
        self.encoder.standardise(mels, fine)
        self.flow.standardise(patches)
        self.proxy.standardise(mels)

    @torch.no_grad()
    def encode(self, mels: Tensor, fine: Tensor | None = None) -> Tensor:
        """Return the posterior means `(batch, D)` of sounds: the same each time.

        The caller sets evaluation mode; in training mode there is dropout.
        """
        mean: Tensor = self.encoder(mels, fine)[0]
        return mean

    @torch.no_grad()
    def beginnings(self, mels: Tensor, fine: Tensor | None = None, n_drawn: int = N_DRAWN) -> Tensor:
        """Return latents `(batch, n, D)` where answers may begin: the posterior mean, then those drawn."""
        features = self.encoder.features(mels, fine)
        mean = self.encoder.posterior(features)[0][:, None]
        if self.sampler is None or not n_drawn:
            return mean
        return torch.cat([mean, self.sampler.draw(features, n_drawn)], 1)

    @torch.no_grad()
    def infer(self, mels: Tensor, fine: Tensor | None = None, steps: int = FIRST_ANSWER_STEPS) -> Tensor:
        """Return the patches `(batch, P)` that answer sounds, each value within 0 to 1.

        Args:
            mels: Of levelled sounds, `(batch, n_mels, n_frames)`.
            fine: Their fine frames, if any, as floats `(batch, 26, 368)`.
            steps: How many to follow the proxy's gradient; 0 answers with the posterior mean.
        """
        z = self._nearest_beginning(mels, fine) if steps else self.encode(mels, fine)
        return self.flow.decode(self.descend(z, mels, steps)).clamp(0.0, 1.0)

    def _nearest_beginning(self, mels: Tensor, fine: Tensor | None) -> Tensor:
        """Return for each sound the beginning `(batch, D)` that the proxy expects to be closest."""
        begun = self.beginnings(mels, fine)
        if begun.shape[1] == 1:
            return begun[:, 0]
        off = [
            (self.proxy(self.flow.decode(begun[:, k])) - mels).abs().mean((1, 2))
            for k in range(begun.shape[1])
        ]
        best = torch.stack(off, 1).argmin(1)
        return begun[torch.arange(len(begun)), best]

    @torch.enable_grad()
    def descend(self, latents: Tensor, mels: Tensor, steps: int) -> Tensor:
        """Return latents `(batch, D)` brought nearer to mels by the proxy's gradient, each row by itself."""
        z = latents.clone().requires_grad_(True)
        optimizer = torch.optim.Adam([z], _STEP)
        for step in range(steps):
            optimizer.param_groups[0]["lr"] = _STEP * (1.0 - step / steps)
            off = (self.proxy(self.flow.decode(z)) - mels).abs().mean((1, 2))
            loss = (off + _STAY * ((z - latents) ** 2).mean(1)).sum()
            (z.grad,) = torch.autograd.grad(loss, z)
            optimizer.step()
        return z.detach()
