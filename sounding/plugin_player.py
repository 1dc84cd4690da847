"""The player's own plug-in as the instrument: it is played block by block, so everything follows at once."""

import time
from pathlib import Path

import numpy as np

from core.errors import RenderError
from core.space import ParameterSpace
from sounding.keyboard import Key, Keyboard
from sounding.master import Master
from sounding.plugin_stream import PluginStream

__all__ = ["PluginPlayer"]

_BEND_RANGE = 2.0  # semitones: what synths take a full turn of the wheel for


class PluginPlayer:
    """Plays a plug-in: one instrument, that of the key pressed last.

    Args:
        path: Of the plug-in.
        space: Number 0 of those that patches belong to; a parameter is found in the plug-in by its name or
            its label.
        sample_rate: Hz.

    Raises:
        RenderError: The plug-in does not load, or has none of the parameters.
    """

    def __init__(self, path: str, space: ParameterSpace, sample_rate: int) -> None:
        self.master = Master(sample_rate)
        self.n_stolen = self.n_late = 0
        self._rate = sample_rate
        self._plugin = PluginStream(Path(path), sample_rate)
        self._keyboard = Keyboard()
        self._patches: dict[int, tuple[np.ndarray, int]] = {}  # with the number of the space
        self._indices: dict[int, list[int | None]] = {}  # by that number
        self._instrument: int | None = None
        self._messages: list[bytes] = []
        self.add_space(0, space)

    @property
    def n_voices(self) -> int:
        """How many keys are held; what rings on only the plug-in knows."""
        return len(self._keyboard.held)

    def add_space(self, number: int, space: ParameterSpace) -> None:
        """Play patches of another space, too.

        Raises:
            RenderError: The plug-in has none of its parameters.
        """
        known = self._plugin.indices
        indices = [
            next((known[name] for name in (p.name, p.label, p.caption) if name in known), None) for p in space
        ]
        if not any(index is not None for index in indices):
            raise RenderError(
                f"{self._plugin.path.name} has no parameter of {space.name}. Choose the plug-in that the "
                "model plays, or another model."
            )
        self._indices[number] = indices

    def press(self, key: Key, velocity: int) -> None:
        """Begin a note."""
        if key in self._keyboard.held:
            self._off(key)
        self._keyboard.press(key)
        if key.instrument != self._instrument:
            self._instrument = key.instrument
            self._set()
        self._messages.append(bytes([0x90, key.note, velocity]))

    def release(self, source: str, note: int) -> None:
        """Let a key go; its note goes on while the pedal is down."""
        for key in self._keyboard.release(source, note):
            self._off(key)

    def pedal(self, source: str, on: bool) -> None:
        """Press or lift a sustain pedal."""
        for key in self._keyboard.pedal(source, on):
            self._off(key)

    def bend(self, source: str, semitones: float) -> None:
        """Bend the pitch of everything, as a plug-in has one wheel."""
        value = round(8_192 + 8_191 * max(-1.0, min(1.0, semitones / _BEND_RANGE)))
        self._messages.append(bytes([0xE0, value & 0x7F, value >> 7]))

    def leave(self, source: str) -> None:
        """Let go of all keys that a source holds."""
        for key in self._keyboard.leave(source):
            self._off(key)

    def panic(self) -> None:
        """End everything now."""
        self._messages += [bytes([0x80, key.note, 0]) for key in self._keyboard.held]
        self._messages += [bytes([0xB0, 123, 0]), bytes([0xB0, 120, 0])]  # all notes off, all sound off
        self._keyboard.clear()

    def set_patch(self, instrument: int, patch: np.ndarray, space: int = 0) -> None:
        """Set the patch `(P,)` of an instrument, and the number of its space."""
        self._patches[instrument] = patch, space
        if self._instrument is None:
            self._instrument = instrument
        if instrument == self._instrument:
            self._set()

    def fill(self, out: np.ndarray) -> None:
        """Write the next frames into `out`, float32 `(n, 2)`."""
        messages, self._messages = self._messages, []
        began = time.perf_counter()
        audio = self._plugin.play(messages, len(out))
        self.n_late += time.perf_counter() - began > len(out) / self._rate
        out[:] = self.master.process(audio)

    def _off(self, key: Key) -> None:
        same = [other for other in self._keyboard.held if other.note == key.note and other != key]
        if not same:  # a plug-in has one key of each pitch
            self._messages.append(bytes([0x80, key.note, 0]))

    def _set(self) -> None:
        known = self._patches.get(self._instrument or 0)
        if known is None or known[1] not in self._indices:
            return
        patch, space = known
        indices = self._indices[space]
        self._plugin.set({k: float(v) for k, v in zip(indices, patch, strict=True) if k is not None})
