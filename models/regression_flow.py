"""The model that ships: encoder, regression flow and proxy, learned on what the synth would play.

    mel --encoder--> q(z | mel) --flow--> patch --proxy--> mel

The decoder of this VAE is the proxy after the flow, so the latent space is learned through sound, and
a sound that is no patch at all can still teach the encoder. The flow alone is what plays.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.mel import MelConfig
from core.space import ParameterSpace
from models.encoder import Encoder
from models.flows import CouplingFlow
from models.level_arrays import VolumeScale
from models.proxy import Proxy

__all__ = ["RegressionFlow", "RegressionFlowConfig"]


@dataclass(frozen=True, kw_only=True)
class RegressionFlowConfig:
    """Sizes of the parts."""

    flow_blocks: int = 8
    flow_hidden: int = 128
    encoder_channels: int = 32
    encoder_width: int = 640
    encoder_blocks: int = 2
    encoder_rank: int = 224
    encoder_dropout: float = 0.1
    proxy_width: int = 640
    proxy_blocks: int = 3
    proxy_states: int = 48
    proxy_frame_width: int = 256
    proxy_rank: int = 64
    proxy_octaves: int = 4
    proxy_dropout: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Give the sizes as plain data."""
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
            dropout=config.encoder_dropout,
        )
        self.flow = CouplingFlow(
            n_parameters, config.flow_blocks, config.flow_hidden, seed, VolumeScale.of(space)
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

    def standardise(self, patches: Tensor, mels: Tensor) -> None:
        """Take every mean and spread from training data; once, before training."""
        self.encoder.standardise(mels)
        self.flow.standardise(patches)
        self.proxy.standardise(mels)

    @torch.no_grad()
    def encode(self, mels: Tensor) -> Tensor:
        """Give the posterior means `(batch, D)` of mels: the same answer each time.

        Evaluation mode is the caller's to set; `training` adds dropout.
        """
        mean: Tensor = self.encoder(mels)[0]
        return mean

    @torch.no_grad()
    def infer(self, mels: Tensor) -> Tensor:
        """Give the patches `(batch, P)` that answer mels, each value within 0 to 1."""
        return self.flow.decode(self.encode(mels)).clamp(0.0, 1.0)
