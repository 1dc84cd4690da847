"""What was measured of a device, saved as YAML in the user's data folder, one file each."""

import logging
import re
from pathlib import Path
from typing import Any

import yaml

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.plain_file import check_finite, read_yaml
from core.store.data_folder import data_folder
from core.store.folder_lock import locked
from core.store.kept_files import set_aside

__all__ = ["facts_path", "read_facts", "write_facts"]

logger = logging.getLogger(__name__)

_UNSAFE = re.compile(r"[^\w.+-]+")
_LONGEST, _MOST_BYTES = 80, 200  # of the device's part of a file name
_MOST_ALIKE = 64  # devices whose names come to one file name


def facts_path(kind: str, device: str, folder: Path | None = None) -> Path:
    """Return the file that holds facts of one kind, such as `loop`, about a device, or is to hold them.

    Two devices never share one: where the name is taken by another device, the file has a number.
    """
    return _find(kind, device, folder)[0]


def read_facts(kind: str, device: str, folder: Path | None = None) -> dict[str, Any] | None:
    """Read what was measured; None if nothing was, or the file is damaged or not one of ours."""
    return _find(kind, device, folder)[1]


def _find(kind: str, device: str, folder: Path | None) -> tuple[Path, dict[str, Any] | None]:
    """Return the file of a device's facts and what it holds; None where there is none, or it is damaged."""
    short = _UNSAFE.sub("-", device).strip("-.")[:_LONGEST]
    stem = short.encode()[:_MOST_BYTES].decode(errors="ignore") or "unnamed"
    folder = folder or data_folder() / "calibration"
    free = None
    for k in range(1, _MOST_ALIKE):
        path = folder / f"{kind}-{stem}{f'-{k}' if k > 1 else ''}.yaml"
        try:
            facts = read_yaml(path)
            check_finite(facts, str(path))
            if not isinstance(facts, dict) or not isinstance(facts.get("device"), str):
                raise ConfigError(f"{path} does not say which device it is about.")
        except FileNotFoundError:
            return free or path, None
        except OSError as error:
            logger.warning("%s cannot be read: %s. What was measured is left out", path, error.strerror)
            return path, None
        except ConfigError as error:
            logger.warning("%s What was measured is left out; measure again.", error)
            free = free or path
            continue
        if facts["device"] == device:
            return path, facts
    return free or path, None


def write_facts(kind: str, device: str, facts: dict[str, Any], folder: Path | None = None) -> Path:
    """Save what was measured, whole or not at all; a damaged file in its place is set aside.

    Raises:
        ConfigError: The folder cannot be written.
    """
    text = yaml.safe_dump({"device": device, **facts}, sort_keys=False, allow_unicode=True)
    path = facts_path(kind, device, folder)
    try:
        with locked(path.parent):
            path, known = _find(kind, device, folder)
            if known is None and path.exists():
                set_aside(path)
            write_atomically(path, text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}. Make the folder writable.") from error
    return path
