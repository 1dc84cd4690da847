"""The folders are the architecture: imports run one way."""

import ast
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
    "sketching": {"core", "synths", "models"},
    "server": {"core", "synths", "models", "calibration", "sketching"},
    "training": {"core", "synths", "models", "calibration", "sketching"},
    "evaluation": {"core", "synths", "models", "calibration", "sketching", "training"},
    "panel": {"server", "models", "synths", "core"},
    "max4live": {"server", "models", "core"},
    "run_server": {"server", "calibration", "models", "synths", "core"},
    "train": {"training", "models", "synths", "core"},
    "evaluate": {"evaluation", "training", "sketching", "models", "synths", "core"},
    "benchmarks": {
        "max4live",
        "server",
        "evaluation",
        "training",
        "sketching",
        "calibration",
        "models",
        "synths",
        "core",
    },
}
# Too slow or too heavy for the start of a server; imported inside the functions that need them.
HEAVY = {"swift_f0", "torch", "vita", "librosa", "sounddevice", "dawdreamer", "pedalboard"}


def part(path):
    """Folder of a module, or its own name at the root."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


MODULES = sorted(
    path
    for path in ROOT.rglob("*.py")
    if path.relative_to(ROOT).parts[0] not in ("tests", "build")
    and not any(name.startswith((".", "_v", "venv")) for name in path.relative_to(ROOT).parts[:-1])
)


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

    return Strip().visit(tree)


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def file_of(module):
    path = ROOT / Path(*module.split("."))
    if path.with_suffix(".py").is_file():
        return path.with_suffix(".py")
    return path / "__init__.py" if (path / "__init__.py").is_file() else None


def test_there_is_something_to_look_at():
    assert {"core", "models", "synths", "server", "training"} <= {part(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    mine = part(path)
    assert mine in MAY, f"say in this test what {mine} may import"
    ours = {name.split(".")[0] for name in imported(parse(path))} & set(MAY)
    wrong = ours - MAY[mine] - {mine}
    assert not wrong, f"{mine} must not import {', '.join(sorted(wrong))}"


def test_no_code_imports_a_test():
    for path in MODULES:
        assert "tests" not in {name.split(".")[0] for name in imported(parse(path))}, path


def heavy_on_the_way(start):
    """What importing a module imports of `HEAVY`, through modules of ours, with the way there."""
    waiting, seen, found = [(start, ())], set(), {}
    while waiting:
        path, way = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        way = (*way, str(path.relative_to(ROOT)))
        for name in imported(at_start(parse(path))):
            if name.split(".")[0] in HEAVY:
                found[name.split(".")[0]] = way
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


def test_the_way_is_followed_through_our_modules():
    ways = [way for path in MODULES for way in heavy_on_the_way(path).values()]
    assert any(len(way) > 2 for way in ways)
    for way in ways:
        for here, there in pairwise(way):
            names = set(imported(at_start(parse(ROOT / here))))
            assert there in {str(file.relative_to(ROOT)) for name in names if (file := file_of(name))}


def test_every_folder_says_why_it_is_there():
    folders = {path.parent for path in MODULES if path.parent != ROOT}
    folders |= {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    for folder in folders:
        init = folder / "__init__.py"
        assert init.is_file(), f"{folder.relative_to(ROOT)} has no __init__.py"
        docstring = ast.get_docstring(parse(init))
        assert docstring and docstring.endswith("."), f"{init.relative_to(ROOT)} says nothing"
