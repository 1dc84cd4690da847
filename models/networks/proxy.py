"""The proxy: predicts the mel of a patch without rendering it. After the flow, it is the decoder."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from core.mel import MelConfig
from core.space import ParameterSpace
from models.networks.control_signals import ControlSignals
from models.networks.layers import ResidualBlock

__all__ = ["Proxy"]


class Proxy(nn.Module):
    """Normalized parameters `(batch, P)` to a log-mel `(batch, n_mels, n_frames)`, as loud as all others.

    Built like a synth: a dense part turns the patch into a modulation matrix, which mixes the control signals
    into a few dozen states, frame by frame; one small network, the same for all frames and patches, then
    turns the states of a frame into its spectrum. Beside it, a sum of fixed pictures accounts for what has a
    memory, such as echoes.

    The volume is not read: mels are levelled.

    Args:
        space: The parameters of the patches.
        mel: How sounds become mels.
        held_seconds: How long the note is held.
        width: Width of the dense part.
        n_blocks: Number of residual blocks in it.
        n_states: Number of states of a frame.
        frame_width: Width of the network that turns states into a spectrum.
        rank: Number of fixed pictures.
        n_octaves: Sines and cosines of each parameter, at 1, 2, 4, ... half turns; they let the first
            layer see fine differences at once.
        dropout: Probability in the blocks.
    """

    mean: Tensor
    spread: Tensor
    turns: Tensor
    heard: Tensor

    def __init__(
        self,
        space: ParameterSpace,
        mel: MelConfig,
        held_seconds: float,
        *,
        width: int = 640,
        n_blocks: int = 3,
        n_states: int = 48,
        frame_width: int = 256,
        rank: int = 64,
        n_octaves: int = 4,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.mel_shape, self.n_states = mel.shape, n_states
        self.register_buffer("mean", torch.zeros(mel.shape))
        self.register_buffer("spread", torch.ones(()))
        octaves = torch.arange(n_octaves, dtype=torch.float32)
        self.register_buffer("turns", math.pi * 2.0**octaves, persistent=False)
        heard = torch.tensor([k for k, name in enumerate(space.names) if name != "volume"])
        self.register_buffer("heard", heard, persistent=False)
        self.signals = ControlSignals(space, mel, held_seconds)
        self.enter = nn.Linear(len(heard) * (1 + 2 * n_octaves), width)
        self.blocks = nn.Sequential(
            *[ResidualBlock(width, dropout) for _ in range(n_blocks)], nn.LayerNorm(width)
        )
        self.matrix = nn.Linear(width, n_states * (self.signals.n_signals + 1))
        self.still = nn.Linear(width, frame_width)
        self.pictures = nn.Sequential(nn.Linear(width, rank), nn.Linear(rank, mel.shape[0] * mel.shape[1]))
        self.from_state = nn.Linear(n_states, frame_width)
        self.frame = nn.Linear(frame_width, frame_width)
        self.spectrum = nn.Sequential(nn.LayerNorm(frame_width), nn.Linear(frame_width, mel.shape[0]))

    def forward(self, patches: Tensor) -> Tensor:
        """Return the log-mels of patches."""
        patches = patches.clamp(-0.01, 1.01)
        with torch.autocast(patches.device.type, enabled=False):  # a phase of many turns needs float32
            signals = self.signals(patches.float())
        v = patches[:, self.heard]
        angles = (v[..., None] * self.turns).flatten(1)
        read = self.blocks(self.enter(torch.cat([2.0 * v - 1.0, angles.sin(), angles.cos()], -1)))
        matrix = self.matrix(read).unflatten(1, (self.n_states, -1))
        states = matrix[..., 1:] @ signals.to(matrix.dtype) + matrix[..., :1]
        h = gelu(self.from_state(states.transpose(1, 2)) + self.still(read)[:, None])
        h = h + gelu(self.frame(h))
        seen = self.spectrum(h).float().transpose(1, 2)
        return (seen + self.pictures(read).float().unflatten(1, self.mel_shape)) * self.spread + self.mean

    def standardise(self, mels: Tensor) -> None:
        """Set the mean picture and overall spread from training mels `(N, n_mels, n_frames)`."""
        self.mean.copy_(mels.mean(0))
        self.spread.copy_((mels - mels.mean(0)).std())
