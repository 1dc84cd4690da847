"""What a refinement renders, in order: what is known, descents along the proxy's gradient, a search."""

from collections.abc import Callable, Generator, Sequence

import numpy as np

from models.coupling_arrays import CouplingArrays
from models.regression_flow import RegressionFlow
from sketching.gradient import descend
from sketching.search import Search

__all__ = ["batches"]

_N_KNOWN = 16  # rendered as they are
_N_STARTS = 8  # of the descents
_STEPS = 30


def batches(
    model: RegressionFlow,
    flow: CouplingArrays,
    known: np.ndarray,
    mel: np.ndarray,
    seed: int,
    stop: Callable[[], bool],
) -> Generator[np.ndarray, Sequence[float], None]:
    """Give patches to render, `(n, P)`, and take their distances by `send`; it never ends by itself.

    Args:
        model: Whose proxy is descended.
        flow: Patches to latents.
        known: Patches worth a look, most hopeful first, `(N, P)`.
        mel: Levelled log-mel of the sound.
        seed: Of the search.
        stop: Ends a descent early.
    """
    tried = [np.asarray(patch) for patch in known[:_N_KNOWN]]
    distances = list((yield np.stack(tried)))
    order = np.argsort(distances, kind="stable")[:_N_STARTS]
    descended = descend(model, flow.invert(np.stack([tried[k] for k in order])), mel, _STEPS, stop)
    tried += list(descended)
    distances += list((yield descended))
    fixed = [] if flow.leveler is None else [flow.leveler.scale.place]
    search = Search(tried[int(np.argmin(distances))], fixed, seed)
    while True:
        search.tell((yield search.ask()))
