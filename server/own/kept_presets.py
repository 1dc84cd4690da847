"""Which presets are adopted already: their folders, whose macros are made, and the files they came from."""

import json
import logging
from pathlib import Path

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.plain_file import read_json
from core.store.data_folder import make_private
from server.own.own_files import OwnFile

__all__ = ["KeptPresets"]

logger = logging.getLogger(__name__)

_FORMAT = 1
_LIST = "adopted.json"
_MAX_BYTES = 16 << 20

_File = tuple[str, int, int]  # path, size and time of the last change


class KeptPresets:
    """The folders of adopted presets. Everything is for the loop, but `write`.

    Args:
        root: Where they are; made when the first is adopted.

    Attributes:
        root: As given.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._files = {name: file for name, file in _read(root / _LIST).items() if (root / name).is_dir()}
        self._known = {file: name for name, file in self._files.items()}

    @property
    def folders(self) -> dict[str, Path]:
        """The folders that can be played at once, by name."""
        return {name: self.root / name for name in self._files}

    def __contains__(self, folder: object) -> bool:
        """Whether the folder of that name is complete."""
        return folder in self._files

    def is_kept(self, file: OwnFile) -> bool:
        """Whether a file, as it is now, is adopted: by its path, size and time, without reading it."""
        return _facts(file) in self._known

    def add(self, folder: Path, file: OwnFile) -> None:
        """Note that a folder is complete, and what it was made of."""
        # New ones, because a worker may be writing the last.
        self._files = {**self._files, folder.name: _facts(file)}
        self._known = {**self._known, _facts(file): folder.name}

    def write(self) -> None:
        """Write the list, whole or not at all. For a worker thread.

        Raises:
            ConfigError: It cannot be written.
        """
        text = json.dumps({"format": _FORMAT, "folders": self._files}, ensure_ascii=False, indent=1)
        try:
            make_private(self.root)
            write_atomically(self.root / _LIST, text)
        except OSError as error:
            raise ConfigError(
                f"the list of adopted presets could not be saved to {self.root}: {error.strerror}. Start the "
                "server with --data FOLDER to save elsewhere."
            ) from error


def _facts(file: OwnFile) -> _File:
    return str(file.path), file.n_bytes, file.changed_ns


def _read(path: Path) -> dict[str, _File]:
    """Read the list; one that makes no sense is reported, and presets are adopted again."""
    if not path.exists():
        return {}
    try:
        data = read_json(path, _MAX_BYTES)
        if data["format"] != _FORMAT:
            raise ValueError("it is of another version")
        return {
            str(name): (str(file), int(n_bytes), int(changed_ns))
            for name, (file, n_bytes, changed_ns) in data["folders"].items()
            if Path(name).name == name
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ConfigError) as error:
        logger.warning("%s makes no sense and is left out: %r. Correct it, or delete it.", path, error)
        return {}
