"""Plug-ins that are installed and their controls, and a host of VST3s and Audio Units through pedalboard.

A space names a plug-in by file name alone, which is looked up where plug-ins are installed. So a model or
dataset that somebody else made can never have a library loaded from anywhere else.
"""

import os
import re
import sys
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import PatchError, RenderError
from core.native_output import native_output_dropped
from core.nearest import did_you_mean
from core.space import Patch
from synths.engine import Note, PatchFailure
from synths.hosting import on_host_thread, release_on_host_thread

__all__ = [
    "CONTROLLERS",
    "PluginControls",
    "controller_default",
    "controller_name",
    "controller_number",
    "controller_values",
    "is_controller",
    "PluginEngine",
    "find_plugin",
    "plugin_folders",
]

_SETTLE_SECONDS = 0.2
_BLOCK_SAMPLES = 512
_MOST_STEPS = 64  # a parameter of no more steps is a switch
_LOADING_SECONDS = 2.0  # a plug-in that loads samples may stay silent for this long at first
# MIDI controllers, which some VST3 show as 2,080 parameters; pedalboard reads 1,000 texts of each parameter.
_CONTROLLERS = re.compile(r"MIDI (Ch\. \d+ )?CC ?\d*")
_NAME = re.compile(r"MIDI CC (\d{1,3})$")
_DEFAULTS = {1: 0, 7: 100, 11: 127, 91: 40, 93: 0}  # by the standard; a sound controller rests in the middle
# Those by which a synth may be played that shows no controls: no bank, data or pedal, no channel mode.
CONTROLLERS = (1, 2, 3, 4, 7, 8, 9, *range(11, 32), *range(70, 80), *range(91, 96), *range(102, 120))


@dataclass(frozen=True)
class PluginControls:
    """The controls of a plug-in.

    Attributes:
        defaults: Normalized value that each has at first, by name, in the plug-in's order.
        steps: Number of positions of those that are switches, as far as the plug-in says so.
        n_inputs: Number of audio inputs, as far as that is known.
    """

    defaults: Patch
    steps: Mapping[str, int]
    n_inputs: int = 0


def controller_name(number: int) -> str:
    """Return the name of a MIDI controller as a control."""
    return f"MIDI CC {number}"


def is_controller(name: str) -> bool:
    """Whether a control is a MIDI controller."""
    return _NAME.match(name) is not None


def controller_number(name: str) -> int:
    """Return the number of a MIDI controller."""
    found = _NAME.match(name)
    assert found is not None, name
    return int(found[1])


def controller_default(number: int) -> float:
    """Return where a MIDI controller rests, 0 to 1."""
    return _DEFAULTS.get(number, 64) / 127.0


def controller_values(patch: Patch, moved: Collection[int]) -> dict[int, int]:
    """Return what to send of a patch, 0 to 127 by number; those once moved rest where it has none."""
    sent = {number: controller_default(number) for number in moved}
    sent |= {controller_number(name): value for name, value in patch.items() if is_controller(name)}
    return {number: round(127.0 * value) for number, value in sent.items()}


def plugin_folders() -> list[Path]:
    """Return the folders where plug-ins are installed, those of FLOW_SYNTH_PLUGINS first."""
    given = [Path(folder) for folder in os.environ.get("FLOW_SYNTH_PLUGINS", "").split(os.pathsep) if folder]
    home = Path.home()
    if sys.platform == "darwin":
        library = [Path("/Library/Audio/Plug-Ins"), home / "Library/Audio/Plug-Ins"]
        return given + [folder / kind for folder in library for kind in ("VST3", "Components", "VST")]
    if sys.platform == "win32":
        shared = Path(os.environ.get("COMMONPROGRAMFILES", r"C:\Program Files\Common Files"))
        own = Path(os.environ.get("LOCALAPPDATA", str(home))) / "Programs" / "Common"
        programs = Path(os.environ.get("PROGRAMFILES", r"C:\Program Files"))
        vst2 = [programs / "VSTPlugins", programs / "Steinberg" / "VSTPlugins"]
        return [*given, shared / "VST3", own / "VST3", *vst2]
    roots = (Path("/usr/lib"), Path("/usr/local/lib"))
    vst2 = [home / ".vst", *(root / "vst" for root in roots)]
    return [*given, home / ".vst3", *(root / "vst3" for root in roots), *vst2]


def find_plugin(name: str) -> Path:
    """Return the path of an installed plug-in.

    Args:
        name: File name, such as `Surge XT.vst3`; paths are refused.

    Raises:
        RenderError: It is not installed, or the name is a path.
    """
    if not name or Path(name).name != name or "\\" in name or "/" in name or name in (".", ".."):
        raise RenderError(f"'{name}' is not the name of a plug-in; a space names it without a folder.")
    for folder in plugin_folders():
        for path in (folder / name, *sorted(folder.glob(f"*/{_escape(name)}"))):
            if path.exists():
                return path
    raise RenderError(
        f"the plug-in {name} is not installed; install it, or put its folder into FLOW_SYNTH_PLUGINS."
    )


class PluginEngine:
    """Renders patches with a hosted plug-in; see `synths.engine.Engine`.

    What a patch does not name has the value the plug-in starts with. Each render follows a short note with
    the same patch and a reset. `python -m synths.discover` measures whether that is enough for a plug-in; if
    not, its space asks for a new instance each time. Any thread may use it.

    Args:
        name: File name of an installed plug-in, or a path that the user typed.
        sample_rate: Of the render, Hz.
        fresh: Start a new instance for every render.
        state: Preset to start with, the contents of a `.vstpreset` or `.aupreset`; None leaves it to the
            plug-in.

    Attributes:
        indices: Index of each parameter in the plug-in by name, MIDI controllers left out.
        defaults: Normalized value each parameter starts with.

    Raises:
        RenderError: The plug-in is not installed, does not load or is not an instrument.
    """

    def __init__(
        self,
        name: str | Path,
        sample_rate: int = 22_050,
        *,
        fresh: bool = False,
        state: bytes | None = None,
    ) -> None:
        self.sample_rate = sample_rate
        self._state = state
        self.path = name if isinstance(name, Path) else find_plugin(name)
        self._fresh = fresh
        self._settled = False
        self._n_channels = 2
        self._controllers: dict[int, int] = {}  # MIDI controllers that have been moved, with their values
        self._hosted: list[Any] = []  # the plug-in
        on_host_thread(self._load)
        own = self.own_parameters()
        self.indices = _parameter_indices(own)
        self.defaults: Patch = {name: float(own[k].raw_value) for name, k in self.indices.items()}

    def __del__(self) -> None:
        if getattr(self, "_hosted", None):
            release_on_host_thread(self._hosted)

    def render(self, patch: Patch, note: Note) -> np.ndarray:
        """Play a patch; see `synths.engine.Engine.render`."""
        unknown = [name for name in patch if name not in self.indices and not is_controller(name)]
        if unknown:
            raise PatchError(
                f"{self.path.stem} has no parameter '{unknown[0]}'; {did_you_mean(unknown[0], self.indices)}"
            )
        return on_host_thread(self._render, patch, note)

    def controls(self) -> PluginControls:
        """Return what the plug-in shows of its controls."""
        own = self.own_parameters()
        steps = {
            name: max(2, int(own[k].num_steps))
            for name, k in self.indices.items()
            if own[k].is_boolean or own[k].num_steps <= _MOST_STEPS
        }
        return PluginControls(self.defaults, steps)

    @property
    def _plugin(self) -> Any:
        return self._hosted[0]

    def _render(self, patch: Patch, note: Note) -> np.ndarray:
        if self._fresh:
            self._load()
        own = self.own_parameters()
        for name, value in {**self.defaults, **patch}.items():
            if not is_controller(name):
                own[self.indices[name]].raw_value = float(value)
        self._controllers = controller_values(patch, self._controllers)
        if not self._fresh:
            # Twice after loading: at the first reset, pedalboard finds out how the plug-in takes one.
            for _ in range(1 if self._settled else 2):
                self._play(note, held_seconds=_SETTLE_SECONDS / 2, seconds=_SETTLE_SECONDS)
            self._settled = True
        audio = self._play(note, held_seconds=note.held_seconds, seconds=note.seconds)
        if not np.isfinite(audio).all():
            self._load()
            raise PatchFailure(f"{self.path.name} gave values that are not finite for this patch.")
        return np.array(np.broadcast_to(audio, (2, audio.shape[1])))

    def own_parameters(self) -> list[Any]:
        """Return the plug-in's parameter objects, in order.

        They are good until the next render only: to reset a plug-in, pedalboard may load it anew, and older
        objects then point nowhere.
        """
        return list(self._plugin._parameters)

    def _load(self) -> None:
        self._settled = False
        try:
            from pedalboard import _pedalboard
        except ImportError as error:
            raise RenderError(
                f"{self.path.name} is played through pedalboard, which does not import ({error}); "
                "install it: python -m pip install -e '.[plugins]'"
            ) from None
        # Without this, a plug-in that shows MIDI controllers takes 15 s to load instead of 0.2 s.
        _pedalboard.PARAMETER_NAME_REGEXES_TO_IGNORE.add(_CONTROLLERS)
        if not self.path.exists():
            raise RenderError(f"there is no plug-in at {self.path}.")
        try:
            with native_output_dropped():
                plugin = _pedalboard.load_plugin(str(self.path), initialization_timeout=_LOADING_SECONDS)
        except (ImportError, RuntimeError, ValueError) as error:
            first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise RenderError(f"{self.path.name} does not load as a plug-in: {first_line}") from None
        if not plugin.is_instrument:
            raise RenderError(f"{self.path.name} is an effect; only an instrument can play a note.")
        if self._state is not None:
            self._take_state(plugin)
        self._hosted[:] = [plugin]

    def _take_state(self, plugin: Any) -> None:
        assert self._state is not None
        suffix = ".vstpreset" if self._state.startswith(b"VST3") else ".aupreset"
        with tempfile.TemporaryDirectory() as folder, native_output_dropped():
            file = Path(folder) / f"state{suffix}"
            file.write_bytes(self._state)
            try:
                plugin.load_preset(str(file))
            except (AttributeError, RuntimeError, ValueError) as error:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise RenderError(f"{self.path.name} does not take this preset ({reason}).") from None

    def _play(self, note: Note, *, held_seconds: float, seconds: float) -> np.ndarray:
        messages = [
            *((bytes([0xB0, number, value]), 0.0) for number, value in self._controllers.items()),
            (bytes([0x90, note.note, note.velocity]), 0.0),
            (bytes([0x80, note.note, 0]), held_seconds),
        ]
        options = {"duration": seconds, "sample_rate": self.sample_rate, "buffer_size": _BLOCK_SAMPLES}
        try:
            try:
                audio = self._plugin(messages, num_channels=self._n_channels, reset=True, **options)
            except ValueError:
                if self._n_channels == 1:
                    raise
                self._n_channels = 1  # only this error tells an instrument with one output
                audio = self._plugin(messages, num_channels=1, reset=True, **options)
        except (RuntimeError, ValueError) as error:
            raise RenderError(f"{self.path.name} does not play: {str(error).splitlines()[0]}") from None
        return np.asarray(audio, np.float32)


def _parameter_indices(parameters: list[Any]) -> dict[str, int]:
    indices: dict[str, int] = {}
    for k, parameter in enumerate(parameters):
        if _CONTROLLERS.match(parameter.name) or not parameter.is_automatable:
            continue
        name, twin = parameter.name, 2
        while name in indices:
            name, twin = f"{parameter.name} #{twin}", twin + 1
        indices[name] = k
    return indices


def _escape(name: str) -> str:
    return re.sub(r"([\[\]*?])", r"[\1]", name)
