"""amsynth, hosted as the VST2 plug-in that its Debian package installs.

What is remembered or random inside it, found by rendering the same preset after different others:

- A note's release (up to 15 s) and the reverb ring into the next render, and controls glide. A silent note
  with both switched off, and a second one with the patch's own reverb, let everything come to rest.
- An oscillator's phase starts anew with each note, except that of a synchronised second oscillator.
  `osc2_sync` is off in the base patch, and no space has it.
- Noise and the random LFO are drawn anew each time: no two renders of them are the same samples. They are
  among the waveforms, which amsynth-16 does not move.
- A patch is played in stereo, as the reverb makes it.

An instance takes 0.2 s to start, because it reads its banks; a render of 4 s takes 0.01 s.
"""

import os
from pathlib import Path

import numpy as np

from core.errors import RenderError
from core.space import Patch
from synths.amsynth_controls import controls
from synths.engine import Note
from synths.vst2 import Vst2Host

__all__ = ["AmsynthEngine", "find_plugin"]

_NAME = "amsynth_vst.so"
_FOLDERS = ("/usr/lib/vst", "/usr/local/lib/vst", "/usr/lib64/vst", "/usr/lib/x86_64-linux-gnu/vst", "~/.vst")
_AT_REST = {"amp_release": 0.0, "reverb_roomsize": 0.0, "reverb_damp": 1.0, "distortion_crunch": 0.0}
_SILENT = 1  # velocity; with 0 it would be a note off
_REST_SECONDS = 0.6
_SETTLE_SECONDS = 0.1


def find_plugin() -> Path:
    """Return the plug-in's file: where AMSYNTH_VST says, else where the package puts it.

    Raises:
        RenderError: It is not installed.
    """
    given = os.environ.get("AMSYNTH_VST")
    for path in [Path(given)] if given else [Path(folder).expanduser() / _NAME for folder in _FOLDERS]:
        if path.is_file():
            return path
    raise RenderError(
        f"there is no amsynth plug-in at AMSYNTH_VST={given}; set it to amsynth's VST2 file, or unset it."
        if given
        else "amsynth is not installed: sudo apt-get install amsynth, or set AMSYNTH_VST to its VST2 file."
    )


class AmsynthEngine:
    """Renders patches with amsynth; see `synths.engine.Engine`. Any thread may use it.

    Args:
        sample_rate: Of the render, Hz.

    Raises:
        RenderError: amsynth or DawDreamer is not installed.
    """

    def __init__(self, sample_rate: int = 22_050) -> None:
        self.sample_rate = sample_rate
        self._host = Vst2Host(find_plugin(), sample_rate)
        self._base = {name: control.normalized(control.base) for name, control in controls().items()}
        if set(self._base) != set(self._host.names):
            odd = sorted(set(self._base) ^ set(self._host.names))
            raise RenderError(
                f"{self._host.path} is another version of amsynth (control '{odd[0]}'); this needs 1.13."
            )

    def render(self, patch: Patch, note: Note) -> np.ndarray:
        """Play a patch; see `synths.engine.Engine.render`."""
        whole = {**self._base, **patch}
        silent = Note(note=note.note, velocity=_SILENT, held_seconds=0.05, seconds=_REST_SECONDS)
        self._host.set({**whole, **_AT_REST})
        self._host.play(silent)
        self._host.set({**whole, "amp_release": 0.0})
        self._host.play(Note(note=note.note, velocity=_SILENT, held_seconds=0.05, seconds=_SETTLE_SECONDS))
        self._host.set(whole)
        return self._host.play(note)
