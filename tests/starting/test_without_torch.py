"""Playing needs what requirements-play.txt lists, and nothing more."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.modules import MODULES, ROOT, file_of, files_imported, hall, imported, parse

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LINES = (ROOT / "requirements-play.txt").read_text("utf-8").splitlines()
PLAY = [line for line in LINES if line and not line.startswith("#")]
# For training, for evaluation, or for a graphics card.
NOT_FOR_PLAYING = {"librosa", "scikit-learn", "torch"}
COMMANDS = ["run_server.py", "panel/__main__.py", "max4live/user_library.py", "max4live/launch_file.py"]
COMMANDS += ["server/client.py", "server/learn.py", "server/presets.py", "server/sketch/__main__.py"]
COMMANDS += [f"calibration/{name}.py" for name in ("controller", "macros", "microphone", "vital_midi")]
# Imported by name only: what a backend needs that nobody has to choose, and torch's side of a served flow.
OPTIONAL = {"models/coupling_torch.py"}


def test_the_list_is_that_of_the_project_without_what_playing_does_not_need():
    extras = PROJECT["optional-dependencies"]
    panel, plugins, oscquery = (extras[name] for name in ("panel", "plugins", "oscquery"))
    hosts = [line for line in plugins if line.startswith("pedalboard")]
    known = {Requirement(line).name: line for line in [*PROJECT["dependencies"], *panel, *hosts, *oscquery]}
    assert {known.pop(name) for name in NOT_FOR_PLAYING}
    assert sorted(known.values()) == PLAY


def test_uv_and_pipx_read_the_same_list_from_the_program():
    text = (ROOT / "run_server.py").read_text("utf-8")
    (block,) = re.findall(r"(?m)^# /// script$\n((?:^#(?:| .*)$\n)+?)^# ///$", text)
    script = tomllib.loads("".join(line[2:] + "\n" for line in block.splitlines()))
    assert script["dependencies"] == PLAY
    (wanted,) = re.findall(r"--python '([^']+)'", (ROOT / "start.sh").read_text())
    assert script["requires-python"] == wanted


def needed(names):
    """Names of the distributions that these bring with them, and their own."""
    found, waiting = set(), [Requirement(name) for name in names]
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name in found or (one.marker is not None and not one.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        waiting += [Requirement(line) for line in distribution(name).requires or []]
    return found


def allowed_tops(there):
    """Names that the modules of some distributions begin with."""
    return {
        top
        for top, names in packages_distributions().items()
        if there & {canonicalize_name(name) for name in names}
    }


def reached():
    """Modules that playing may import, at the start or later."""
    waiting, found = [ROOT / name for name in COMMANDS], set()
    while waiting:
        path = waiting.pop()
        if path in found or path.relative_to(ROOT).as_posix() in OPTIONAL:
            continue
        found.add(path)
        waiting += files_imported(path)
    return found


BLOCKED = """
import importlib, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is not for playing", name=name)

blocked, modules = (line.split() for line in sys.stdin.read().splitlines())
sys.meta_path.insert(0, Blocker())
for module in modules:
    importlib.import_module(module)
"""


def test_everything_that_playing_reaches_imports_nothing_else():
    ours = {hall(path) for path in MODULES} | {"tests"}
    others = set(packages_distributions()) - allowed_tops(needed(PLAY))
    blocked = sorted(others - ours - set(sys.stdlib_module_names))
    assert {"torch", "librosa", "sklearn", "matplotlib"} <= set(blocked)
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(reached())]
    modules = [module.removesuffix(".__init__") for module in modules]
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED],
        input=f"{' '.join(blocked)}\n{' '.join(modules)}\n",
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout


def test_what_is_imported_later_is_on_the_list_too():
    there = allowed_tops(needed(PLAY))
    there |= {hall(path) for path in MODULES} | set(sys.stdlib_module_names)
    allowed = {
        "core/pitch.py": {"librosa"},  # pYIN, for comparisons; SwiftF0 listens to players
        "core/tags.py": {"librosa"},  # the words alone never need it
        "models/backends.py": {"torch"},  # asked for, or a card
        "models/served_flow.py": {"torch"},  # for type checkers
        "sketching/picture.py": {"matplotlib"},  # drawn only on request
        "synths/vst2.py": {"dawdreamer"},
    }
    for path in reached():
        name = path.relative_to(ROOT).as_posix()
        tops = {one.partition(".")[0] for one in imported(parse(path)) if file_of(one) is None}
        assert tops - there <= allowed.get(name, set()), name
