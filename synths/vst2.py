"""Hosts a VST2 instrument through DawDreamer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import PatchError, RenderError
from core.native_output import native_output_dropped
from core.nearest import did_you_mean
from synths.engine import Note
from synths.hosting import on_host_thread, release_on_host_thread

__all__ = ["Vst2Host"]

_BLOCK_SAMPLES = 512
_PROCESSOR = "instrument"  # DawDreamer needs a name for each processor of its graph


class Vst2Host:
    """One instance of a plug-in in a host of its own; any thread may use it.

    Args:
        path: The plug-in's file.
        sample_rate: Hz.

    Attributes:
        names: Its automatable controls, in order.

    Raises:
        RenderError: DawDreamer is not installed, or the plug-in does not load.
    """

    def __init__(self, path: Path, sample_rate: int) -> None:
        self.path = path
        self._hosted: list[Any] = []  # DawDreamer's engine, then the plug-in
        on_host_thread(self._load, sample_rate)
        self.names: tuple[str, ...] = on_host_thread(self._read_names)
        self._index = {name: k for k, name in enumerate(self.names)}

    def __del__(self) -> None:
        if getattr(self, "_hosted", None):
            release_on_host_thread(self._hosted)

    def set(self, patch: Mapping[str, float]) -> None:
        """Set controls to normalized values, as a host's automation does.

        Raises:
            PatchError: The plug-in has no such control.
        """
        unknown = [name for name in patch if name not in self._index]
        if unknown:
            raise PatchError(
                f"{self.path.stem} has no control '{unknown[0]}'; {did_you_mean(unknown[0], self.names)}"
            )
        on_host_thread(self._set, patch)

    def values(self) -> dict[str, float]:
        """Return the normalized value that every control has in the plug-in now."""
        return on_host_thread(
            lambda: {name: float(self._plugin.get_parameter(k)) for name, k in self._index.items()}
        )

    def play(self, note: Note) -> np.ndarray:
        """Play a note with the controls as they are; return float32 `(2, n_samples)`.

        Raises:
            RenderError: The plug-in gave values that are not finite.
        """
        audio = on_host_thread(self._play, note)
        if not np.isfinite(audio).all():
            raise RenderError(f"{self.path.name} gave values that are not finite for this patch.")
        return np.array(np.broadcast_to(audio[:2], (2, audio.shape[1])))

    @property
    def _plugin(self) -> Any:
        return self._hosted[1]

    def _load(self, sample_rate: int) -> None:
        try:
            import dawdreamer
        except ImportError as error:
            raise RenderError(
                f"{self.path.name} is played through DawDreamer, which does not import ({error}); "
                "install it: python -m pip install -e '.[plugins]'"
            ) from None
        try:
            with native_output_dropped():
                self._hosted.append(dawdreamer.RenderEngine(sample_rate, _BLOCK_SAMPLES))
                self._hosted.append(self._hosted[0].make_plugin_processor(_PROCESSOR, str(self.path)))
                self._hosted[0].load_graph([(self._plugin, [])])
        except (RuntimeError, ValueError) as error:
            raise RenderError(f"{self.path} does not load as a VST2 instrument ({error}).") from None

    def _read_names(self) -> tuple[str, ...]:
        n = self._plugin.get_plugin_parameter_size()
        return tuple(self._plugin.get_parameter_name(k) for k in range(n))

    def _set(self, patch: Mapping[str, float]) -> None:
        for name, value in patch.items():
            self._plugin.set_parameter(self._index[name], float(value))

    def _play(self, note: Note) -> np.ndarray:
        self._plugin.clear_midi()
        self._plugin.add_midi_note(note.note, note.velocity, 0.0, note.held_seconds)
        self._hosted[0].render(note.seconds)
        return np.array(self._hosted[0].get_audio(), np.float32)
