"""Presets of a player's own, and a double of the process that adopts them.

    python -m tests.support.own_presets FILE FOLDER

It speaks as `python -m adopting` does, and makes a tiny model of any file. What the file's author says
decides how it goes: `slow` waits before the macros until the file is gone, `dies` ends in the middle, `bad`
refuses.
"""

import hashlib
import json
import sys
import time
from pathlib import Path

from core.space import ParameterSpace
from tests.support.tiny_model import tiny_space, write_tiny_model

COMMAND = (sys.executable, "-m", "tests.support.own_presets")
P = 24


def write_own(path: Path, author: str = "", style: str = "Bass") -> Path:
    """Write a file that looks like a preset of Vital's from outside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = {"osc_1_level": 0.7}
    content = {"author": author, "comments": "", "preset_style": style, "settings": settings}
    path.write_text(json.dumps(content))
    return path


def folder_for(root: Path, file: Path) -> Path:
    """Where a preset is kept, as `adopting.kept` has it."""
    return root / f"{file.stem.replace(' ', '-')}-{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}"


def own_space(folder: Path) -> ParameterSpace:
    """The space of an adopted preset: named as its folder."""
    return ParameterSpace(folder.name, "none", tiny_space(P).parameters)


def tell(stage: str, **more: object) -> None:
    print(json.dumps({"stage": stage, **more}), flush=True)


def main(file: Path, folder: Path) -> int:
    """Adopt."""
    author = json.loads(file.read_text())["author"]
    if author == "bad":
        print("it is no preset; choose another.", file=sys.stderr)
        return 2
    space, base = own_space(folder), file.read_bytes()
    write_tiny_model(folder, space=space, n_presets=1, base=base)
    tell("plays", folder=str(folder))
    if author == "dies":
        return 1
    tell("warning", text="its phases are random.")
    tell("macros", done=0.5, text="half")
    while author == "slow" and file.exists():
        time.sleep(0.02)
    macros = [f"Own {k}" for k in range(5)]
    write_tiny_model(folder, space=space, n_presets=1, macro_names=macros, seed=9, base=base)
    print("not JSON", flush=True)
    tell("ready", folder=str(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
