"""The search by real renders: CMA-ES around the best answer so far.

References:
    Hansen, "The CMA evolution strategy: a tutorial", arXiv 1604.00772; Ros and Hansen, "A simple
    modification in CMA-ES achieving linear time and space complexity", PPSN 2008, for the diagonal form.
"""

from collections.abc import Sequence

import numpy as np

__all__ = ["Search"]

_WIDTH = 0.1  # of the first steps, in parts of a parameter's range
_WORST_DB = 100.0  # what stands for a patch that is silent: the strategy needs finite numbers


class Search:
    """Asks for patches to be rendered, and is told how far they were.

    Args:
        start: Patch to search around, `(P,)`.
        fixed: Places of parameters that stay as they are.
        seed: The same seed and the same distances give the same patches.
        population: Patches that are asked for at once.
    """

    def __init__(self, start: np.ndarray, fixed: Sequence[int], seed: int, population: int = 14) -> None:
        import cma  # takes half a second; only a refinement needs it

        self._start = np.asarray(start, np.float64)
        self._free = np.setdiff1d(np.arange(len(self._start)), fixed)
        rng = np.random.default_rng(seed)
        self._strategy = cma.CMAEvolutionStrategy(
            self._start[self._free],
            _WIDTH,
            {
                "bounds": [0.0, 1.0],
                "popsize": population,
                "CMA_diagonal": True,
                "randn": lambda *shape: rng.standard_normal(shape),
                "seed": np.nan,  # leave numpy's own generator alone
                "verbose": -9,
            },
        )
        self._asked: list[np.ndarray] = []

    def ask(self) -> np.ndarray:
        """Give the next patches to render, `(n, P)`."""
        self._asked = self._strategy.ask()
        patches = np.repeat(self._start[None], len(self._asked), axis=0)
        patches[:, self._free] = np.clip(self._asked, 0.0, 1.0)
        return patches.astype(np.float32)

    def tell(self, distances: Sequence[float]) -> None:
        """Say how far each of them was, in dB; infinite for one that was not heard."""
        self._strategy.tell(self._asked, [min(d, _WORST_DB) for d in distances])
