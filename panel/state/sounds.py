"""Notes that a page asks for: of the current sound, and of presets without going there."""

import asyncio

import numpy as np

from core.errors import SoundError
from panel.osc.link import Link
from panel.sound.notes import NoteRenderer
from panel.state.current_model import CurrentModel

__all__ = ["Sounds"]

_ANSWER_S = 2.0  # longer, and the pointer that hovers is elsewhere
_C4 = 60


class Sounds:
    """Renders notes to hear in the browser.

    Args:
        link: To the server.
        model: The model that plays.
    """

    def __init__(self, link: Link, model: CurrentModel) -> None:
        self._link = link
        self._mirror = link.mirror
        self._model = model
        self._renderer = NoteRenderer()
        self._patches: dict[str, asyncio.Future[np.ndarray]] = {}  # asked for, by preset

    @property
    def comparable_note(self) -> int:
        """The MIDI note at which an answer is comparable with the sketch; C4 where there is none."""
        return min(max(self._mirror.pitch[0], 12), 108) if self._mirror.pitch else _C4

    @property
    def query(self) -> str:
        """What a page asks for to hear or see the answer; another sound is another question."""
        return f"note={self.comparable_note}&revision={self._mirror.revision}"

    async def note(self, note: int = _C4) -> np.ndarray:
        """Return a note of the current patch; see `NoteRenderer.audio`."""
        mirror = self._mirror
        return await self._renderer.audio(self._model.local.space, mirror.patch, note, mirror.gestures.played)

    async def preset_note(self, name: str) -> np.ndarray:
        """Return a note of a preset of the map, the player's own among them.

        Raises:
            BridgeError: There is none of that name, no server answers, or it cannot be played here.
        """
        if all(name != preset.name for preset in self._mirror.presets.values()):
            raise SoundError(f"There is no preset '{name[:64]}' on the map.")
        patch = self._patches.setdefault(name, asyncio.get_running_loop().create_future())
        self._link.send("/flow/preset/patch", name)
        try:
            values = await asyncio.wait_for(asyncio.shield(patch), _ANSWER_S)
        except TimeoutError as error:
            raise SoundError(f"The server did not send '{name[:64]}'; try again.") from error
        finally:
            self._patches.pop(name, None)
        return await self._renderer.audio(self._model.local.space, values, _C4)

    def receive_patch(self) -> None:
        """Pass on the patch of a preset that the server has sent."""
        if self._mirror.preset_patch is not None:
            name, patch = self._mirror.preset_patch
            if name in self._patches and not self._patches[name].done():
                self._patches[name].set_result(patch)

    def close(self) -> None:
        """End the renderer after the note that it renders."""
        self._renderer.close()
