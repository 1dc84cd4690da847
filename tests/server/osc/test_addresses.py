import re
import tomllib

import pytest

from core.errors import ProtocolError
from server.osc.addresses import TO_CLIENTS, TO_SERVER, VERSION
from server.osc.docs import osc_docs
from server.osc.fitting import Sizes, fit
from tests.support.live import ROOT

SIZES = Sizes(n_macros=8, n_latent=32, n_parameters=32)


def test_the_page_is_made_from_the_table():
    page = (ROOT / "docs/osc-api.md").read_text(encoding="utf-8")
    assert page == osc_docs(), "run: python -m server.osc.addresses > docs/osc-api.md"


def test_the_page_names_every_address_once_in_each_direction():
    rows = re.findall(r"^\| `(/flow/[a-z/]+)`", osc_docs(), re.MULTILINE)
    assert rows == [*TO_SERVER, *TO_CLIENTS]


def test_answers_are_in_the_table():
    for row in TO_SERVER.values():
        assert set(row.answers) <= set(TO_CLIENTS)


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
        ("/flow/hello", [1, 0, 1, "device", "x"], "1 to 65535"),
    ],
)
def test_what_does_not_fit_is_explained(address, values, says):
    with pytest.raises(ProtocolError, match=re.escape(says)):
        fit(TO_SERVER[address], values, SIZES)
