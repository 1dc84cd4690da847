"""Hearing the presets of folders: whatever is not known yet, one after another, kept as it goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from core.errors import BridgeError
from library.index import Index, KnownFile, read_index, write_index
from library.renderer import Renderer
from library.scan import FoundFile, LeftOut, digest_of, real_path, scan

__all__ = ["Progress", "hear_folders"]

_SAVE_S = 5.0
_SAVE_SHARE = 0.05  # of what is known, that is new: a large index is not written for each few presets


@dataclass(frozen=True)
class Progress:
    """How far it is.

    Attributes:
        done: Presets that are known, of those found.
        total: Presets found.
        name: File name of the one that was last heard.
        saved: Whether all of them are on disk.
        left_out: A file that was left out just now, if one was.
    """

    done: int
    total: int
    name: str = ""
    saved: bool = False
    left_out: LeftOut | None = None


def hear_folders(
    folders: Sequence[Path],
    path: Path,
    tell: Callable[[Progress], None],
    stopping: Callable[[], bool] = lambda: False,
    most: int | None = None,
) -> Index:
    """Hear the presets that lie in folders and are not known yet.

    Args:
        folders: Where they lie.
        path: File of the index.
        tell: Called after each preset, at each file left out, and at the end.
        stopping: Asked before each preset; what was heard is kept.
        most: Presets to hear in this call; by default all.

    Raises:
        OSError: The index cannot be read or written.
    """
    found = scan(folders)
    index = read_index(path)
    own = [real_path(folder) for folder in folders]
    index.forget_files(own, found.found)
    total = len(found.found)
    for item in found.left_out:
        tell(Progress(0, total, left_out=item))
    renderer, n_new, saved_at, done, before = Renderer(), 0, monotonic(), 0, len(index.heard)
    try:
        for file in found.found:
            if stopping() or (most is not None and len(index.heard) - before >= most):
                break
            known = index.files.get(str(file.path))
            if known is None or not known.is_still(file) or not index.knows(known.digest):
                n_new += 1
                reason = _learn(file, index, renderer)
            else:
                reason = index.refused.get(known.digest, "")
            done += 1
            due = monotonic() - saved_at >= _SAVE_S and n_new >= _SAVE_SHARE * len(index.heard)
            if due and n_new:
                write_index(path, index, own)
                n_new, saved_at = 0, monotonic()
            left_out = LeftOut(file.path, reason) if reason else None
            tell(Progress(done, total, file.path.stem, saved=n_new == 0, left_out=left_out))
    finally:
        renderer.stop()
        write_index(path, index, own)
    tell(Progress(done, total, saved=True))
    return index


def _learn(file: FoundFile, index: Index, renderer: Renderer) -> str:
    """Read a file, hear it if its content is new, and return why it is left out; empty if it is not."""
    try:
        digest = digest_of(file.path)
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    index.files[str(file.path)] = KnownFile(file.n_bytes, file.changed_ns, digest)
    if not index.knows(digest):
        try:
            index.heard[digest] = renderer.hear(file.path)
        except BridgeError as error:
            index.refused[digest] = " ".join(str(error).split())
    return index.refused.get(digest, "")
