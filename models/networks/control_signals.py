"""What moves inside a synth while it plays: envelopes, low-frequency oscillators, time itself.

A patch names times and rates; what is heard are the curves that they make. Computed here from the patch, one
value per frame of the mel, they spare a network from learning by example what a 3 Hz oscillator or a decay of
80 ms looks like.
"""

import math

import torch
from torch import Tensor, nn

from core.mel import MelConfig
from core.space import Parameter, ParameterSpace

__all__ = ["ControlSignals", "plain_values"]

_CURVE = -2.0  # of a falling envelope, (exp(c x) - 1) / (exp(c) - 1): Vital's own at its default power
_SHORTEST_S = 1e-3
_AFTER_S = (0.05, 0.2)  # how fast the fixed signals after an onset or a release die away


def plain_values(normalized: Tensor, parameter: Parameter) -> Tensor:
    """Turn normalized values of one parameter into plain ones: `Parameter.plain`, with gradients."""
    raw = parameter.low + normalized * (parameter.high - parameter.low)
    match parameter.scale:
        case "quadratic":
            raw = raw**2
        case "quartic":
            raw = raw.clamp_min(1e-3) ** 4  # its slope is 0 at 0, and nothing could be learned there
        case "exponential":
            raw = torch.exp2(raw)
        case "square_root":
            raw = raw.clamp_min(0.0).sqrt()
    return raw + parameter.offset


class ControlSignals(nn.Module):
    """Patches `(batch, P)` to signals `(batch, n_signals, n_frames)`, each within about -1 to 1.

    Every `<name>_attack` makes an envelope, with its `_decay`, `_sustain` and `_release` if the space has
    them; every parameter in Hz makes an oscillator, a triangle that starts with the note.

    Args:
        space: Says which parameters are times and which are rates.
        mel: Says when the frames are.
        held_seconds: When the note is released.
    """

    times: Tensor
    fixed: Tensor

    def __init__(self, space: ParameterSpace, mel: MelConfig, held_seconds: float) -> None:
        super().__init__()
        self.space, self.held_seconds = space, held_seconds
        self.envelopes = [
            name.removesuffix("_attack")
            for name in space.names
            if name.endswith("_attack") and space[name].unit == "s"
        ]
        self.rates = [k for k, parameter in enumerate(space) if parameter.unit == "Hz"]
        hop_s = mel.hop_samples / mel.sample_rate
        times = torch.arange(mel.n_frames) * hop_s
        self.hop_s = hop_s
        since = (times - held_seconds).clamp_min(0.0)
        let_go = (times > held_seconds).float()
        fixed = [times / times[-1], let_go]
        fixed += [torch.exp(-times / t) for t in _AFTER_S] + [
            let_go * torch.exp(-since / t) for t in _AFTER_S
        ]
        self.register_buffer("times", times, persistent=False)
        self.register_buffer("fixed", torch.stack(fixed), persistent=False)
        self.n_signals = int(self(torch.full((1, len(space)), 0.5)).shape[1])

    def forward(self, patches: Tensor) -> Tensor:
        """Compute the signals of patches."""
        batch, n_frames = len(patches), len(self.times)
        signals: list[Tensor] = []
        for name in self.envelopes:
            signals += self._envelope(patches, name)
        for k in self.rates:
            signals += self._oscillator(plain_values(patches[:, k : k + 1], self.space[k]))
        moving = [signal.expand(batch, n_frames)[:, None] for signal in signals]
        return torch.cat([*moving, self.fixed.expand(batch, -1, -1)], 1)

    def _envelope(self, patches: Tensor, name: str) -> list[Tensor]:
        """Return rise, fall and level of one envelope, and its release if it has one."""

        def of(part: str, missing: float) -> Tensor:
            parameter = f"{name}_{part}"
            if parameter not in self.space:
                return patches.new_full((len(patches), 1), missing)
            k = self.space.index(parameter)
            return plain_values(patches[:, k : k + 1], self.space[k])

        attack, decay = of("attack", 0.0) + _SHORTEST_S, of("decay", 1e3) + _SHORTEST_S
        rise = (self.times / attack).clamp(0.0, 1.0)
        fall = ((self.times - attack) / decay).clamp(0.0, 1.0)
        sustain = of("sustain", 1.0)
        level = rise * (sustain + (1.0 - sustain) * _falling(fall))
        signals = [rise, fall]
        if f"{name}_release" in self.space:
            released = ((self.times - self.held_seconds) / (of("release", 0.0) + _SHORTEST_S)).clamp(0.0, 1.0)
            level = level * _falling(released)
            signals.append(released)
        # A flow in training goes a little below 0.
        return [*signals, level, 0.2 * torch.log(level.clamp_min(0.0) + 1e-3) + 0.7]

    def _oscillator(self, rate_hz: Tensor) -> list[Tensor]:
        """Return triangle, sine and cosine, which fade where a frame is too long to show them."""
        seen = torch.exp(-((rate_hz * self.hop_s) ** 2))
        turns = rate_hz * self.times
        triangle = 1.0 - 4.0 * (torch.remainder(turns, 1.0) - 0.5).abs()
        angle = 2.0 * math.pi * turns
        return [seen * triangle, seen * torch.sin(angle), seen * torch.cos(angle)]


def _falling(along: Tensor) -> Tensor:
    """Return a fall from 1 at 0 to 0 at 1, fast at first."""
    end = math.exp(_CURVE)
    return (torch.exp(_CURVE * along) - end) / (1.0 - end)
