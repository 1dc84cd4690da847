"""The folders are the architecture: imports run one way, between folders, between rooms and between files."""

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions

import pytest

from tests.support.modules import MODULES, ROOT, files_imported, hall, imported, ours, parse, room

# What each folder, and each program at the root, may import of ours. Itself it always may.
MAY = {
    "core": set(),
    "models": {"core"},
    "synths": {"core"},
    "calibration": {"core", "synths", "models"},
    "sketching": {"core", "synths", "models", "adopting", "library"},
    "sounding": {"core", "synths"},
    "adopting": {"core", "synths", "models"},
    "library": {"core", "synths"},
    "server": {"core", "synths", "models", "calibration", "sketching", "sounding", "adopting", "library"},
    "training": {"core", "synths", "models", "calibration", "sketching"},
    # A command line over the hall of adopting.
    "training/adopt": {"core", "adopting"},
    "evaluation": {"core", "synths", "models", "calibration", "sketching", "training"},
    # A program over the whole hall of learning, as train.py and evaluate.py are over their parts.
    "training/build": {"core", "synths", "models", "calibration", "sketching", "training", "evaluation"},
    "panel": {"server", "models", "synths", "core"},
    "max4live": {"server", "models", "core"},
    "run_server": {"server", "calibration", "models", "synths", "core"},
    "train": {"training", "models", "synths", "core"},
    "evaluate": {"evaluation", "training", "sketching", "models", "synths", "core"},
    "benchmarks": {
        "max4live",
        "server",
        "sounding",
        "evaluation",
        "training",
        "sketching",
        "library",
        "calibration",
        "models",
        "synths",
        "core",
    },
}
# What each room of a folder may import of its other rooms; one that is not listed, nothing.
ROOMS = {
    "server": {
        "server/osc",
        "server/osc/hosts",
        "server/instrument",
        "server/audition",
        "server/midi",
        "server/midi/bindings",
        "server/midi/learning",
        "server/midi/ports",
        "server/sketch",
        "server/oscquery",
        "server/sound",
        "server/words",
        "server/tracks",
        "server/handling",
        "server/own",
        "server/running",
    },
    "server/tracks": {"server/osc", "server/instrument", "server/midi/bindings", "server/sketch"},
    "server/handling": {
        "server/osc",
        "server/instrument",
        "server/midi",
        "server/midi/bindings",
        "server/midi/learning",
        "server/own",
        "server/running",
        "server/sketch",
        "server/tracks",
        "server/words",
    },
    "server/own": set(),
    "server/running": set(),
    "server/words": {"server/osc", "server/instrument"},
    "server/sound": {"server/osc", "server/osc/hosts", "server/instrument", "server/midi/ports"},
    "server/audition": {"server/osc", "server/instrument"},
    "server/sketch": {"server/osc", "server/instrument"},
    "server/oscquery": {"server/osc", "server/osc/hosts", "server/instrument"},
    "server/midi": {
        "server/osc",
        "server/osc/hosts",
        "server/instrument",
        "server/midi/bindings",
        "server/midi/codec",
        "server/midi/feedback",
        "server/midi/learning",
        "server/midi/profiles",
    },
    "server/midi/learning": {"server/midi/bindings", "server/midi/codec"},
    "server/midi/profiles": {"server/instrument", "server/midi/bindings", "server/midi/codec"},
    "server/midi/feedback": {"server/midi/bindings", "server/midi/codec"},
    "server/midi/bindings": {"server/osc", "server/midi/codec"},
    "server/midi/ports": {"server/midi/codec"},
    "server/midi/codec": set(),
    "server/instrument": {"server/osc"},
    "server/osc": {"server/osc/hosts", "server/osc/table"},
    "server/osc/table": {"server/osc/hosts"},
    "server/osc/hosts": set(),
    "models/paper": {"models", "models/networks", "models/steering"},
    "models": {"models/networks", "models/steering"},
    "models/networks": set(),
    "models/steering": set(),
    "training": {"training/data"},
    "training/build": {"training", "training/data"},
    "training/data": set(),
    "evaluation/packaging": {"evaluation", "evaluation/macros"},
    "evaluation/macros": {"evaluation"},
    "evaluation/report": {"evaluation"},
    "evaluation/tables": {"evaluation"},
    "evaluation": set(),
    "benchmarks": {"benchmarks/rig"},
    "benchmarks/rig": set(),
    "benchmarks/soak": {"benchmarks", "benchmarks/rig", "benchmarks/soak/parts"},
    "benchmarks/soak/parts": {"benchmarks", "benchmarks/rig"},
    "benchmarks/soak/clock": set(),
    "benchmarks/rivals": set(),
    "panel": {"panel/feed", "panel/state", "panel/web"},
    "panel/web": {"panel/components", "panel/sound", "panel/state", "panel/views"},
    "panel/views": {"panel/components", "panel/osc", "panel/sound", "panel/state"},
    "panel/state": {"panel/feed", "panel/osc", "panel/sound"},
    "panel/components": set(),
    "panel/feed": set(),
    "panel/osc": set(),
    "panel/sound": set(),
    "max4live": {"max4live/builder", "max4live/designs"},
    "max4live/picture": {
        "max4live/builder",
        "max4live/designs",
        "max4live/designs/parts",
        "max4live/designs/synth",
    },
    "max4live/check": {"max4live/builder"},
    "max4live/js": set(),
    "max4live/js/decoder": set(),
    "max4live/js/plugin": set(),
    "sketching": {"sketching/own", "sketching/rendering"},
    "sketching/own": {"sketching/rendering"},
    "sketching/rendering": set(),
    "core/ruler": {"core"},
    "core/playing": {"core"},
    "core/startup": set(),
    "core/store": {"core"},
    "core": set(),
    "synths/discover": {"synths"},
    "synths/external": {"synths"},
    "synths": set(),
    "max4live/designs": {"max4live/builder", "max4live/designs/parts", "max4live/designs/synth"},
    "max4live/designs/synth": {"max4live/builder", "max4live/designs/parts"},
    "max4live/designs/parts": {"max4live/builder"},
    "max4live/builder": set(),
}
MOST_LINES, MOST_FILES = 350, 20
# Written by programs: `python -m max4live.generate_scripts`.
GENERATED = {
    "max4live/js/fsl_addresses.js",
    "max4live/js/fsl_controllers.js",
    "max4live/js/fsl_wiring.js",
    *(f"max4live/js/decoder/fsl_{name}.js" for name in ("model", *(f"block{k}" for k in "abcdefgh"))),
}
SOURCES = [
    path
    for suffix in (".py", ".js", ".css")
    for path in ours(suffix)
    if path.relative_to(ROOT).as_posix() not in GENERATED
]


def part(path):
    """What may import more or less than others: a hall, or a room of its own kind."""
    return room(path) if room(path) in MAY else hall(path)


def test_there_is_something_to_look_at():
    assert {"core", "models", "synths", "server", "training"} <= {part(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    mine = part(path)
    assert mine in MAY, f"say in this test what {mine} may import"
    ours = {name.split(".")[0] for name in imported(parse(path))} & set(MAY)
    wrong = ours - MAY[mine] - {mine}
    assert not wrong, f"{mine} must not import {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_one_way(path):
    mine = room(path)
    others = {
        room(file) for file in files_imported(path) if hall(file) == hall(path) and file.name != "__init__.py"
    }
    wrong = others - ROOMS.get(mine, set()) - {mine}
    assert not wrong, f"{mine} must not import {', '.join(sorted(wrong))}"


def test_every_room_that_is_told_what_it_may_import_is_there():
    assert set(ROOMS) <= {room(path) for path in MODULES}
    TopologicalSorter(ROOMS).prepare()  # or the arrows would run in a circle
    TopologicalSorter(MAY).prepare()


def test_no_file_imports_itself_round_a_circle():
    # Imports inside functions and for type checkers count, too: a circle of types is a circle of ideas.
    try:
        TopologicalSorter({path: files_imported(path) for path in MODULES}).prepare()
    except CycleError as error:
        circle = " -> ".join(str(path.relative_to(ROOT)) for path in reversed(error.args[1]))
        pytest.fail(f"imports run in a circle: {circle}")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_long(path):
    n_lines = len(path.read_text(encoding="utf-8").splitlines())
    assert n_lines <= MOST_LINES, f"{n_lines} lines: more than one thing lies in here"


def test_no_folder_is_crowded():
    crowded = {}
    for folder in {path.parent for path in SOURCES}:
        n_files = sum(path.parent == folder and path.name != "__init__.py" for path in SOURCES)
        if n_files > MOST_FILES:
            crowded[folder.relative_to(ROOT).as_posix()] = n_files
    assert not crowded, f"more than {MOST_FILES} files lie loose in a folder; it wants rooms"


def test_no_name_of_ours_is_taken():
    # Python finds the first of two packages with one name, and hides the other.
    taken = set(sys.stdlib_module_names)
    for name, distributions in packages_distributions().items():
        if set(distributions) != {"flow-synth-live"}:
            taken.add(name)
    assert not taken & {*map(hall, MODULES), "tests"}


def test_no_code_imports_a_test():
    for path in MODULES:
        assert "tests" not in {name.split(".")[0] for name in imported(parse(path))}, path


def test_every_folder_says_why_it_is_there():
    folders = {path.parent for path in MODULES if path.parent != ROOT}
    folders |= {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    for folder in folders:
        init = folder / "__init__.py"
        assert init.is_file(), f"{folder.relative_to(ROOT)} has no __init__.py"
        docstring = ast.get_docstring(parse(init))
        assert docstring and docstring.endswith("."), f"{init.relative_to(ROOT)} says nothing"
