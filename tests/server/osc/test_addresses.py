import re
import tomllib
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adopting.kept import folder_for
from core.errors import ProtocolError
from server.handling.own_handlers import OwnHandlers
from server.osc.addresses import TO_CLIENTS, TO_SERVER, VERSION
from server.osc.builder import build, osc_message
from server.osc.docs import osc_docs
from server.osc.fitting import Sizes, fit
from server.osc.hot_reader import ControlMessage, HotReader
from server.osc.parser import parse
from tests.support.live import ROOT, Rig
from tests.support.sent import check_sent

SIZES = Sizes(n_macros=8, n_latent=32, n_parameters=32)


def test_the_page_is_made_from_the_table():
    page = (ROOT / "docs/osc-api.md").read_text(encoding="utf-8")
    assert page == osc_docs(), "run: python -m server.osc.docs > docs/osc-api.md"


def test_the_page_names_every_address_once_in_each_direction():
    rows = re.findall(r"^\| `(/flow/[a-z/]+)`", osc_docs(), re.MULTILINE)
    assert rows == [*TO_SERVER, *TO_CLIENTS]


def test_answers_are_in_the_table():
    for row in TO_SERVER.values():
        assert set(row.answers) <= set(TO_CLIENTS)


def test_every_message_has_one_handler(tiny, tmp_path):
    def make_own(tracks, models, post):
        return OwnHandlers(tracks, models, [], tmp_path, folder_for, post)

    processes = SimpleNamespace(waiting=False)
    bridge = Rig(tiny, tmp_path, processes=processes, make_own=make_own).bridge
    handlers = [*bridge.instrument.controls, *bridge.handlers.addresses, *bridge.connections.addresses]
    handlers += bridge.sound.addresses
    assert sorted(handlers) == sorted(TO_SERVER)
    assert set(bridge.instrument.controls) == {a for a, row in TO_SERVER.items() if row.role == "control"}


def test_a_control_is_numbers_only_so_that_it_is_read_fast():
    for row in TO_SERVER.values():
        if row.role == "control":
            low = [argument.low for argument in row.arguments for _ in range(SIZES.count(argument.count))]
            datagram = build(row.address, tags(row), *low)
            assert HotReader(SIZES).read(datagram) == ControlMessage(row.address, tuple(low)), row.address


@given(st.data())
def test_the_fast_reader_and_the_table_agree(data):
    row = data.draw(st.sampled_from([row for row in TO_SERVER.values() if row.role == "control"]))
    near = {"i": st.integers(-2, 40), "f": st.floats(-1.5, 1.5, width=32) | st.floats(width=32)}
    values = [data.draw(near[tag]) for tag in tags(row)]
    fast = HotReader(SIZES).read(build(row.address, tags(row), *values))
    try:
        slow = parse(build(row.address, tags(row), *values))[0]
        fitted = tuple(fit(row, slow.values, SIZES))
    except ProtocolError:
        assert fast is None
    else:
        assert fast == ControlMessage(row.address, fitted)


def test_a_message_is_built_with_the_tables_types_and_no_other_number_of_arguments():
    patch = np.linspace(0.0, 1.0, 32, dtype=np.float32)
    datagram = osc_message("/flow/preset/patch", "A pad", patch)
    assert check_sent(datagram, SIZES) == ("/flow/preset/patch", "A pad", *patch.tolist())
    for wrong in (("A pad",), ("A pad", patch, 1)):
        with pytest.raises(ValueError):
            osc_message("/flow/preset/patch", *wrong)


def tags(row):
    return "".join(argument.type * SIZES.count(argument.count) for argument in row.arguments)


def test_version_is_the_projects():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION


def test_whole_floats_and_ints_stand_for_each_other():
    assert fit(TO_SERVER["/flow/macro"], [2.0, 1], SIZES) == [2, 1.0]


@pytest.mark.parametrize(
    ("address", "values", "says"),
    [
        ("/flow/macro", [8, 0.5], "0 to 7"),
        ("/flow/macro", [-1, 0.5], "0 to 7"),
        ("/flow/macro", [0, 1.5], "0 to 1"),
        ("/flow/macro", [0.5, 0.5], "not whole"),
        ("/flow/macro", [0], "1 arguments came"),
        ("/flow/macro", ["0", 0.5], "i k, f value"),
        ("/flow/macros", [0.5] * 7, "8 f value"),
        ("/flow/patch", [0.5] * 31, "32 f value"),
        ("/flow/latent", [1e5] + [0.0] * 31, "-10000 to 10000"),
        ("/flow/preset/load", [3], "s name"),
        ("/flow/names", [1], "no arguments"),
        ("/flow/curves", [0, 33], "0 to 32"),
        ("/flow/freeze", [0, 2], "0 to 1"),
        ("/flow/hello", [1, 0, 1, "device", "x"], "1024 to 65535"),
    ],
)
def test_what_does_not_fit_is_explained(address, values, says):
    with pytest.raises(ProtocolError, match=re.escape(says)):
        fit(TO_SERVER[address], values, SIZES)
