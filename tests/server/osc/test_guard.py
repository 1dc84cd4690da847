import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from core.errors import ProtocolError
from server.osc.builder import build, padded
from server.osc.guard import MAX_DATAGRAM, Malformed, address_of, inspect, split
from server.osc.parser import parse

MACRO = build("/flow/macro", "if", 0, 0.5)
NTP = 2_208_988_800


def bundle(*elements: bytes, tag: bytes = b"\0\0\0\0\0\0\0\1") -> bytes:
    sized = (struct.pack(">i", len(e)) + e for e in elements)
    return b"#bundle\0" + tag + b"".join(sized)


def nested(depth: int, inner: bytes) -> bytes:
    for _ in range(depth):
        inner = bundle(inner)
    return inner


AHEAD = bundle(MACRO, tag=struct.pack(">II", int(time.time()) + NTP + 86_400, 0))  # python-osc sleeps on it
KILLERS = {  # each of these stops or crashes python-osc 1.10.2
    "element of size -4": b"#bundle\0" + b"\0" * 7 + b"\1" + struct.pack(">i", -4),
    "pattern that backtracks": b"/" + b"*" * 24 + b"!\0\0" + b",\0\0\0",
    "nested bundles": nested(390, MACRO),
    "address that is not UTF-8": b"/flow/\xff\0,\0\0\0",
    "text that is not UTF-8": b"/flow/preset/load\0\0\0,s\0\0\xff\xfe\0\0",
}


def read_all(datagram: bytes):
    return [(address_of(m), inspect(m)) for m in split(datagram)]


@pytest.mark.parametrize("name", KILLERS)
def test_killers_of_python_osc_are_refused_at_once(name):
    start = time.thread_time()
    with pytest.raises(Malformed):
        read_all(KILLERS[name])
    assert time.thread_time() - start < 0.1


def test_a_time_tag_in_the_future_is_read_at_once():
    start = time.thread_time()
    assert read_all(AHEAD) == [("/flow/macro", "if")]
    assert time.thread_time() - start < 0.1


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"/",
        b"\0\0\0\0",
        MACRO[:-1],
        MACRO[:-4],
        MACRO + b"\0\0\0\0",
        MACRO.replace(b",if", b"xif"),
        b"/flow/macro\0,if",
        b"/flow/names\0,\0\0x",
        b"/flow/namesx",
        b"/flow/a b\0\0\0,\0\0\0",
        b"/flow/{a,b\0\0,\0\0\0",
        b"/flow/a]\0\0\0\0,\0\0\0",
        b"/flow/[a/b]\0,\0\0\0",
        b"/" + b"?" * 9 + b"\0\0" + b",\0\0\0",
        b"/" + b"*a" * 5 + b"\0" + b",\0\0\0",
        b"/" + b"a" * 62 + b"*a" + b"\0\0\0" + b",\0\0\0",
        b"#bundle\0",
        bundle() + b"\0\0",
        bundle(b""),
        bundle(MACRO)[:-4],
        b"/flow/macro\0" + b"," + b"i" * 3000 + b"\0" * 3 + b"\0" * 4 * 2999,
    ],
)
def test_malformed(datagram):
    with pytest.raises(Malformed):
        read_all(datagram)


@pytest.mark.parametrize(
    "datagram",
    [
        build("/flow/macro", "if", 0, float("nan")),
        build("/flow/macro", "if", 0, float("inf")),
        b"/flow/macro\0,id\0" + b"\0" * 4 + struct.pack(">d", float("nan")),
        b"/flow/macro\0,i[f]\0\0\0" + b"\0" * 8,
        b"/flow/macro\0,m\0\0" + b"\0" * 4,
        b"/flow/macro\0,b\0\0" + b"\0" * 4,
        build("/flow/preset/load", "s", "two\nlines"),
        build("/flow/preset/load", "s", "x" * 257),
    ],
)
def test_osc_that_we_do_not_take_is_not_malformed(datagram):
    with pytest.raises(ProtocolError) as caught:
        read_all(datagram)
    assert not isinstance(caught.value, Malformed)


def test_too_long_and_too_full():
    with pytest.raises(Malformed, match=str(MAX_DATAGRAM)):
        split(b"/" * (MAX_DATAGRAM + 1))
    with pytest.raises(Malformed, match="256"):
        split(bundle(*[b"/a\0\0"] * 257))
    assert len(split(bundle(*[b"/a\0\0"] * 256))) == 256


def test_bundles_are_taken_apart_in_order_and_their_past_does_not_matter():
    messages = [build("/flow/macro", "if", k, 0.1 * k) for k in range(5)]
    past = struct.pack(">II", int(time.time()) + NTP - 3600, 0)
    whole = bundle(messages[0], bundle(messages[1], messages[2]), *messages[3:], tag=past)
    assert split(whole) == messages


def test_python_osc_bundles_pass():
    builder = OscBundleBuilder(IMMEDIATELY)
    message = OscMessageBuilder("/flow/ping")
    message.add_arg(7, "i")
    builder.add_content(message.build())
    (got,) = split(builder.build().dgram)
    assert inspect(got) == "i" and parse(got) == [("/flow/ping", [7])]


@pytest.mark.parametrize(
    ("tags", "body", "values"),
    [
        ("id", struct.pack(">id", 2, 0.5), [2, 0.5]),
        ("iT", struct.pack(">i", 2), [2, 1]),
        ("iF", struct.pack(">i", 2), [2, 0]),
        ("hf", struct.pack(">qf", 2**40, 0.25), [2**40, 0.25]),
        ("NI", b"", [1]),
        ("TS", b"Pad\0", [1, "Pad"]),
        ("sds", b"a\0\0\0" + struct.pack(">d", -0.5) + b"four\0\0\0\0", ["a", -0.5, "four"]),
    ],
)
def test_types_that_other_programs_send_are_read(tags, body, values):
    datagram = b"/x\0\0" + padded("," + tags) + body
    assert parse(datagram) == [("/x", values)]
    for end in range(4, len(datagram), 4):
        if end != 4:
            with pytest.raises(ProtocolError):
                parse(datagram[:end])


def test_type_tags_may_be_left_out_without_arguments():
    assert read_all(b"/flow/names\0") == [("/flow/names", "")]


values = st.lists(
    st.one_of(
        st.integers(-(2**31), 2**31 - 1),
        st.floats(width=32, allow_nan=False, allow_infinity=False),
        st.text(st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="\u00a0"))
        .filter(str.isprintable)
        .filter(lambda s: len(s.encode()) <= 256),
    ),
    max_size=20,
)


@given(values)
def test_what_python_osc_builds_comes_through_unchanged(sent):
    builder = OscMessageBuilder("/flow/x")
    for value in sent:
        builder.add_arg(value, {int: "i", float: "f", str: "s"}[type(value)])
    datagram = builder.build().dgram
    assert parse(datagram) == [("/flow/x", sent)]
    assert datagram == build("/flow/x", inspect(datagram), *sent)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(datagram):
    for start in (b"", b"/", b"/flow/macro\0,", b"#bundle\0\0\0\0\0\0\0\0\1"):
        try:
            parse(start + datagram)
        except ProtocolError:
            pass
