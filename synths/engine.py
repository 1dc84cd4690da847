"""What every engine that plays patches can do."""

from typing import Protocol, runtime_checkable

import numpy as np

from core.errors import RenderError
from core.playing.gestures import Gestures
from core.playing.note import Note
from core.space import Patch

__all__ = ["Engine", "FadingEngine", "GestureEngine", "Note", "PatchFailure", "RestingEngine", "play"]


class PatchFailure(RenderError):
    """The engine failed at one patch, and plays others."""


class Engine(Protocol):
    """A synth that plays one patch at a time: Vital's own engine, a hosted plug-in, or a synth outside.

    It belongs to the thread that started it, unless its class says otherwise. A render depends on its
    arguments alone and not on earlier ones, as far as the synth allows: `python -m synths.state_check`
    measures how far.

    Attributes:
        sample_rate: Of the renders, Hz.
    """

    sample_rate: int

    def render(self, patch: Patch, note: Note) -> np.ndarray:
        """Play a patch.

        Args:
            patch: Normalized values by engine name; any other parameter keeps the value of the base patch,
                or the one the plug-in starts with.
            note: The note to play.

        Returns:
            Float32 audio `(2, n_samples)`.

        Raises:
            PatchError: The engine has no parameter of such a name.
            PatchFailure: The engine failed at this patch.
            RenderError: The engine failed.
        """
        ...


@runtime_checkable
class FadingEngine(Protocol):
    """An engine that knows how long a patch is heard after its note."""

    def tail_seconds(self, patch: Patch) -> float:
        """Return how long after the end of a note a patch has faded by 50 dB, or longer; never less."""
        ...


@runtime_checkable
class GestureEngine(Protocol):
    """An engine that also plays gestures."""

    def render_gestures(self, patch: Patch, note: Note, gestures: Gestures | None) -> np.ndarray:
        """Play a patch with gestures; without any, exactly as `Engine.render`."""
        ...


@runtime_checkable
class RestingEngine(Protocol):
    """An engine that can get ready for a patch before the note is known."""

    @property
    def is_worn(self) -> bool:
        """Whether the next render begins with `renew`, which takes a fifth of a second."""
        ...

    def renew(self) -> None:
        """Begin anew with an instance that has played nothing: nothing sounds different.

        Raises:
            RenderError: The engine does not start.
        """
        ...

    def prepare(self, patch: Patch) -> None:
        """Come to rest at a patch: if it is rendered next, that begins sooner and sounds the same.

        Raises:
            PatchError: The engine has no parameter of such a name.
        """
        ...

    def spare_memory(self) -> None:
        """Take less memory, at the price of some time: for several engines side by side."""
        ...


def play(engine: Engine, patch: Patch, note: Note, gestures: Gestures | None) -> np.ndarray:
    """Render a patch, with gestures where the engine can play any."""
    if gestures and isinstance(engine, GestureEngine):
        return engine.render_gestures(patch, note, gestures)
    return engine.render(patch, note)
