"""Move what is not heard: more patches for the same mel, at no cost."""

import torch
from torch import Tensor

from core.space import ParameterSpace

__all__ = ["InaudibleShuffle"]

_NEUTRAL_WITHIN = 1e-5


class InaudibleShuffle:
    """Gives parameters that are not heard a value from another patch.

    Training patches are canonical: what is not heard is neutral. A proxy that never saw it elsewhere
    answers at random there, and an answer that strays there would be judged by that.

    Args:
        space: Tells which parameter is heard through which (`silent_unless`).
    """

    def __init__(self, space: ParameterSpace) -> None:
        self.neutral = torch.from_numpy(space.neutral)
        self.rules = [
            (k, [space.index(n) for n in parameter.silent_unless if n in space])
            for k, parameter in enumerate(space)
        ]
        self.rules = [(k, through) for k, through in self.rules if through]

    def __call__(self, patches: Tensor) -> Tensor:
        """Shuffle patches `(batch, P)`; those whose parameter is heard keep it."""
        neutral = self.neutral.to(patches.device)
        others = patches[torch.randperm(len(patches), device=patches.device)]
        result = patches.clone()
        for k, through in self.rules:
            silent = ((patches[:, through] - neutral[through]).abs() < _NEUTRAL_WITHIN).all(dim=1)
            result[:, k] = torch.where(silent, others[:, k], patches[:, k])
        return result
