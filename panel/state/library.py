"""People's own presets: listed page by page, adopted, and taken in when a file is dropped."""

import asyncio
from pathlib import Path
from typing import Any

from core.atomic_file import write_atomically
from core.errors import PatchError, ProtocolError
from core.store.data_folder import make_private
from core.store.folder_lock import locked
from core.store.kept_files import folded, free_path, stem_of
from panel.osc.link import Link
from server.instrument.preset_file import check_name
from server.running.hearing_process import DROPPED

__all__ = ["Library"]

_PAGE = 64  # as the server answers
_LOST_S = 1.5  # without the rest of a page, it is asked for again
_MOST_TRIES = 5
_LIST_EVERY_S = 5.0  # while presets are being heard


class Library:
    """Keeps the mirror's list of people's own presets complete.

    Args:
        link: To the server.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._mirror = link.mirror
        self._first = 0  # of the page that was asked for last
        self._tries = 0
        self._waiting: asyncio.TimerHandle | None = None
        self._listing: asyncio.TimerHandle | None = None

    def columns(self) -> dict[str, list[Any]]:
        """Return the presets as columns: names, what is said of each, x and y; -1 without a place."""
        listed = [one for _, one in sorted(self._mirror.library.items())]
        return {
            "names": [one.name for one in listed],
            "notes": [", ".join(filter(None, (one.style, one.author))) for one in listed],
            "x": [round(one.x, 4) for one in listed],
            "y": [round(one.y, 4) for one in listed],
        }

    def followed(self) -> None:
        """Ask for the list again soon: the server has heard more."""
        if self._listing is None:
            self._listing = asyncio.get_running_loop().call_later(_LIST_EVERY_S, self._list)

    def received(self) -> None:
        """Ask for the next page once this one is complete."""
        last = min(self._first + _PAGE, self._mirror.n_library)
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if any(k not in self._mirror.library for k in range(self._first, last)):
            self._waiting = asyncio.get_running_loop().call_later(_LOST_S, self._ask_again)
        elif last < self._mirror.n_library:
            self._tries = 0
            self._ask(last)

    def ask_like(self, name: str) -> None:
        """Ask which presets sound like one."""
        self._link.send("/flow/library/like", name)

    def ask_sung(self) -> None:
        """Ask which presets sound like what was sketched last."""
        self._link.send("/flow/library/sung")

    def adopt(self, name: str) -> None:
        """Have a preset adopted and played."""
        self._link.send("/flow/own", name)

    async def take(self, file_name: str, data: bytes) -> None:
        """Keep a preset that was dropped, and have it adopted and played.

        Raises:
            PatchError: It is no preset, or cannot be kept.
        """
        welcome = self._mirror.welcome
        if welcome is None or not welcome.sketches:
            raise PatchError("There is no server to take it; start it, and drop the preset again.")
        taken = {folded(one.name) for one in self._mirror.library.values()}
        folder = Path(welcome.sketches).parent / DROPPED
        name = await asyncio.to_thread(_keep, folder, file_name, data, taken)
        self._link.send("/flow/library/hear")
        self.adopt(name)

    def _list(self) -> None:
        self._listing = None
        self._tries = 0
        self._ask(0)

    def _ask_again(self) -> None:
        self._waiting = None
        self._tries += 1
        if self._tries <= _MOST_TRIES:
            self._ask(self._first)

    def _ask(self, first: int) -> None:
        self._first = first
        self._link.send("/flow/library", "", "", "", first)


def _keep(folder: Path, file_name: str, data: bytes, taken: set[str]) -> str:
    """Write a preset under a name that no other has, and return the name. For a worker thread.

    Raises:
        PatchError: It is no preset, or cannot be kept.
    """
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        raise PatchError("This is not a Vital preset; drop a .vital file.")
    try:
        stem = stem_of(check_name(Path(file_name).stem))
    except ProtocolError:
        stem = "Preset"
    try:
        make_private(folder)
        with locked(folder):
            path = free_path(folder, stem, ".vital", {f"{name}.vital" for name in taken})
            write_atomically(path, data)
    except OSError as error:
        raise PatchError(f"The preset cannot be kept in {folder}: {error.strerror}; make room.") from error
    return path.stem
