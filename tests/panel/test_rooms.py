"""The rooms of the panel: imports between them run one way."""

import ast

import pytest

from tests.support.live import ROOT

# What each room may import of the panel. Itself it always may.
MAY = {
    "osc": set(),
    "feed": set(),
    "sound": set(),
    "components": set(),
    "state": {"osc", "feed", "sound"},
    "views": {"osc", "sound", "state", "components"},
    "web": {"sound", "state", "components", "views"},
}


def test_every_room_is_named_here():
    assert {path.parent.name for path in (ROOT / "panel").glob("*/*.py")} == MAY.keys()


@pytest.mark.parametrize("room", MAY)
def test_imports_between_rooms_run_one_way(room):
    for path in (ROOT / "panel" / room).glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        ours = {module.split(".")[1] for module in modules if module.startswith("panel.")}
        assert ours <= MAY[room] | {room}, path
