"""The sketch as all pages show it: its sound, wherever that came from, and which of its answers was taken."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from core.errors import SoundError
from panel.osc.link import Link
from panel.osc.messages import Candidate
from panel.sound.sketch_target import SketchTarget, TargetSound
from panel.sound.uploads import new_take_name, read_exported_take, read_target, save_upload
from server.osc.loopback import is_loopback

__all__ = ["Sketch"]


class Sketch:
    """One for the whole panel; everything runs on the event loop.

    Args:
        link: To the server.
        touch: Called with a topic that has changed.
    """

    def __init__(self, link: Link, touch: Callable[[str], None]) -> None:
        self._link = link
        self._mirror = link.mirror
        self._touch = touch
        self._target = SketchTarget()
        self._asked = ""  # the name under which the sound shall be lent to us
        self._picked: tuple[int, Candidate | None] = -1, None

    @property
    def sound(self) -> TargetSound | None:
        """The sound that the sketch is after, where it is known."""
        return self._target.sound

    @property
    def serial(self) -> int:
        """Another number for each sound; 0 where there is none."""
        return self._target.sound.serial if self._target.sound else 0

    @property
    def picked(self) -> int:
        """The candidate that was taken last; -1 once a better one has its place, or a new sketch began."""
        k, candidate = self._picked
        return k if candidate is not None and self._mirror.candidates.get(k) is candidate else -1

    def pick(self, k: int) -> None:
        """Take a candidate."""
        self._link.send("/flow/sketch/pick", k)
        self._picked = k, self._mirror.candidates.get(k)
        self._touch("picked")

    async def hear_upload(self, data: bytes) -> None:
        """Take a sound that a browser sent as the sketch.

        Raises:
            SoundError: It is no sound, or there is no server to hear it.
        """
        folder = self._folder()
        if folder is None:
            raise SoundError("There is no server that could hear this yet; start python run_server.py.")
        path = await asyncio.to_thread(save_upload, folder, data)
        self._target.drop(*await asyncio.to_thread(lambda: read_target(path.read_bytes())))
        self._touch("target")
        self._link.send("/flow/sketch/file", path.name, 0)

    def follow(self) -> None:
        """Take note of the sketch's state; a sound that was not dropped here is asked for.

        Only a server on this computer lends it.
        """
        before = self._target.sound
        if self._target.follow(self._mirror.sketch_state) and is_loopback(self._link.server[0]):
            self._asked = new_take_name()
            self._link.send("/flow/sketch/take", self._asked)
        if self._target.sound is not before:
            self._touch("target")

    async def fetch(self) -> None:
        """Read what was lent, if it was lent to us."""
        folder, name, sketch = self._folder(), self._mirror.exported_take, self._target.n_begun
        if name != self._asked or folder is None:
            return
        self._asked = ""
        # Too late, or too short to be heard: the answers are there all the same.
        with contextlib.suppress(SoundError):
            sound = await asyncio.to_thread(read_exported_take, folder / name)
            if sketch == self._target.n_begun:  # no other has begun meanwhile
                self._target.put(*sound)
                self._touch("target")

    def _folder(self) -> Path | None:
        return Path(self._mirror.welcome.sketches) if self._mirror.welcome is not None else None
