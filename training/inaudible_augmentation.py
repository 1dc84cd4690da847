"""Vary what cannot be heard: more patches for the same mel, at no cost."""

import torch
from torch import Tensor

from core.space import ParameterSpace

__all__ = ["InaudibleShuffle"]

_NEUTRAL_WITHIN = 1e-5


class InaudibleShuffle:
    """Gives each inaudible parameter its value from another patch.

    Training patches are canonical: inaudible parameters are neutral. A proxy that never saw them elsewhere
    predicts arbitrary mels there, and would misjudge an answer that strays there.

    Args:
        space: Says which parameter is only heard through which others (`silent_unless`).
    """

    def __init__(self, space: ParameterSpace) -> None:
        self.neutral = torch.from_numpy(space.neutral)
        self.rules = [
            (k, [space.index(n) for n in parameter.silent_unless if n in space])
            for k, parameter in enumerate(space)
        ]
        self.rules = [(k, through) for k, through in self.rules if through]

    def __call__(self, patches: Tensor) -> Tensor:
        """Shuffle patches `(batch, P)`; a parameter that is heard keeps its value."""
        neutral = self.neutral.to(patches.device)
        others = patches[torch.randperm(len(patches), device=patches.device)]
        result = patches.clone()
        for k, through in self.rules:
            inaudible = ((patches[:, through] - neutral[through]).abs() < _NEUTRAL_WITHIN).all(dim=1)
            result[:, k] = torch.where(inaudible, others[:, k], patches[:, k])
        return result
