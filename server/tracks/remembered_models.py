"""Which model each instrument plays, kept in a file: an instrument that comes back plays its own again."""

import logging
from pathlib import Path

import yaml

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.plain_file import read_yaml
from core.store.data_folder import make_private

__all__ = ["RememberedModels"]

logger = logging.getLogger(__name__)

_FORMAT = 1
_MOST = 1024  # instruments; those that were changed longest ago are forgotten


class RememberedModels:
    """Names of models by identity of the instrument; only those that do not play the server's default.

    Args:
        path: The file; made when the first is noted.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names = _read(path)

    def model_of(self, identity: str) -> str:
        """Return the model that an instrument plays; empty for the server's default."""
        return self._names.get(identity, "")

    def note(self, identity: str, model: str) -> bool:
        """Note what an instrument plays, empty for the server's default; return whether that is news.

        The nameless instrument belongs to nobody who could come back.
        """
        if not identity or self.model_of(identity) == model:
            return False
        names = {other: name for other, name in self._names.items() if other != identity}
        if model:
            names[identity] = model
        self._names = dict(list(names.items())[-_MOST:])  # a new one: a worker may be writing the last
        return True

    def write(self) -> None:
        """Write the file, whole or not at all. For a worker thread.

        Raises:
            ConfigError: It cannot be written.
        """
        text = yaml.safe_dump({"format": _FORMAT, "models": self._names}, sort_keys=False, allow_unicode=True)
        try:
            make_private(self._path.parent)
            write_atomically(self._path, text)
        except OSError as error:
            raise ConfigError(
                f"which model each instrument plays could not be saved to {self._path}: {error.strerror}. "
                "Start the server with --data FOLDER to save elsewhere."
            ) from error


def _read(path: Path) -> dict[str, str]:
    """Read the file; one that makes no sense is reported, and nothing is remembered."""
    if not path.exists():
        return {}
    try:
        data = read_yaml(path)
        if data["format"] != _FORMAT:
            raise ValueError("it is of another version")
        return {str(identity): str(model) for identity, model in list(data["models"].items())[-_MOST:]}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ConfigError) as error:
        logger.warning("%s makes no sense and is left out: %r. Correct it, or delete it.", path, error)
        return {}
