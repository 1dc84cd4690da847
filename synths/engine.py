"""What every engine that plays a patch can do."""

from typing import Protocol

import numpy as np

from core.note import Note
from core.space import Patch

__all__ = ["Engine", "Note"]


class Engine(Protocol):
    """A synth that renders offline: Vital's own engine now, a plug-in host later.

    An engine belongs to one thread. What a render gives depends on its arguments alone, never on what
    was rendered before.
    """

    sample_rate: int

    def render(self, patch: Patch, note: Note) -> np.ndarray:
        """Play a patch.

        Args:
            patch: Normalized values by engine name; what it does not name keeps the base patch's value.
            note: What to play.

        Returns:
            Float32 audio `(2, n_samples)`.

        Raises:
            PatchError: The engine has no parameter of such a name.
            RenderError: The engine failed.
        """
        ...
