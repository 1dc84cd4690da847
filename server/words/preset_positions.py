"""Where the presets of a model lie along the macros of its vocabulary."""

import numpy as np

from models.folder import ModelFolder

__all__ = ["PresetPositions"]

_UNKNOWN_SPREAD = 0.25  # of a dial, for a model without presets, or a macro along which they do not differ
_LEAST = 1e-3
# Spreads of a dial's positions for one spread of what is heard, where nobody measured how far that rises.
_HEARD = 2.0
_LEAST_RISE = 0.3  # less is as good as unknown
_MARGIN = 1.6  # at half of the places a macro does less than its median


class PresetPositions:
    """Positions of the macros at the presets, which say how far a spread of a macro is.

    Args:
        model: The model, with the player's own macros in its vocabulary.

    Attributes:
        at: Positions of the dials, `(N, V)`.
        spreads: How far each dial goes for one spread of what is heard, `(V,)`.
    """

    def __init__(self, model: ModelFolder) -> None:
        presets = model.presets
        positions = [model.vocabulary.positions(z) for z in presets.latents.astype(np.float64)]
        self.at = np.array(positions).reshape(len(presets), len(model.vocabulary))
        spreads = self.at.std(axis=0) if len(presets) else np.zeros(len(model.vocabulary))
        self.spreads = _HEARD * np.where(spreads > _LEAST, spreads, _UNKNOWN_SPREAD)
        if (rises := model.vocabulary.rises) is not None:
            known = rises > _LEAST_RISE
            self.spreads = np.where(known, _MARGIN / np.where(known, rises, 1.0), self.spreads)
        self._presets = presets

    def best(self, kind: str, wanted: np.ndarray, allowed: np.ndarray) -> int | None:
        """Return the preset of a kind that fits best; without a wish, the one nearest to the kind's middle.

        Args:
            kind: Of sound.
            wanted: How much of each macro, in spreads, `(V,)`; 0 for what does not matter.
            allowed: Which presets count, `(N,)`.
        """
        of_kind = np.flatnonzero(np.array([k == kind for k in self._presets.kinds], bool) & allowed)
        if not len(of_kind):
            return None
        if wanted.any():
            scores = (self.at[of_kind] / self.spreads) @ wanted
        else:
            latents = self._presets.latents[of_kind]
            scores = -np.linalg.norm(latents - latents.mean(axis=0), axis=1)
        return int(of_kind[int(scores.argmax())])
