"""Vital's own engine, playing patches on a preset that somebody made.

Each render is a later note of an instance that holds the patch, as a player hears it. The first note after
opening a file is often another sound: levels jump to where they belong instead of gliding there from the last
note, so that a short sound under an LFO is 9 dB louder, and a sound with moving filters differs by 0.5 dB of
soft MSS. So the patch is loaded, a short note of it is played and thrown away, and the patch is loaded again,
which ends that note and empties the effects. What is left of earlier patches is below -60 dB of full scale.
What a preset draws anew, such as random phases, differs from render to render.
"""

import json
from collections.abc import Mapping
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
_PLAYED_IN = Note(note=60, velocity=100, held_seconds=0.2, seconds=0.3)  # 0.1 s is too short, by 0.1 dB
_RENDERS_AN_INSTANCE = 8  # two notes each: from the 17th on, voices are used again


class OwnVitalEngine:
    """Renders patches on a preset; see `synths.engine.Engine`. Each thread needs its own.

    Args:
        sample_rate: Of the render, Hz.
        base: The `.vital` file.
        content: What it holds, if it was read already.

    Raises:
        RenderError: It cannot be read, or the engine refuses it.
    """

    def __init__(self, sample_rate: int, base: Path, content: Mapping[str, Any] | None = None) -> None:
        self.sample_rate = sample_rate
        self._name = base.name
        try:
            self._content: Mapping[str, Any] = read_json(base, MAX_BYTES) if content is None else content
        except OSError as error:
            raise RenderError(f"{base} cannot be read: {error.strerror}; check the path.") from error
        except ConfigError as error:
            raise RenderError(str(error)) from error
        self._ranges: dict[str, tuple[float, float]] = {}
        self._resting_at: Patch | None = None
        self._synth: Any = self._new_synth()

    def render(self, patch: Patch, note: Note) -> np.ndarray:
        """Play a patch; see `synths.engine.Engine.render`."""
        self.prepare(patch)
        self._resting_at = None
        audio = self._play(note)
        if not np.isfinite(audio).all():
            self._synth = self._new_synth()
            raise RenderError("Vital's engine gave values that are not finite for this patch.")
        return np.asarray(audio, np.float32)

    def prepare(self, patch: Patch) -> None:
        """Load a patch and play it in; see `synths.engine.RestingEngine.prepare`."""
        if self._resting_at == patch:
            return
        self._resting_at = None
        if self.is_worn:
            self.renew()
        self._n_played += 1
        raw = {name: self._raw(name, value) for name, value in patch.items()}
        # Without wavetables the engine keeps its own, and loads ten times faster.
        settings = {**self._content["settings"], **raw, "wavetables": []}
        content = json.dumps({**self._content, "settings": settings})
        self._load(self._synth, content)
        self._play(_PLAYED_IN)
        self._load(self._synth, content)
        self._resting_at = dict(patch)

    @property
    def is_worn(self) -> bool:
        """Whether the instance has played its notes; see `synths.engine.RestingEngine.is_worn`."""
        return self._n_played >= _RENDERS_AN_INSTANCE

    def renew(self) -> None:
        """Renew the instance; see `synths.engine.RestingEngine.renew`."""
        self._resting_at = None
        self._synth = self._new_synth()

    def spare_memory(self) -> None:
        """Do nothing: an instance plays few notes anyway."""

    def _play(self, note: Note) -> Any:
        return self._synth.render(note.note, note.velocity / 127.0, note.held_seconds, note.seconds)

    def _new_synth(self) -> Any:
        self._n_played = 0
        self._synth = None  # two at once take twice the memory
        synth = vita.Synth()
        if self.sample_rate != _OWN_RATE:
            synth.set_sample_rate(float(self.sample_rate))
        self._load(synth, json.dumps(self._content))
        return synth

    def _load(self, synth: Any, content: str) -> None:
        if not synth.load_json(content):
            raise RenderError(f"Vital's engine refuses {self._name}; open it in Vital and save it again.")

    def _raw(self, name: str, value: float) -> float:
        """Turn a normalized value into a raw one: automation is linear in that."""
        if name not in self._ranges:
            controls = self._synth.get_controls()
            if name not in controls:
                raise PatchError(f"Vital has no control '{name}'; {did_you_mean(name, controls)}")
            details = self._synth.get_control_details(name)
            self._ranges[name] = (details.min, details.max)
        low, high = self._ranges[name]
        return low + value * (high - low)
