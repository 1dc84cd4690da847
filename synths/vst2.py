"""Hosts VST2 instruments through DawDreamer, and plays any of them from silence."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mido
import numpy as np

from core.errors import PatchError, RenderError
from core.native_output import native_output_dropped
from core.nearest import did_you_mean
from core.space import Patch
from synths.engine import Note, PatchFailure
from synths.hosting import on_host_thread, release_on_host_thread
from synths.plugin import PluginControls, controller_values, is_controller

__all__ = ["Vst2Engine", "Vst2Host"]

_SHOWN = 33  # values of a control whose texts are read: more than any switch has positions
_ALL_SOUND_OFF = {120: 0}
_SETTLE = Note(velocity=1, held_seconds=0.05, seconds=0.2)
_SILENCE = Note(velocity=0, seconds=0.25)
_MOST_SILENCES = 16  # a patch that still sounds then would sound forever
_SILENT = 1e-4
_BLOCK_SAMPLES = 512
_PROCESSOR = "instrument"  # DawDreamer needs a name for each processor of its graph


class Vst2Host:
    """One instance of a plug-in in a host of its own; any thread may use it.

    Args:
        path: The plug-in's file.
        sample_rate: Hz.
        state: Preset to start with, the contents of an `.fxb` or `.fxp`; None leaves it to the plug-in.

    Attributes:
        names: Its automatable controls, in order.
        n_inputs: Number of its audio inputs.

    Raises:
        RenderError: DawDreamer is not installed, or the plug-in does not load.
    """

    def __init__(self, path: Path, sample_rate: int, state: bytes | None = None) -> None:
        self.path = path
        self._hosted: list[Any] = []  # DawDreamer's engine, then the plug-in
        on_host_thread(self._load, sample_rate)
        if state is not None:
            on_host_thread(self._take_state, state)
        self.names: tuple[str, ...] = on_host_thread(self._read_names)
        self.n_inputs: int = on_host_thread(lambda: int(self._plugin.get_num_input_channels()))
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

    def state(self) -> bytes:
        """Return the state of the plug-in as a host saves it, an `.fxb`."""
        return on_host_thread(self._read_state)

    def texts(self, n: int) -> dict[str, list[str]]:
        """Return what the plug-in shows for n even values of every control; the controls stay as they are."""
        return on_host_thread(self._texts, n)

    def play(self, note: Note, controllers: Mapping[int, int] | None = None) -> np.ndarray:
        """Play a note with the controls as they are; return float32 `(2, n_samples)`.

        Args:
            note: The note; one of velocity 0 is not played, and what still sounds is heard.
            controllers: MIDI controllers that are sent first, with their values, 0 to 127.

        Raises:
            PatchFailure: The plug-in gave values that are not finite.
        """
        audio = on_host_thread(self._play, note, controllers)
        if not np.isfinite(audio).all():
            raise PatchFailure(f"{self.path.name} gave values that are not finite for this patch.")
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

    def _take_state(self, state: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder, native_output_dropped():
            file = Path(folder) / "preset.fxp"
            file.write_bytes(state)
            try:  # not `load_state`, which opens the plug-in's window
                taken = self._plugin.load_preset(str(file))
            except RuntimeError:
                taken = False
        if not taken:
            raise RenderError(f"{self.path.name} does not take this preset. Save one as .fxp or .fxb for it.")

    def _read_state(self) -> bytes:
        with tempfile.TemporaryDirectory() as folder, native_output_dropped():
            file = Path(folder) / "state.fxb"
            self._plugin.save_state(str(file))
            return file.read_bytes()

    def _read_names(self) -> tuple[str, ...]:
        n = self._plugin.get_plugin_parameter_size()
        return tuple(self._plugin.get_parameter_name(k) for k in range(n))

    def _set(self, patch: Mapping[str, float]) -> None:
        for name, value in patch.items():
            self._plugin.set_parameter(self._index[name], float(value))

    def _texts(self, n: int) -> dict[str, list[str]]:
        shown: dict[str, list[str]] = {}
        for name, k in self._index.items():
            before, shown[name] = self._plugin.get_parameter(k), []
            for value in np.linspace(0.0, 1.0, n).tolist():
                self._plugin.set_parameter(k, value)
                shown[name].append(str(self._plugin.get_parameter_text(k)))
            self._plugin.set_parameter(k, before)
        return shown

    def _play(self, note: Note, controllers: Mapping[int, int] | None = None) -> np.ndarray:
        self._plugin.clear_midi()
        if controllers:
            self._send(controllers)
        if note.velocity:
            self._plugin.add_midi_note(note.note, note.velocity, 0.0, note.held_seconds)
        self._hosted[0].render(note.seconds)
        return np.array(self._hosted[0].get_audio(), np.float32)

    def _send(self, controllers: Mapping[int, int]) -> None:
        # DawDreamer takes controllers from a file alone.
        track = mido.MidiTrack(
            mido.Message("control_change", control=number, value=value)
            for number, value in controllers.items()
        )
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "controllers.mid"
            mido.MidiFile(tracks=[track]).save(file)
            self._plugin.load_midi(str(file))


class Vst2Engine:
    """Renders patches with a VST2 plug-in; see `synths.engine.Engine`.

    What a patch does not name has the value the plug-in starts with. Before each render come a short, soft
    note with the same patch and a wait until it is quiet. Any thread may use it.

    Args:
        path: The plug-in's file.
        sample_rate: Of the render, Hz.
        fresh: Start a new instance for every render.
        state: Preset to start with; None leaves it to the plug-in.

    Raises:
        RenderError: DawDreamer is not installed, or the plug-in or the preset does not load.
    """

    def __init__(
        self, path: Path, sample_rate: int = 22_050, *, fresh: bool = False, state: bytes | None = None
    ) -> None:
        if not path.exists():
            raise RenderError(f"there is no plug-in at {path}.")
        self.path, self.sample_rate, self._fresh = path, sample_rate, fresh
        self._state = state
        self._host = Vst2Host(path, sample_rate, state)
        self.defaults: Patch = self._host.values()
        self._sent: set[int] = set()  # MIDI controllers that have been moved

    def controls(self) -> PluginControls:
        """Return what the plug-in shows of its controls."""
        shown = self._host.texts(_SHOWN)
        steps = {name: len(set(texts)) for name, texts in shown.items() if 1 < len(set(texts)) < _SHOWN}
        return PluginControls(self.defaults, steps, self._host.n_inputs)

    def render(self, patch: Patch, note: Note) -> np.ndarray:
        """Play a patch; see `synths.engine.Engine.render`."""
        if self._fresh:
            self._host, self._sent = Vst2Host(self.path, self.sample_rate, self._state), set()
        values = {name: value for name, value in patch.items() if not is_controller(name)}
        unknown = [name for name in values if name not in self.defaults]
        if unknown:
            raise PatchError(
                f"{self.path.stem} has no control '{unknown[0]}'; {did_you_mean(unknown[0], self.defaults)}"
            )
        sent = controller_values(patch, self._sent)
        self._sent.update(sent)
        self._host.set({**self.defaults, **values})
        if not self._fresh:
            self._host.play(_SETTLE, {**_ALL_SOUND_OFF, **sent})
            self._rest()
        return self._host.play(note, sent)

    def _rest(self) -> None:
        for _ in range(_MOST_SILENCES):
            if np.abs(self._host.play(_SILENCE)).max() < _SILENT:
                return
