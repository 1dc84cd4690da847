"""Vital's own engine, playing patches on a preset that somebody made.

Each render is the first of a new instance that has loaded the preset with the patch's controls moved, exactly
as the plug-in plays a file that was opened just now. (`synths/vital.py` keeps an instance, which is faster,
but needs to know what its base patch wires: after a silent note, presets of others differ by up to 0.6 dB of
soft MSS.) What a preset draws anew, such as random phases, differs from render to render.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import vita

from core.errors import ConfigError, PatchError, RenderError
from core.nearest import did_you_mean
from core.plain_file import read_json
from core.space import Patch
from synths.engine import Note
from synths.vital_file import MAX_BYTES

__all__ = ["OwnVitalEngine"]

_OWN_RATE = 44_100  # Hz: the engine's, unless another is set


class OwnVitalEngine:
    """Renders patches on a preset; see `synths.engine.Engine`. Each thread needs its own.

    Args:
        sample_rate: Of the render, Hz.
        base: The `.vital` file.

    Raises:
        RenderError: It cannot be read, or the engine refuses it.
    """

    def __init__(self, sample_rate: int, base: Path) -> None:
        self.sample_rate = sample_rate
        self._name = base.name
        try:
            self._content: dict[str, Any] = read_json(base, MAX_BYTES)
        except OSError as error:
            raise RenderError(f"{base} cannot be read: {error.strerror}; check the path.") from error
        except ConfigError as error:
            raise RenderError(str(error)) from error
        self._ranges: dict[str, tuple[float, float]] = {}
        self._resting_at: Patch | None = None
        self._synth = self._loaded({})

    def render(self, patch: Patch, note: Note) -> np.ndarray:
        """Play a patch; see `synths.engine.Engine.render`."""
        self.prepare(patch)
        self._resting_at = None
        audio = self._synth.render(note.note, note.velocity / 127.0, note.held_seconds, note.seconds)
        if not np.isfinite(audio).all():
            raise RenderError("Vital's engine gave values that are not finite for this patch.")
        return np.asarray(audio, np.float32)

    def prepare(self, patch: Patch) -> None:
        """Load a patch; see `synths.engine.RestingEngine.prepare`."""
        if self._resting_at != patch:
            self._synth = None  # two at once take twice the memory
            self._synth = self._loaded(patch)
            self._resting_at = dict(patch)

    def spare_memory(self) -> None:
        """Do nothing: an instance plays one note anyway."""

    def _loaded(self, patch: Patch) -> Any:
        synth = vita.Synth()
        if self.sample_rate != _OWN_RATE:
            synth.set_sample_rate(float(self.sample_rate))
        raw = {name: self._raw(synth, name, value) for name, value in patch.items()}
        content = {**self._content, "settings": {**self._content["settings"], **raw}}
        if not synth.load_json(json.dumps(content)):
            raise RenderError(f"Vital's engine refuses {self._name}; open it in Vital and save it again.")
        return synth

    def _raw(self, synth: Any, name: str, value: float) -> float:
        """Turn a normalized value into a raw one: automation is linear in that."""
        if name not in self._ranges:
            controls = synth.get_controls()
            if name not in controls:
                raise PatchError(f"Vital has no control '{name}'; {did_you_mean(name, controls)}")
            details = synth.get_control_details(name)
            self._ranges[name] = (details.min, details.max)
        low, high = self._ranges[name]
        return low + value * (high - low)
