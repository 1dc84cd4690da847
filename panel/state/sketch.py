"""The sketch as all pages show it: its sound, wherever that came from, and which answer was picked."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from core.errors import SoundError
from panel.osc.link import Link
from panel.osc.messages import Candidate
from panel.sound.sketch_target import SketchTarget, TargetSound
from panel.sound.uploads import new_take_name, read_exported_take, read_target, save_upload
from server.osc.hosts.loopback import is_loopback

__all__ = ["Sketch"]


class Sketch:
    """The current sketch.

    Args:
        link: To the server.
        touch: Called with a topic that has changed.
    """

    def __init__(self, link: Link, touch: Callable[[str], None]) -> None:
        self._link = link
        self._mirror = link.mirror
        self._touch = touch
        self._target = SketchTarget()
        self._asked = ""  # under which name the server is to export the sound
        self._picked: tuple[int, Candidate | None] = -1, None

    @property
    def sound(self) -> TargetSound | None:
        """The sound to match, where it is known."""
        return self._target.sound

    @property
    def serial(self) -> int:
        """A number of its own for each sound; 0 for none."""
        return self._target.sound.serial if self._target.sound else 0

    @property
    def picked(self) -> int:
        """Index of the candidate picked last; -1 once it was replaced, or a new sketch has begun."""
        k, candidate = self._picked
        return k if candidate is not None and self._mirror.candidates.get(k) is candidate else -1

    def pick(self, k: int) -> None:
        """Go to a candidate."""
        self._link.send("/flow/sketch/pick", k)
        self._picked = k, self._mirror.candidates.get(k)
        self._touch("picked")

    async def upload(self, data: bytes) -> None:
        """Send a sound file to the server as a sketch.

        Raises:
            SoundError: It is not a sound file, or no server answers.
        """
        folder = self._folder()
        if folder is None and self._mirror.welcome is not None:
            raise SoundError("The server's data folder has too long a path. Start it with --data FOLDER.")
        if folder is None:
            raise SoundError("No server answers that could hear this. Start it: python run_server.py")
        path = await asyncio.to_thread(save_upload, folder, data)
        self._target.set_uploaded(*await asyncio.to_thread(lambda: read_target(path.read_bytes())))
        self._touch("target")
        self._link.send("/flow/sketch/file", path.name, 0)

    def forget(self) -> None:
        """Drop the sound: the sketch that is shown from now on may be that of another instrument."""
        self._asked = ""
        self._target.forget()
        self._touch("target")

    def follow(self) -> None:
        """Follow the sketch's state; ask for a sound that was not uploaded here.

        Only a server on this computer is asked: it exports the sound to a file.
        """
        before = self._target.sound
        if self._target.follow(self._mirror.sketch_state) and is_loopback(self._link.server[0]):
            self._asked = new_take_name()
            self._link.send("/flow/sketch/take", self._asked)
        if self._target.sound is not before:
            self._touch("target")

    async def fetch(self) -> None:
        """Read the take that the server exported, if the panel asked for it."""
        folder, name, n_begun = self._folder(), self._mirror.exported_take, self._target.n_begun
        if name != self._asked or folder is None:
            return
        self._asked = ""
        # It may be gone, or too short to hear; the answers are there all the same.
        with contextlib.suppress(SoundError):
            sound = await asyncio.to_thread(read_exported_take, folder / name)
            if n_begun == self._target.n_begun:  # no other has begun meanwhile
                self._target.set(*sound)
                self._touch("target")

    def _folder(self) -> Path | None:
        welcome = self._mirror.welcome
        return Path(welcome.sketches) if welcome is not None and welcome.sketches else None
