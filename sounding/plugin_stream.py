"""A plug-in played block by block, as a host does: notes and parameters while it sounds."""

from pathlib import Path
from typing import Any

import numpy as np

from core.errors import RenderError
from synths.hosting import on_host_thread
from synths.plugin import PluginEngine

__all__ = ["PluginStream"]

_MOST_FRAMES = 8_192  # in one block


class PluginStream(PluginEngine):
    """Plays a VST3 or Audio Unit without an end.

    Args:
        path: That the user typed.
        sample_rate: Hz.

    Raises:
        RenderError: As `PluginEngine`.
    """

    def __init__(self, path: Path, sample_rate: int) -> None:
        super().__init__(path, sample_rate)
        self._own: list[Any] = []
        on_host_thread(self._begin)

    def set(self, values: dict[int, float]) -> None:
        """Set parameters, normalized, by their index in the plug-in."""
        on_host_thread(self._set, values)

    def play(self, messages: list[bytes], n: int) -> np.ndarray:
        """Return the next n frames, float32 `(n, 2)`; MIDI messages are played at their beginning.

        Silence where the plug-in fails.
        """
        return on_host_thread(self._play_block, messages, n)

    def _begin(self) -> None:
        """Find out how many channels it has; from then on it is not reset, so its parameters stay valid."""
        for self._n_channels in (2, 1):
            try:
                self._process([], 512)
                break
            except ValueError:  # only this error tells an instrument with one output
                continue
        else:
            raise RenderError(f"{self.path.name} plays neither in stereo nor in mono; choose another.")
        self._own = self.own_parameters()

    def _set(self, values: dict[int, float]) -> None:
        for index, value in values.items():
            self._own[index].raw_value = value

    def _play_block(self, messages: list[bytes], n: int) -> np.ndarray:
        out = np.zeros((n, 2), np.float32)
        for start in range(0, n, _MOST_FRAMES):
            audio = self._process(messages, min(_MOST_FRAMES, n - start))
            messages = []
            out[start : start + audio.shape[1]] = audio.T
        return out

    def _process(self, messages: list[bytes], n: int) -> np.ndarray:
        audio = self._plugin(
            [(message, 0.0) for message in messages],
            duration=n / self.sample_rate,
            sample_rate=self.sample_rate,
            num_channels=self._n_channels,
            buffer_size=_MOST_FRAMES,
            reset=False,
        )
        return np.asarray(audio, np.float32)[:, :n]
