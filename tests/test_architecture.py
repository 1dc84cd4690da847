"""The folders are the architecture: imports run one way, between folders, between rooms and between files."""

import ast
import sys
from copy import deepcopy
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

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
    *(f"max4live/js/decoder/fsl_{name}.js" for name in ("model", "blocksa", "blocksb")),
}
# Too slow or too heavy for the start of a server; imported inside the functions that need them.
HEAVY = {"swift_f0", "torch", "vita", "librosa", "sounddevice", "dawdreamer", "pedalboard"}


def hall(path):
    """Folder of a module, or its own name at the root."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def part(path):
    """What may import more or less than others: a hall, or a room of its own kind."""
    return room(path) if room(path) in MAY else hall(path)


def room(path):
    """Folder that a module lies in, from the root."""
    return path.parent.relative_to(ROOT).as_posix()


def ours(suffix):
    """Files of the program with a suffix; tests and what tools leave behind are none."""
    return sorted(
        path
        for path in ROOT.rglob(f"*{suffix}")
        if path.relative_to(ROOT).parts[0] not in ("tests", "build")
        and not any(name.startswith((".", "_v", "venv")) for name in path.relative_to(ROOT).parts[:-1])
    )


MODULES = ours(".py")
SOURCES = [
    path
    for suffix in (".py", ".js", ".css")
    for path in ours(suffix)
    if path.relative_to(ROOT).as_posix() not in GENERATED
]


def imported(tree):
    """Names of the modules that a tree imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute: the arrows can be read off them"
            yield node.module
            # `from synths import vital` imports a module as well.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_start(tree):
    """The tree without the bodies of functions and of `if TYPE_CHECKING`: what runs on import."""

    class Strip(ast.NodeTransformer):
        def visit_FunctionDef(self, node):
            return None

        visit_AsyncFunctionDef = visit_FunctionDef

        def visit_If(self, node):
            named = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            return None if named else self.generic_visit(node)

    return Strip().visit(deepcopy(tree))


@cache
def names_at_start(path):
    """Names that a module imports when it is imported itself."""
    return tuple(imported(at_start(parse(path))))


@cache
def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def file_of(module):
    path = ROOT / Path(*module.split("."))
    if path.with_suffix(".py").is_file():
        return path.with_suffix(".py")
    return path / "__init__.py" if (path / "__init__.py").is_file() else None


@cache
def files_imported(path):
    """Files of ours that a module imports, wherever in it; the `__init__.py` of packages too."""
    names = {name for name in imported(parse(path)) if name.split(".")[0] in MAY}
    names |= {".".join(name.split(".")[:n]) for name in names for n in range(1, name.count(".") + 1)}
    return {file for name in names if (file := file_of(name))} - {path}


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


def heavy_on_the_way(start, heavy=HEAVY):
    """What importing a module imports of what is heavy, through modules of ours, with the way there."""
    waiting, seen, found = [(start, ())], set(), {}
    while waiting:
        path, way = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        way = (*way, str(path.relative_to(ROOT)))
        for name in names_at_start(path):
            if hits := {one for one in heavy if f"{name}.".startswith(f"{one}.")}:
                found |= dict.fromkeys(hits, way)
            elif name.split(".")[0] in MAY and (file := file_of(name)):
                waiting.append((file, way))
    return found


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if part(path) in ("server", "run_server")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_the_server_starts_light(path):
    assert heavy_on_the_way(path) == {}


@pytest.mark.parametrize(
    "name",
    [
        "run_server.py",
        "sounding/sound_process.py",
        "sounding/renderer.py",
        "sketching/rendering/render_worker.py",
    ],
)
def test_processes_that_play_and_render_start_light(name):
    # 40 MB each time; of SciPy, `scipy.fft` is small.
    assert heavy_on_the_way(ROOT / name, HEAVY | {"scipy.signal", "scipy.stats", "onnxruntime"}) == {}


def test_what_every_process_imports_anew_is_little():
    names = names_at_start(ROOT / "run_server.py")
    assert {name.split(".")[0] for name in names} & set(MAY) == {"core"}


def test_the_way_is_followed_through_our_modules():
    ways = [way for path in MODULES for way in heavy_on_the_way(path).values()]
    assert any(len(way) > 2 for way in ways)
    for way in ways:
        for here, there in pairwise(way):
            names = names_at_start(ROOT / here)
            assert there in {str(file.relative_to(ROOT)) for name in names if (file := file_of(name))}


def test_every_folder_says_why_it_is_there():
    folders = {path.parent for path in MODULES if path.parent != ROOT}
    folders |= {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    for folder in folders:
        init = folder / "__init__.py"
        assert init.is_file(), f"{folder.relative_to(ROOT)} has no __init__.py"
        docstring = ast.get_docstring(parse(init))
        assert docstring and docstring.endswith("."), f"{init.relative_to(ROOT)} says nothing"
