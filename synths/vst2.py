"""Hosts a VST2 instrument through DawDreamer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import PatchError, RenderError
from core.nearest import did_you_mean
from synths.engine import Note
from synths.native_output import native_output_dropped

__all__ = ["Vst2Host"]

_BLOCK_SAMPLES = 512
_PROCESSOR = "instrument"  # DawDreamer wants a name for each processor of its graph


class Vst2Host:
    """One instance of a plug-in, and the host it runs in.

    Args:
        path: The plug-in's file.
        sample_rate: Hz.

    Attributes:
        names: Its automatable controls in order; a control without a name of its own cannot be told.

    Raises:
        RenderError: DawDreamer is not installed, or the plug-in does not load.
    """

    def __init__(self, path: Path, sample_rate: int) -> None:
        try:
            import dawdreamer
        except ImportError as error:
            raise RenderError(
                f"{path.name} is played through DawDreamer, which does not import ({error}); "
                "install it: python -m pip install -e '.[plugins]'"
            ) from None
        self.path = path
        try:
            with native_output_dropped():
                self._host: Any = dawdreamer.RenderEngine(sample_rate, _BLOCK_SAMPLES)
                self._plugin: Any = self._host.make_plugin_processor(_PROCESSOR, str(path))
                self._host.load_graph([(self._plugin, [])])
        except (RuntimeError, ValueError) as error:
            raise RenderError(f"{path} does not load as a VST2 instrument ({error}).") from error
        n = self._plugin.get_plugin_parameter_size()
        self.names: tuple[str, ...] = tuple(self._plugin.get_parameter_name(k) for k in range(n))
        self._index = {name: k for k, name in enumerate(self.names)}

    def set(self, patch: Mapping[str, float]) -> None:
        """Set controls to normalized values, as a host's automation does.

        Raises:
            PatchError: The plug-in has no such control.
        """
        for name, value in patch.items():
            if name not in self._index:
                raise PatchError(
                    f"{self.path.stem} has no control '{name}'; {did_you_mean(name, self.names)}"
                )
            self._plugin.set_parameter(self._index[name], float(value))

    def values(self) -> dict[str, float]:
        """Normalized value of every control, as the plug-in has it now."""
        return {name: float(self._plugin.get_parameter(k)) for name, k in self._index.items()}

    def play(self, note: Note) -> np.ndarray:
        """Play a note with the controls as they stand, float32 `(2, n_samples)`.

        Raises:
            RenderError: The plug-in gave values that are not finite.
        """
        self._plugin.clear_midi()
        self._plugin.add_midi_note(note.note, note.velocity, 0.0, note.held_seconds)
        self._host.render(note.seconds)
        audio = np.asarray(self._host.get_audio(), np.float32)
        if not np.isfinite(audio).all():
            raise RenderError(f"{self.path.name} gave values that are not finite for this patch.")
        return np.array(np.broadcast_to(audio[:2], (2, audio.shape[1])))

    def save_state(self, path: Path) -> None:
        """Write the plug-in's own state to a file."""
        self._plugin.save_state(str(path))

    def load_state(self, path: Path) -> None:
        """Bring back a state that `save_state` wrote."""
        self._plugin.load_state(str(path))
