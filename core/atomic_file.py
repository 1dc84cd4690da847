"""Writing a file whole or not at all: whoever reads it sees the old contents or the new, never a part."""

import contextlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["replacing", "write_atomically", "write_together"]

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
    partial = _partial(path, 0o600 if private else 0o666)
    try:
        yield partial
        _settle(partial, None if private else path)
        _replace(partial, path)
        _sync_folder(path.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write files, each as `write_atomically`; they take their places in this order, one right after another.

    Between the first and the last of them pass microseconds, however large the files are.

    Raises:
        OSError: One cannot be written; unless the disk failed in those microseconds, all are as they were.
    """
    partials: dict[Path, Path] = {}
    try:
        for name, content in contents.items():
            path = Path(os.path.realpath(name))
            partial = _partial(path, 0o666)
            partials[partial] = path
            partial.write_bytes(content)
            _settle(partial, path)
        for partial, path in partials.items():
            _replace(partial, path)
        for folder in {path.parent for path in partials.values()}:
            _sync_folder(folder)
    except BaseException:
        for partial in partials:
            partial.unlink(missing_ok=True)
        raise


def _partial(path: Path, mode: int) -> Path:
    """Return a new empty file beside another: its name is taken, and only who may by `mode` ever reads it."""
    partial = path.with_name(f".{path.stem[:40]}.{secrets.token_hex(4)}.partial")
    with open(partial, "xb", opener=lambda name, flags: os.open(name, flags, mode)):
        return partial


def _settle(partial: Path, like: Path | None) -> None:
    """Have the contents of a file on the disk, and give it the permissions of another that may be there."""
    with partial.open("r+b") as file:
        os.fsync(file.fileno())  # or a power cut may leave an empty file under the new name
    if like is not None and like.exists():
        shutil.copymode(like, partial)


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
