"""The presets that come with a model."""

from dataclasses import dataclass

import numpy as np

__all__ = ["ModelPresets"]


@dataclass(frozen=True, kw_only=True)
class ModelPresets:
    """Named points of the latent space, each with a place on a map where neighbours sound alike.

    Attributes:
        names, kinds: N names and kinds of sound.
        places: (x, y) on the map, each within 0 to 1, `(N, 2)`.
        latents: `(N, D)`.
        patches: Normalized parameters, `(N, P)`; `latents` decode to these.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    places: np.ndarray
    latents: np.ndarray
    patches: np.ndarray

    def __len__(self) -> int:
        """Return the number of presets, N."""
        return len(self.names)
