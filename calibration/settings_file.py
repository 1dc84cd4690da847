"""One value of another program's JSON settings, changed without touching a byte of the rest.

Parsing and writing the whole file would reorder keys and respell numbers that are not ours.
"""

import json
import stat
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

from core.atomic_file import write_atomically
from core.errors import ConfigError

__all__ = ["SettingsText", "read_settings", "write_settings"]

_BLANK = " \t\r\n"
_BOM = "\ufeff"
_MAX_BYTES = 16 * 2**20


@dataclass(frozen=True)
class _Entry:
    """Where a key of the outermost object and its value are in the text."""

    key: str
    begin: int
    value_begin: int
    value_end: int


class SettingsText:
    """The text of a JSON object, and where its entries are.

    Args:
        text: As in the file, a byte order mark included.
        source: For messages.

    Raises:
        ConfigError: It is not one JSON object, or has a key twice.
    """

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self._source = source
        self._entries = self._scan()

    def value(self, key: str) -> Any:
        """Return the value of a key, or None if there is none."""
        entry = self._find(key)
        return None if entry is None else json.loads(self.text[entry.value_begin : entry.value_end])

    def spelling(self, key: str) -> str | None:
        """Return the value of a key as it is written, or None if there is none."""
        entry = self._find(key)
        return None if entry is None else self.text[entry.value_begin : entry.value_end]

    def with_value(self, key: str, spelling: str) -> "SettingsText":
        """Return the same text with another value for a key; a new key comes last."""
        entry = self._find(key)
        if entry is not None:
            text = self.text[: entry.value_begin] + spelling + self.text[entry.value_end :]
        else:
            end = self._entries[-1].value_end if self._entries else self.text.index("{") + 1
            comma = "," if self._entries else ""
            text = self.text[:end] + comma + json.dumps(key) + ":" + spelling + self.text[end:]
        return SettingsText(text, self._source)

    def without(self, key: str) -> "SettingsText":
        """Return the same text without a key; undoes what `with_value` did for a new one."""
        entry = self._find(key)
        if entry is None:
            return self
        at = self._entries.index(entry)
        if at > 0:
            begin, end = self._entries[at - 1].value_end, entry.value_end
        elif len(self._entries) > 1:
            begin, end = entry.begin, self._entries[1].begin
        else:
            begin, end = entry.begin, entry.value_end
        return SettingsText(self.text[:begin] + self.text[end:], self._source)

    def _find(self, key: str) -> _Entry | None:
        return next((entry for entry in self._entries if entry.key == key), None)

    def _scan(self) -> list[_Entry]:
        decoder = json.JSONDecoder()
        entries: list[_Entry] = []
        try:
            at = self._skip(len(_BOM) if self.text.startswith(_BOM) else 0)
            at = self._expect("{", at)
            while self.text[at] != "}":
                if entries:
                    at = self._expect(",", at)
                begin = at
                if self.text[at] != '"':
                    raise ValueError("a key should begin here")
                key, at = scanstring(self.text, at + 1)
                at = self._expect(":", self._skip(at))
                _, end = decoder.raw_decode(self.text, at)
                entries.append(_Entry(key, begin, at, end))
                at = self._skip(end)
            if self._skip(at + 1) != len(self.text):
                raise ValueError("something follows the end")
        except (ValueError, IndexError, RecursionError) as error:
            raise ConfigError(
                f"{self._source} is not the JSON that was expected ({error or 'it ends too early'}); "
                "nothing was changed. Start the synth once and close it, so that it writes the file again."
            ) from None
        keys = [entry.key for entry in entries]
        if len(set(keys)) < len(keys):
            raise ConfigError(f"{self._source} has a key twice; nothing was changed.")
        return entries

    def _skip(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in _BLANK:
            at += 1
        return at

    def _expect(self, sign: str, at: int) -> int:
        if self.text[at] != sign:
            raise ValueError(f"{sign} expected at {at}")
        return self._skip(at + 1)


def read_settings(path: Path) -> SettingsText:
    """Read a settings file.

    Raises:
        ConfigError: It cannot be read, is too large, not UTF-8, or not a JSON object.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise ConfigError(f"{path} is not a regular file; nothing was changed.")
        if facts.st_size > _MAX_BYTES:
            raise ConfigError(f"{path} is larger than any settings; nothing was changed.")
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8; nothing was changed.") from None
    return SettingsText(text, str(path))


def write_settings(path: Path, text: str) -> None:
    """Write a file whole or not at all, with the permissions that it has.

    Raises:
        ConfigError: The folder cannot be written.
    """
    try:
        write_atomically(path, text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}. It is as before.") from None
