"""The presets that a player likes best, by model, kept on disk: a phone shows the same as the desk."""

import json
from pathlib import Path

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.plain_file import read_json
from core.store.folder_lock import locked

__all__ = ["Favourites"]

_MAX_BYTES = 4 << 20
_MOST = 10_000  # of one model
_WAIT_S = 0.5  # for another panel that stores; the page waits as well


class Favourites:
    """Names of presets by model. Several panels may share the file.

    Args:
        path: File that keeps them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = self._read()

    def names(self, model: str) -> list[str]:
        """Return the favourites of a model, sorted."""
        return sorted(self._kept.get(model, ()))

    def like(self, model: str, name: str, on: bool) -> None:
        """Make a preset a favourite, or make it none.

        Raises:
            OSError: The file cannot be written; it holds until the panel stops.
        """
        self._change(model, {name} if on else set(), set() if on else {name})

    def rename(self, model: str, name: str, new: str) -> None:
        """Keep a renamed preset a favourite, if it was one.

        Raises:
            OSError: As in `like`.
        """
        if name in self._kept.get(model, ()):
            self._change(model, {new}, {name})

    def _change(self, model: str, more: set[str], less: set[str]) -> None:
        def changed(kept: dict[str, set[str]]) -> dict[str, set[str]]:
            names = (kept.get(model, set()) | more) - less
            return {**kept, model: set(sorted(names)[:_MOST])}

        self._kept = changed(self._kept)
        with locked(self._path.parent, _WAIT_S):
            self._kept = changed({**self._kept, **self._read()})
            text = json.dumps({key: sorted(names) for key, names in self._kept.items()}, ensure_ascii=False)
            write_atomically(self._path, text)

    def _read(self) -> dict[str, set[str]]:
        """Return what the file holds; a damaged one holds nothing."""
        try:
            data = read_json(self._path, _MAX_BYTES)
        except (OSError, ConfigError):
            return {}
        if not isinstance(data, dict):
            return {}
        return {
            model: {name for name in names if isinstance(name, str)}
            for model, names in data.items()
            if isinstance(names, list)
        }
