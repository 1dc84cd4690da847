"""What was measured of a device, saved as YAML in the user's data folder, one file each."""

import re
from pathlib import Path
from typing import Any

import yaml

from core.atomic_file import write_atomically
from core.data_folder import data_folder
from core.errors import ConfigError

__all__ = ["facts_path", "read_facts", "write_facts"]

_UNSAFE = re.compile(r"[^\w.+-]+")
_LONGEST = 80


def facts_path(kind: str, device: str, folder: Path | None = None) -> Path:
    """Return the file that holds facts of one kind, such as `loop`, about a device."""
    stem = _UNSAFE.sub("-", device).strip("-.")[:_LONGEST] or "unnamed"
    return (folder or data_folder() / "calibration") / f"{kind}-{stem}.yaml"


def read_facts(kind: str, device: str, folder: Path | None = None) -> dict[str, Any] | None:
    """Read what was measured; None if nothing was, or the file is not one of ours."""
    path = facts_path(kind, device, folder)
    try:
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    return facts if isinstance(facts, dict) and facts.get("device") == device else None


def write_facts(kind: str, device: str, facts: dict[str, Any], folder: Path | None = None) -> Path:
    """Save what was measured, whole or not at all.

    Raises:
        ConfigError: The folder cannot be written.
    """
    path = facts_path(kind, device, folder)
    text = yaml.safe_dump({"device": device, **facts}, sort_keys=False, allow_unicode=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}. Make the folder writable.") from error
    return path
