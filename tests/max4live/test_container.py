"""The `.amxd` container: what was written is read back, and nothing else is."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from max4live.builder.container import KINDS, freeze, read, write_plain
from max4live.builder.errors import DesignError

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


@pytest.mark.parametrize("data", [b"", b"ampf", TEXT.encode(), write_plain("audio", TEXT)[:-1]])
def test_what_is_no_device_is_refused(data):
    with pytest.raises(DesignError):
        read(data)


def test_every_truncation_is_noticed():
    data = freeze("audio", "A.amxd", TEXT, {"b.js": b"1;", "c.js": b"2;"})
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
