"""The modules of the program, and what each imports, read from their sources."""

import ast
from copy import deepcopy
from functools import cache
from pathlib import Path

__all__ = [
    "HALLS",
    "MODULES",
    "ROOT",
    "file_of",
    "files_imported",
    "hall",
    "imported",
    "names_at_start",
    "ours",
    "parse",
    "room",
]

ROOT = Path(__file__).resolve().parents[2]


def hall(path):
    """Folder of a module, or its own name at the root."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


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
HALLS = {hall(path) for path in MODULES}


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
    names = {name for name in imported(parse(path)) if name.split(".")[0] in HALLS}
    names |= {".".join(name.split(".")[:n]) for name in names for n in range(1, name.count(".") + 1)}
    return {file for name in names if (file := file_of(name))} - {path}
