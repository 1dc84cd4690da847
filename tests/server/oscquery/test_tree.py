import json

import pytest

from server.osc.addresses import TO_SERVER
from server.osc.fitting import Sizes, fit
from server.oscquery.tree import State, find, host_info, tree

STATE = State(
    sizes=Sizes(n_macros=8, n_latent=5, n_parameters=16),
    macros=[f"Macro {k}" for k in range(8)],
    dials=[k / 8 for k in range(8)],
    presets=["Pad é", "Bass"],
)


def nodes(node):
    yield node
    for below in node.get("CONTENTS", {}).values():
        yield from nodes(below)


def test_it_is_json_whose_paths_are_where_they_say():
    root = tree(STATE)
    assert json.loads(json.dumps(root)) == root
    for node in nodes(root):
        assert find(root, node["FULL_PATH"]) is node
        assert node["ACCESS"] in (0, 2, 3)
        assert "TYPE" in node or node["ACCESS"] == 0
        assert len(node.get("RANGE", ())) in (0, len(node.get("TYPE", "")))


def test_every_message_of_the_table_is_there_and_fits_its_row():
    paths = {node["FULL_PATH"]: node for node in nodes(tree(STATE)) if node["ACCESS"]}
    for address, row in TO_SERVER.items():
        node = paths[address]
        types = node["TYPE"].replace("N", "")
        lows = [
            "x" if kind == "s" else one["MIN"] for kind, one in zip(types, node.get("RANGE", []), strict=True)
        ]
        assert len(fit(row, lows, STATE.sizes)) == len(types)


@pytest.mark.parametrize("k", range(8))
def test_each_macro_has_a_name_a_range_and_a_value(k):
    assert find(tree(STATE), f"/flow/macro/{k}") == {
        "FULL_PATH": f"/flow/macro/{k}",
        "DESCRIPTION": f"Macro {k}",
        "TYPE": "f",
        "ACCESS": 3,
        "RANGE": [{"MIN": 0.0, "MAX": 1.0}],
        "VALUE": [k / 8],
    }


def test_what_is_not_there():
    root = tree(STATE)
    for path in ("/flow/macro/8", "/x", "/flow//macro/0/y", "/flow/macro/0/0"):
        assert find(root, path) is None
    assert find(root, "/") is root and find(root, "") is root
    assert find(root, "/flow/preset/load")["RANGE"] == [{"VALS": ["Pad é", "Bass"]}]


def test_the_host_says_where_it_listens():
    info = host_info("Flow", "127.0.0.1", 9130)
    assert (info["OSC_IP"], info["OSC_PORT"], info["OSC_TRANSPORT"]) == ("127.0.0.1", 9130, "UDP")
