"""The store of what was heard: by content, so that a file that is renamed or moved is not heard again.

One file: lines of JSON, then the codes, each compressed by itself, 5 kB a preset. It is written whole or not
at all, and what another program has added meanwhile is kept. Lines are short, so that a thread that reads
thousands of them holds up no other.
"""

import io
import json
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.atomic_file import write_atomically
from core.descriptors import DESCRIPTOR_NAMES
from core.errors import ConfigError
from core.plain_file import is_number, parse_json
from core.store.folder_lock import locked
from core.store.kept_files import set_aside
from library.codes import CODE_BYTES
from library.heard import Heard
from library.scan import MAX_FILES, FoundFile

__all__ = ["MAX_HEARD", "Index", "KnownFile", "read_index", "write_index"]

MAX_HEARD = 2 * MAX_FILES  # contents; beyond it, those that lie in no folder any more are forgotten
_FORMAT = 2  # raise it when presets are heard otherwise; those of 1 were first notes of an instance
_MAX_BYTES = 512 << 20
_LOCK_S = 30.0
_LONGEST_LINE = 1 << 16
_MOST_ROWS = 1 << 17
_HEAD = [_FORMAT, list(DESCRIPTOR_NAMES)]


@dataclass(frozen=True)
class KnownFile:
    """A file as it was when its content was last read, and the SHA-256 of that content."""

    n_bytes: int
    changed_ns: int
    digest: str

    def is_still(self, file: FoundFile) -> bool:
        """Whether the file has not been written since, so that it need not be read again."""
        return (self.n_bytes, self.changed_ns) == (file.n_bytes, file.changed_ns)


@dataclass
class Index:
    """What is known.

    Attributes:
        heard: By digest.
        refused: Why a content cannot be heard, by digest.
        files: By absolute path.
    """

    heard: dict[str, Heard] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    files: dict[str, KnownFile] = field(default_factory=dict)

    def knows(self, digest: str) -> bool:
        """Whether a content was heard or refused."""
        return digest in self.heard or digest in self.refused

    def add_all(self, other: "Index", own: Collection[Path]) -> None:
        """Add what another index has besides, but no files of one's own folders."""
        self.heard = {**other.heard, **self.heard}
        self.refused = {**other.refused, **self.refused}
        elsewhere = {path: known for path, known in other.files.items() if not _lies_in(path, own)}
        self.files = {**elsewhere, **self.files}

    def forget_files(self, folders: Collection[Path], found: Iterable[FoundFile]) -> None:
        """Forget the files that are gone from folders; their contents stay."""
        there = {str(file.path) for file in found}
        self.files = {
            path: known for path, known in self.files.items() if path in there or not _lies_in(path, folders)
        }

    def bound(self, most: int = MAX_HEARD) -> None:
        """Forget contents that lie in no folder any more, if there are too many."""
        used = {known.digest for known in self.files.values()}
        for kept in (self.heard, self.refused):
            unused = [digest for digest in kept if digest not in used]
            for digest in unused[: max(0, len(kept) - most)]:
                del kept[digest]


def _lies_in(path: str, folders: Collection[Path]) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def read_index(path: Path) -> Index:
    """Read the store; an empty one if there is none or an earlier version wrote it, or if it is damaged.

    A damaged one is set aside.

    Raises:
        OSError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return Index()
    try:
        if len(data) > _MAX_BYTES:
            raise ConfigError(f"{path.name} is too large.")
        return _parsed(data, path.name)
    except (ConfigError, UnicodeDecodeError, zlib.error):
        set_aside(path)
        return Index()


def write_index(path: Path, index: Index, own: Collection[Path] = ()) -> None:
    """Write the store, whole or not at all, with what others have written since.

    Args:
        path: The file; its folder is made.
        index: Also takes over what is new in the file.
        own: Folders whose files are as this index has them.

    Raises:
        OSError: It cannot be written.
    """
    with locked(path.parent, _LOCK_S):
        index.add_all(read_index(path), own)
        index.bound()
        write_atomically(path, _bytes(index), private=True)


def _bytes(index: Index) -> bytes:
    blobs = {digest: zlib.compress(heard.code.tobytes(), 6) for digest, heard in index.heard.items()}
    heard_rows = [
        {
            "digest": digest,
            "author": heard.author,
            "style": heard.style,
            "loudness": round(heard.loudness, 3),
            "repeat_db": round(heard.repeat_db, 3),
            "descriptors": [round(float(value), 5) for value in heard.descriptors],
            "code": len(blobs[digest]),
        }
        for digest, heard in index.heard.items()
    ]
    refused_rows = [list(pair) for pair in index.refused.items()]
    file_rows = [[path, *vars(known).values()] for path, known in index.files.items()]
    counts = [len(heard_rows), len(refused_rows), len(file_rows)]
    head = {"format": _FORMAT, "descriptors": DESCRIPTOR_NAMES, "counts": counts}
    # In ASCII: a path may have bytes that are no text.
    lines = [json.dumps(row, allow_nan=False) for row in (head, *heard_rows, *refused_rows, *file_rows)]
    return "\n".join([*lines, ""]).encode("ascii") + b"".join(blobs.values())


def _parsed(data: bytes, source: str) -> Index:
    """Return what the bytes of a store hold.

    Raises:
        ConfigError: They are damaged, or of another version.
    """
    damaged = ConfigError(f"{source} is damaged, or of another version.")
    stream = io.BytesIO(data)

    def rows(n: int) -> list[Any]:
        return [parse_json(stream.readline(_LONGEST_LINE).decode("ascii"), source) for _ in range(n)]

    (head,) = rows(1)
    if isinstance(head, dict) and head.get("format") in range(1, _FORMAT):
        return Index()  # heard otherwise: once more
    if not isinstance(head, dict) or [head.get(k) for k in ("format", "descriptors")] != _HEAD:
        raise damaged
    counts = head.get("counts")
    if not isinstance(counts, list) or len(counts) != 3 or any(type(n) is not int for n in counts):
        raise damaged
    heard_rows, refused_rows, file_rows = (rows(min(n, _MOST_ROWS)) for n in counts)
    are_texts = all(_is_list_of(row, (str, str)) for row in refused_rows)
    are_files = all(_is_list_of(row, (str, int, int, str)) for row in file_rows)
    if not (all(map(_is_row, heard_rows)) and are_texts and are_files):
        raise damaged
    heard = {row["digest"]: _heard(row, stream.read(row["code"]), damaged) for row in heard_rows}
    return Index(heard, dict(refused_rows), {path: KnownFile(*known) for path, *known in file_rows})


def _is_list_of(row: Any, types: tuple[type, ...]) -> bool:
    return isinstance(row, list) and tuple(map(type, row)) == types


def _is_row(row: Any) -> bool:
    texts = ("digest", "author", "style")
    if not isinstance(row, Mapping) or not all(isinstance(row.get(key), str) for key in texts):
        return False
    values = row.get("descriptors")
    return (
        isinstance(values, list)
        and len(values) == len(DESCRIPTOR_NAMES)
        and all(map(is_number, values))
        and all(is_number(row.get(key)) for key in ("loudness", "repeat_db"))
        and type(row.get("code")) is int
        and row["code"] >= 0
    )


def _heard(row: Mapping[str, Any], packed: bytes, damaged: ConfigError) -> Heard:
    unpacker = zlib.decompressobj()
    code = unpacker.decompress(packed, CODE_BYTES + 1)  # one byte more than fits, to notice too many
    if len(packed) != row["code"] or len(code) not in (0, CODE_BYTES):
        raise damaged
    return Heard(
        author=row["author"],
        style=row["style"],
        loudness=float(row["loudness"]),
        repeat_db=float(row["repeat_db"]),
        descriptors=np.array(row["descriptors"], np.float32),
        code=np.frombuffer(code, np.uint8),
    )
