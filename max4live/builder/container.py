"""The `.amxd` file: chunks around a patcher, and the block in which a frozen device carries its files.

    ampf  4 bytes: kind of device     meta  4 bytes: 1 plain, 7 frozen     ptch  the patcher

Chunk sizes are little-endian and count the payload only; inside the frozen block everything is
big-endian and sizes count their own 8 bytes of head. We write what Max 8.5 writes, and read what any Max
wrote: `meta` may be absent or 0 in a plain device and 4 in a frozen one, bytes of an older, longer version
may follow the patcher and the directory, old texts may not be UTF-8. A `.maxpat` is the patcher alone.

References:
    The layout found in public devices, and as Ableton's maxdevtools read it.
"""

import struct
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from max4live.builder.errors import DesignError, EncryptedError

__all__ = ["KINDS", "ON_DISK_FLAG", "Contents", "freeze", "read", "write_plain"]

KINDS = {
    "audio": b"aaaa",
    "midi": b"mmmm",
    "instrument": b"iiii",
    "transformation": b"natt",  # Live 12's MIDI Tools
    "generator": b"nagg",
}
_PLAIN, _FROZEN = 1, 7
_BLOCK = b"mx@c"
_BETWEEN = {b"meta", b"anno", b"ciph"}  # ampf and ptch; none of them is always there
_FIELDS = [b"type", b"fnam", b"sz32", b"of32", b"vers", b"flag", b"mdat"]
_HEAD_BYTES = 16
_DEVICE_FLAG = 17
# Max writes such a file to disk before the device uses it: a script of node.script, which runs in a process
# of its own. So Ableton's FrozenTest.amxd and Knobbler4's nodeCheck-frozen.amxd; other scripts have 0.
ON_DISK_FLAG = 8
_TYPES = {".js": b"TEXT", ".txt": b"TEXT", ".json": b"JSON", ".maxpat": b"JSON", ".svg": b"svg "}
# Max stores seconds since 1904. A fixed day keeps two builds the same; Max shows it nowhere.
EPOCH_1904_S = 3_850_000_000


@dataclass(frozen=True)
class Contents:
    """What a device file holds.

    Attributes:
        kind: One of `KINDS`; empty in a patcher that is no device.
        patcher: The patcher's JSON text, without the closing NUL.
        files: Files frozen into the device, by name; empty in a plain one.
        frozen: Whether it is a frozen device.
        flags: The flag of each frozen file.
        meta: The number in the chunk of this name, None where there is none.
    """

    kind: str
    patcher: str
    files: Mapping[str, bytes]
    frozen: bool
    flags: Mapping[str, int] = field(default_factory=dict)
    meta: int | None = None

    @property
    def form(self) -> str:
        """How the patcher is kept: `patcher`, `plain` or `frozen`."""
        return "frozen" if self.frozen else "plain" if self.kind else "patcher"


def write_plain(kind: str, patcher: str) -> bytes:
    """Return the bytes of an unfrozen device, which looks for its scripts beside itself."""
    return _chunks(kind, _PLAIN, patcher.encode() + b"\0")


def freeze(
    kind: str, name: str, patcher: str, files: Mapping[str, bytes], on_disk: Container[str] = ()
) -> bytes:
    """Return the bytes of a frozen device: one file that contains its scripts.

    Args:
        kind: One of `KINDS`.
        name: File name of the device, such as `Flow Synth.amxd`.
        patcher: The patcher's JSON text.
        files: Content by bare file name; written in order of name.
        on_disk: Files that have to exist on disk when the device runs.
    """
    parts = [(name, patcher.encode() + b"\0", _DEVICE_FLAG)]
    parts += [(file, files[file], ON_DISK_FLAG if file in on_disk else 0) for file in sorted(files)]
    data, entries, offset = b"", b"", _HEAD_BYTES
    for file, content, flag in parts:
        entries += _entry(file, len(content), offset, flag)
        data += content
        offset += len(content)
    head = _BLOCK + struct.pack(">IQ", _HEAD_BYTES, offset)
    return _chunks(kind, _FROZEN, head + data + _field(b"dlst", entries))


def read(data: bytes) -> Contents:
    """Read the parts of a device, or a patcher as plain JSON.

    Raises:
        EncryptedError: The device is whole, but only Max can read it.
        DesignError: It is neither, or it is damaged.
    """
    if data[:4] != b"ampf":
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
            raise DesignError(
                "the file begins neither with 'ampf', as devices do, nor with '{', as patchers do"
            )
        return Contents("", _text(data), {}, False)
    pairs = list(_read_chunks(data))
    chunks = dict(pairs)
    tags = [tag for tag, _ in pairs]
    if tags[0] != b"ampf" or tags[-1] != b"ptch" or not _BETWEEN.issuperset(tags[1:-1]):
        raise DesignError(f"the chunks are {tags}; Max writes ampf, meta, ptch")
    kinds = {tag: kind for kind, tag in KINDS.items()}
    if chunks[b"ampf"] not in kinds:
        raise DesignError(f"unknown kind of device {chunks[b'ampf']!r}")
    if b"ciph" in chunks:
        raise EncryptedError("the device is encrypted, so nothing in it can be checked")
    kind, payload = kinds[chunks[b"ampf"]], chunks[b"ptch"]
    meta = int.from_bytes(chunks[b"meta"], "little") if b"meta" in chunks else None
    if payload[:4] != _BLOCK:
        return Contents(kind, _text(payload), {}, False, meta=meta)
    entries = list(_read_block(payload))
    return Contents(
        kind,
        _text(entries[0][1]),
        {name: content for name, content, _ in entries[1:]},
        True,
        {name: flag for name, _, flag in entries[1:]},
        meta,
    )


def _text(content: bytes) -> str:
    # Old versions of Max wrote names in the character set of the machine.
    return content.removeprefix(b"\xef\xbb\xbf").rstrip(b"\0").decode(errors="replace")


def _chunks(kind: str, meta: int, payload: bytes) -> bytes:
    if kind not in KINDS:
        raise DesignError(f"unknown kind of device '{kind}'; there are {', '.join(KINDS)}")
    chunks = ((b"ampf", KINDS[kind]), (b"meta", struct.pack("<I", meta)), (b"ptch", payload))
    return b"".join(tag + struct.pack("<I", len(body)) + body for tag, body in chunks)


def _field(tag: bytes, body: bytes) -> bytes:
    return tag + struct.pack(">I", len(body) + 8) + body


def _entry(name: str, n_bytes: int, offset: int, flag: int) -> bytes:
    suffix = PurePosixPath(name).suffix
    kind = b"JSON" if flag == _DEVICE_FLAG else _TYPES.get(suffix)
    if kind is None or "/" in name or "\\" in name:
        raise DesignError(f"'{name}' cannot be frozen: a bare name that ends in {', '.join(_TYPES)}")
    text = name.encode() + b"\0"
    text += b"\0" * (-len(text) % 4)
    numbers = ((b"sz32", n_bytes), (b"of32", offset), (b"vers", 0), (b"flag", flag), (b"mdat", EPOCH_1904_S))
    fields = _field(b"type", kind) + _field(b"fnam", text)
    fields += b"".join(_field(tag, struct.pack(">I", number)) for tag, number in numbers)
    return _field(b"dire", fields)


def _read_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = 0
    while offset < len(data):
        tag, size = data[offset : offset + 4], data[offset + 4 : offset + 8]
        end = offset + 8 + int.from_bytes(size, "little")
        if len(size) < 4 or end > len(data):
            raise DesignError(f"chunk {tag!r} at byte {offset} reaches past the end of the file")
        yield tag, data[offset + 8 : end]
        offset = end


def _read_fields(data: bytes, offset: int) -> Iterator[tuple[bytes, bytes]]:
    while offset < len(data):
        size = int.from_bytes(data[offset + 4 : offset + 8], "big")
        if size < 8 or offset + size > len(data):
            raise DesignError(f"field at byte {offset} of the frozen block has size {size}")
        yield data[offset : offset + 4], data[offset + 8 : offset + size]
        offset += size


def _read_block(block: bytes) -> Iterator[tuple[str, bytes, int]]:
    if len(block) < _HEAD_BYTES:
        raise DesignError("the frozen block is cut off")
    head, footer = struct.unpack(">IQ", block[4:_HEAD_BYTES])
    if head != _HEAD_BYTES or footer >= len(block):
        raise DesignError(f"the frozen block has a head of {head} bytes and a directory at {footer}")
    # What follows the directory is left over from an older, longer version of the file.
    tag, entries = next(_read_fields(block, footer))
    if tag != b"dlst" or not entries:
        raise DesignError("the frozen block does not end with a directory of its files")
    end = _HEAD_BYTES
    for tag, body in _read_fields(entries, 0):
        fields = dict(_read_fields(body, 0))
        if tag != b"dire" or list(fields) != _FIELDS:
            raise DesignError(f"entry {tag!r} of the directory is not as Max writes it")
        n_bytes, offset, flag = (int.from_bytes(fields[t], "big") for t in (b"sz32", b"of32", b"flag"))
        if offset != end or offset + n_bytes > footer:
            raise DesignError(f"a frozen file begins at {offset} instead of {end}, or runs over the end")
        end += n_bytes
        yield fields[b"fnam"].rstrip(b"\0").decode(errors="replace"), block[offset:end], flag
    if end != footer:
        raise DesignError(f"{footer - end} bytes lie between the last frozen file and the directory")
