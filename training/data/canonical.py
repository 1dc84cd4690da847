"""The canonical form of a patch: one for all patches that sound the same.

A network that sees one sound under several patches learns their average, which sounds like none of them. So
inaudible parameters are set to neutral, and parts that can be swapped without a difference get an order.

References:
    Hayes et al., "Audio synthesizer inversion in symmetric parameter spaces with approximately
    equivariant flow matching", ISMIR 2025.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.space import ParameterSpace

__all__ = ["Exchange", "canonical"]

_NEUTRAL_WITHIN = 1e-6


@dataclass(frozen=True)
class Exchange:
    """Two parts of a synth that may be swapped.

    Attributes:
        pairs: Indices in the space of the parameters that trade values.
        order_by: Index of the pair whose smaller value comes first.
        when_neutral: Indices that must be neutral for the parts to be alike.
        when_heard: Indices that must not be neutral, or there are no two parts.
    """

    pairs: tuple[tuple[int, int], ...]
    order_by: int
    when_neutral: tuple[int, ...]
    when_heard: tuple[int, ...]

    @classmethod
    def from_dict(cls, row: Mapping[str, Any], space: ParameterSpace) -> "Exchange | None":
        """Read an exchange, or return None where the space lacks one side of a pair, so the parts differ."""
        if any((a in space) != (b in space) for a, b in row["pairs"]):
            return None
        pairs = [(a, b) for a, b in row["pairs"] if a in space]
        return cls(
            tuple((space.index(a), space.index(b)) for a, b in pairs),
            [a for a, _ in pairs].index(row["order_by"]),
            tuple(space.index(n) for n in row["when_neutral"] if n in space),
            tuple(space.index(n) for n in row["when_heard"] if n in space),
        )


def canonical(vector: np.ndarray, space: ParameterSpace, exchanges: Sequence[Exchange] = ()) -> np.ndarray:
    """Return the canonical one of the patches that sound like this one; doing it twice changes nothing.

    Args:
        vector: Normalized parameters `(P,)`.
        space: Space of the patch.
        exchanges: Parts that may be swapped.

    Returns:
        Float32 `(P,)`.
    """
    result, neutral = np.array(vector, np.float32), space.neutral

    def is_neutral(k: int) -> bool:
        return bool(abs(result[k] - neutral[k]) <= _NEUTRAL_WITHIN)

    for _ in range(2):  # an inaudible amount can make a rate inaudible in turn
        for k, parameter in enumerate(space):
            heard_through = [space.index(n) for n in parameter.silent_unless if n in space]
            if heard_through and all(is_neutral(h) for h in heard_through):
                result[k] = neutral[k]
    for exchange in exchanges:
        alike = all(is_neutral(k) for k in exchange.when_neutral)
        both = not any(is_neutral(k) for k in exchange.when_heard)
        first, second = exchange.pairs[exchange.order_by]
        if alike and both and result[first] > result[second]:
            for a, b in exchange.pairs:
                result[a], result[b] = result[b], result[a]
    return result
