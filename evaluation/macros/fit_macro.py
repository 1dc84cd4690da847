"""Find what a macro moves beside its lead, so that its name holds and little else changes.

Gradient descent on the gains of the followers through a surrogate, at many training patches at once: a dial
is to raise its descriptor at every step and every patch, to change descriptors outside its family little, and
to need no volume that the synth has not.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.descriptors import DESCRIPTOR_NAMES
from core.ruler.vocabulary import Meaning, family
from evaluation.macros.surrogate import Surrogate
from models.steering.free_values import SQUASH_MARGIN

__all__ = ["FittedMacro", "alone", "fit_macro"]

_BATCH, _RATE = 96, 0.08
_POSITIONS = (0.0, 0.25, 0.5, 0.75, 1.0)
_LEAST_RISE, _LEAST_STEP = 0.8, 0.08  # in spreads, from end to end and from position to position
_OWN = 0.12  # spreads of other change that count as none
_ENOUGH = 4.0  # purity beyond which more is worth little
_SPARSE = 0.06  # with less, followers go where the surrogate is wrong
_SWING = 0.03  # a dB that the volume has to make up from end to end: no leveler is exact
_HEADROOM_DB = 3.0  # below the synth's loudest volume
_SMALLEST = 0.15  # gain; less is left out
_SHORTEN = 0.7  # at most, of the lead's range, at either end


@dataclass(frozen=True)
class FittedMacro:
    """One macro of a chart.

    Attributes:
        lead: Index of its lead among the C parameters.
        ends: Normalized values of the lead at 0 and 1 of the dial.
        gains: What the dial adds to every free value, `(C,)`; 0 at the lead.
    """

    lead: int
    ends: tuple[float, float]
    gains: np.ndarray


def alone(lead: int, ends: tuple[float, float], n: int) -> FittedMacro:
    """Return a macro that moves nothing but its lead, one of n parameters."""
    return FittedMacro(lead, ends, np.zeros(n, np.float32))


def fit_macro(
    surrogate: Surrogate,
    values: np.ndarray,
    spread: np.ndarray,
    outputs: Sequence[str],
    meaning: Meaning,
    lead: int,
    *,
    ends: tuple[float, float],
    kept: Collection[int],
    loudest_db: float | None = None,
    steps: int = 140,
    seed: int = 0,
) -> FittedMacro:
    """Fit one macro.

    Args:
        surrogate: Parameters to descriptors, and to the volume, last, where `loudest_db` is given.
        values: Patches to turn it at, without their volume, `(N, C)`.
        spread: Of each descriptor over patches, `(n_descriptors,)`.
        outputs: Names of the descriptors that the surrogate gives.
        meaning: What the macro promises.
        lead: Index of its lead.
        ends: Values of the lead between which the dial may go, in any order.
        kept: Indices that may not follow: leads of other macros, choices.
        loudest_db: The synth's loudest volume, dB.
        steps: Of the descent.
        seed: Draws the patches.
    """
    x = torch.as_tensor(values, dtype=torch.float32)
    scale = torch.as_tensor(spread, dtype=torch.float32)
    named = outputs.index(meaning.descriptor)
    # The ruler counts the descriptors of a dataset.
    others = [
        k
        for k, name in enumerate(outputs)
        if name in DESCRIPTOR_NAMES and family(name) != family(meaning.descriptor)
    ]
    may_follow = torch.ones(x.shape[1])
    may_follow[[*kept, lead]] = 0.0
    gains = torch.zeros(x.shape[1], requires_grad=True)
    shorter = torch.zeros(2, requires_grad=True)
    generator = torch.Generator().manual_seed(seed)

    def dial_ends() -> tuple[Tensor, Tensor]:
        off = _SHORTEN * torch.sigmoid(shorter - 3.0)
        low, high = ends
        return low + (high - low) * off[0], high + (low - high) * off[1]

    def heard(rows: Tensor) -> tuple[Tensor, Tensor | None]:
        answers = surrogate(turned(x[rows], lead, gains * may_follow, *dial_ends()))
        return answers[..., : len(outputs)] / scale, None if loudest_db is None else answers[..., -1]

    optimizer = torch.optim.Adam([{"params": [gains], "lr": _RATE}, {"params": [shorter], "lr": 0.03}])
    for step in range(steps):
        if step == int(0.7 * steps):
            for group in optimizer.param_groups:
                group["lr"] *= 0.3
        descriptors, volume_db = heard(torch.randint(0, len(x), (_BATCH,), generator=generator))
        loss = _loss(descriptors, named, others, meaning.sign)
        if volume_db is not None and loudest_db is not None:
            loss = loss + _SWING * (volume_db[-1] - volume_db[0]).abs().mean()
            loss = loss + 0.15 * (torch.relu(volume_db - (loudest_db - _HEADROOM_DB)) ** 2).mean()
        loss = loss + _SPARSE * (gains * may_follow).abs().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = (gains * may_follow).detach().numpy()
    found[np.abs(found) < _SMALLEST] = 0.0
    low, high = (float(end.detach()) for end in dial_ends())
    return FittedMacro(lead, (low, high), found.astype(np.float32))


def turned(values: Tensor, lead: int, gains: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Return patches `(positions, N, C)`: each with the dial at several positions, as a chart turns it."""
    before = ((values[:, lead] - low) / (high - low)).clamp(0.0, 1.0)
    free = torch.logit(SQUASH_MARGIN + (1.0 - 2.0 * SQUASH_MARGIN) * values)
    walk = []
    for position in _POSITIONS:
        moved = torch.sigmoid(free + gains * (position - before)[:, None])
        moved = ((moved - SQUASH_MARGIN) / (1.0 - 2.0 * SQUASH_MARGIN)).clamp(0.0, 1.0)
        led = (low + (high - low) * position).expand(len(values), 1)
        walk.append(torch.cat([moved[:, :lead], led, moved[:, lead + 1 :]], 1))
    return torch.stack(walk)


def _loss(descriptors: Tensor, named: int, others: Sequence[int], sign: int) -> Tensor:
    along = sign * descriptors[..., named]
    change = descriptors[-1] - descriptors[0]
    rise, rest = along[-1] - along[0], (change[:, list(others)] ** 2).mean(dim=1).sqrt()
    purity = rise / (rest + _OWN)
    return (
        -_ENOUGH * torch.tanh(purity / _ENOUGH).mean()
        + 8.0 * torch.relu(_LEAST_RISE - rise).mean()
        + 6.0 * torch.relu(_LEAST_STEP - along.diff(dim=0)).mean()
        - 0.4 * torch.tanh(rise / 2.0).mean()
    )
