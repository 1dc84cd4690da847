"""How smoothly macros change the sound, compared with raw parameters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.mel import MelConfig
from evaluation.packaging.find_macros import Traversal, traverse
from evaluation.patch_renderer import PatchRenderer
from models.macros import Macros
from models.served_flow import ServedFlow
from synths.engine import Note

__all__ = ["WalkFigures", "macro_walks", "parameter_walks"]

N_STEPS = 13


@dataclass(frozen=True)
class WalkFigures:
    """Figures of one control, means over the sounds at which it was moved.

    Attributes:
        name: Name of the macro or parameter.
        change_db: Log-mel distance from end to end.
        roughness: Largest step over mean step; 1 is perfectly even.
        loudness_range_db: Difference between the loudest and the softest step.
    """

    name: str
    change_db: float
    roughness: float
    loudness_range_db: float

    @classmethod
    def of(cls, name: str, walks: Sequence[Traversal]) -> "WalkFigures":
        """Summarise the walks of one control."""
        return cls(
            name,
            float(np.mean([w.change_db for w in walks])),
            float(np.mean([w.steps_db.max() / max(float(w.steps_db.mean()), 1e-6) for w in walks])),
            float(np.mean([w.loudness_range_db for w in walks])),
        )


def macro_walks(
    flow: ServedFlow,
    macros: Macros,
    sounds: np.ndarray,
    renderer: PatchRenderer,
    mel: MelConfig,
    *,
    note: Note,
    steps: int = N_STEPS,
) -> list[WalkFigures]:
    """Turn every macro from 0 to 1, in `steps` renders, at each of the latents `sounds (n, D)`."""
    figures = []
    for name, macro in zip(macros.names, macros, strict=True):
        walks = [traverse(flow.decode(macro.walk(z, steps)), renderer, mel, note) for z in sounds]
        figures.append(WalkFigures.of(name, walks))
    return figures


def parameter_walks(
    patches: np.ndarray,
    ranges: np.ndarray,
    renderer: PatchRenderer,
    mel: MelConfig,
    *,
    names: Sequence[str],
    note: Note,
) -> list[WalkFigures]:
    """Move raw parameters over the range that presets use, at each of the patches.

    Args:
        patches: Patches in which they are moved, `(n, P)`.
        ranges: Lowest and highest value of every parameter, `(2, P)`.
        renderer: Renders patches of the same space.
        mel: Mel settings for measuring change.
        names: Names of the parameters.
        note: Note to play.
    """
    space, figures = renderer.space, []
    for name in names:
        k = space.index(name)
        walks = []
        for patch in patches:
            way = np.repeat(patch[None], N_STEPS, axis=0)
            way[:, k] = np.linspace(ranges[0, k], ranges[1, k], N_STEPS)
            walks.append(traverse(way, renderer, mel, note))
        figures.append(WalkFigures.of(space[k].caption, walks))
    return figures
