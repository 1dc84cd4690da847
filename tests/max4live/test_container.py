"""The `.amxd` container: what was written is read back, and nothing else is."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from max4live.builder.container import KINDS, freeze, read, write_plain
from max4live.builder.errors import DesignError, EncryptedError

TEXT = '{"patcher": {"fileversion": 1, "title": "Grüße"}}'
names = st.from_regex(r"[a-zä_ ]{1,20}\.js", fullmatch=True)


@pytest.mark.parametrize("kind", KINDS)
def test_plain_round_trip(kind):
    contents = read(write_plain(kind, TEXT))
    assert (contents.kind, contents.patcher, contents.frozen, dict(contents.files)) == (kind, TEXT, False, {})


@given(st.sampled_from(sorted(KINDS)), st.dictionaries(names, st.binary(max_size=200), max_size=5))
def test_frozen_round_trip(kind, files):
    data = freeze(kind, "Flöte.amxd", TEXT, files)
    contents = read(data)
    assert (contents.kind, contents.patcher, contents.frozen) == (kind, TEXT, True)
    assert dict(contents.files) == files
    assert freeze(kind, "Flöte.amxd", TEXT, dict(reversed(files.items()))) == data
    assert dict(contents.flags) == dict.fromkeys(files, 0)


def test_a_file_that_must_be_on_disk_has_the_flag_of_such_files():
    """As in Ableton's FrozenTest.amxd: 8 for the script of node.script, 17 for the device, else 0."""
    data = freeze("audio", "A.amxd", TEXT, {"b.js": b"1;", "c.js": b"2;"}, on_disk={"c.js"})
    assert dict(read(data).flags) == {"b.js": 0, "c.js": 8}
    assert data.count(b"flag\0\0\0\x0c\0\0\0\x11") == 1


def test_layout_is_that_of_the_format():
    data = freeze("midi", "A.amxd", TEXT, {"b.js": b"1;"})
    assert data[:12] == b"ampf\x04\0\0\0mmmm" and data[12:24] == b"meta\x04\0\0\0\x07\0\0\0"
    assert data[24:28] == b"ptch" and struct.unpack("<I", data[28:32])[0] == len(data) - 32
    block = data[32:]
    head, footer = struct.unpack(">IQ", block[4:16])
    assert block[:4] == b"mx@c" and head == 16 and block[footer : footer + 4] == b"dlst"
    assert block[16:footer] == TEXT.encode() + b"\0" + b"1;"  # the script without a NUL
    assert struct.unpack(">I", block[footer + 4 : footer + 8])[0] == len(block) - footer


def chunk(tag, body):
    return tag + struct.pack("<I", len(body)) + body


def device(*chunks, kind=b"aaaa"):
    return b"".join(chunk(tag, body) for tag, body in ((b"ampf", kind), *chunks))


PLAIN = {
    "as 8.5 writes it": device((b"meta", b"\1\0\0\0"), (b"ptch", TEXT.encode() + b"\0")),
    "meta 0": device((b"meta", b"\0\0\0\0"), (b"ptch", TEXT.encode() + b"\0")),
    "no meta": device((b"ptch", TEXT.encode() + b"\0")),
    "an annotation": device((b"anno", b"A utility"), (b"ptch", TEXT.encode() + b"\0")),
    "no NUL": device((b"ptch", TEXT.encode())),
    "a transformation": device((b"meta", b"\1\0\0\0"), (b"ptch", TEXT.encode()), kind=b"natt"),
    "a generator": device((b"meta", b"\1\0\0\0"), (b"ptch", TEXT.encode()), kind=b"nagg"),
    "a patcher": TEXT.encode(),
    "a patcher with a byte order mark": b"\xef\xbb\xbf" + TEXT.encode(),
}


@pytest.mark.parametrize("name", PLAIN)
def test_every_plain_container_of_max_is_read(name):
    contents = read(PLAIN[name])
    assert (contents.patcher, contents.frozen, dict(contents.files)) == (TEXT, False, {})
    assert bool(contents.kind) == ("patcher" not in name) and contents.form in ("plain", "patcher")


@pytest.mark.parametrize("meta", [4, 7, 7 << 24])
def test_every_frozen_container_of_max_is_read(meta):
    """Also with the end of an older, longer version behind its directory, as two public devices have it."""
    data = freeze("audio", "A.amxd", TEXT, {"b.js": b"1;"})
    block = data[data.index(b"mx@c") :] + b'escription" : "",'
    contents = read(device((b"meta", struct.pack("<I", meta)), (b"ptch", block)))
    assert (contents.patcher, dict(contents.files), contents.meta) == (TEXT, {"b.js": b"1;"}, meta)


def test_the_end_of_an_older_version_is_read_over():
    rest = TEXT.encode() + b'\0athtype" : 0\n}\n}\n\0'
    assert read(device((b"ptch", rest))).patcher.startswith(TEXT)


def test_names_in_the_character_set_of_an_old_mac_are_read():
    assert "Mac\ufffd" in read(device((b"ptch", b'{"patcher": {"title": "Mac\xd5"}}\0'))).patcher


def test_an_encrypted_device_is_no_damaged_one():
    with pytest.raises(EncryptedError):
        read(device((b"meta", b"\0\0\0\0"), (b"ciph", b"\1" * 8), (b"ptch", b"\x97" * 64)))


@given(st.data())
def test_wrong_sizes_and_flipped_bytes_never_crash_the_reader(data):
    """A size may point anywhere: the answer is the contents or a DesignError, at once."""
    whole = bytearray(freeze("midi", "A.amxd", TEXT, {"b.js": b"1;", "c.js": b"2;"}))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.sampled_from([0, 1, 8, 127, 255]))
    with contextlib.suppress(DesignError):
        read(bytes(whole))


@pytest.mark.parametrize("data", [b"", b"ampf", TEXT[1:].encode(), write_plain("audio", TEXT)[:-1]])
def test_what_is_no_device_is_refused(data):
    with pytest.raises(DesignError):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        freeze("audio", "A.amxd", TEXT, {"b.js": b"1;", "c.js": b"2;"}),
        *(data for name, data in PLAIN.items() if "patcher" not in name),
    ],
)
def test_every_truncation_is_noticed(data):
    for n in range(len(data)):
        with pytest.raises(DesignError):
            read(data[:n])


@given(st.binary(min_size=1, max_size=12))
def test_stray_bytes_are_noticed(extra):
    with pytest.raises(DesignError):
        read(freeze("audio", "A.amxd", TEXT, {"b.js": b"1;"}) + extra)


@pytest.mark.parametrize("name", ["../b.js", "C:\\b.js", "b.exe"])
def test_only_bare_names_of_known_kinds_are_frozen(name):
    with pytest.raises(DesignError):
        freeze("audio", "A.amxd", TEXT, {name: b""})
