"""Writing a file whole or not at all: whoever reads it sees the old contents or the new, never a part."""

import contextlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["replacing", "write_atomically"]

_WINDOWS_WAITS_S = (0.01, 0.05, 0.25)  # a reader or a virus scanner holds a file there for a moment


def write_atomically(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Write a file whole or not at all. The folder has to be there.

    Args:
        path: The file; where it is a link, the file that it leads to.
        content: All of it; text is written as UTF-8, with its line ends as they are.
        private: Whether the file is for this user alone. Otherwise one that is there keeps its permissions.

    Raises:
        OSError: It cannot be written; what was there is as it was.
    """
    with replacing(path, private=private) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)


@contextlib.contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Yield an empty file to write into, which takes the place of `path` if nothing goes wrong.

    It lies beside `path` under a name of its own, so any number of writers may be at it: the last one wins.
    For libraries that write files themselves; all else is for `write_atomically`.

    Raises:
        OSError: It cannot be written; what was there is as it was.
    """
    path = Path(os.path.realpath(path))
    partial = path.with_name(f".{path.stem[:40]}.{secrets.token_hex(4)}.partial")
    mode = 0o600 if private else 0o666
    with open(partial, "xb", opener=lambda name, flags: os.open(name, flags, mode)):
        pass  # its name is taken, and with `private` nobody else ever reads it
    try:
        yield partial
        with partial.open("r+b") as file:
            os.fsync(file.fileno())  # or a power cut may leave an empty file under the new name
        if not private and path.exists():
            shutil.copymode(path, partial)
        _replace(partial, path)
        _sync_folder(path.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Have a power cut keep the new name, too; Windows does by itself, and has no folders to open."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):  # some network drives refuse
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _replace(partial: Path, path: Path) -> None:
    for wait_s in _WINDOWS_WAITS_S if sys.platform == "win32" else ():
        try:
            os.replace(partial, path)
            return
        except PermissionError:
            time.sleep(wait_s)
    os.replace(partial, path)
