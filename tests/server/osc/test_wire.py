import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import OscMessageBuilder

from server.osc.builder import FrameBuilder, build
from server.osc.fitting import Sizes
from server.osc.hot_reader import ControlMessage, HotReader
from tests.support.live import floats

SIZES = Sizes(n_macros=8, n_latent=16, n_parameters=32)
HOT = HotReader(SIZES)
normalized = st.floats(0.0, 1.0, width=32)


@given(st.integers(0, 2**31 - 1), st.lists(normalized, min_size=32, max_size=32))
def test_a_frame_is_what_python_osc_would_build(sequence, values):
    builder = OscMessageBuilder("/flow/params")
    builder.add_arg(sequence, "i")
    for value in values:
        builder.add_arg(value, "f")
    patch = np.array(values, np.float32)
    assert FrameBuilder(32).build(sequence, patch) == builder.build().dgram


@given(st.integers(0, 7), normalized)
def test_a_macro_is_read_in_one_go(k, value):
    vector = HOT.read(build("/flow/macro", "if", k, value))
    assert vector == ControlMessage("/flow/macro", (k, value))


@pytest.mark.parametrize(("address", "n"), [("/flow/macros", 8), ("/flow/latent", 16), ("/flow/patch", 32)])
def test_vectors_are_read_in_one_go(address, n):
    values = np.linspace(0.0, 1.0, n, dtype=np.float32)
    vector = HOT.read(floats(address, values))
    assert vector is not None and vector.address == address
    assert np.array_equal(np.array(vector.values, np.float32), values)


@given(normalized, normalized)
def test_a_place_is_read_in_one_go(x, y):
    assert HOT.read(build("/flow/place", "ff", x, y)) == ControlMessage("/flow/place", (x, y))


@pytest.mark.parametrize(
    "datagram",
    [
        build("/flow/macro", "if", 8, 0.5),
        build("/flow/macro", "if", -1, 0.5),
        build("/flow/macro", "if", 0, 1.01),
        build("/flow/macro", "if", 0, float("nan")),
        build("/flow/macro", "ff", 0.0, 0.5),
        floats("/flow/macros", [0.5] * 7 + [float("nan")]),
        floats("/flow/macros", [0.5] * 7),
        floats("/flow/latent", [2e4] + [0.0] * 15),
        build("/flow/place", "ff", 0.5, 1.01),
        build("/flow/place", "ff", float("nan"), 0.5),
        build("/flow/place", "f", 0.5),
        build("/flow/place", "if", 0, 0.5),
        build("/flow/names", ""),
        b"",
    ],
)
def test_anything_else_is_left_to_the_guard(datagram):
    assert HOT.read(datagram) is None


def test_text_is_padded_and_never_ends_early():
    assert build("/a", "s", "b\0c") == b"/a\0\0,s\0\0bc\0\0"
