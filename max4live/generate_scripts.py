"""The tables that the devices' scripts read, taken from the server's and the synths' own.

`python -m max4live.generate_scripts` writes `fsl_addresses.js`, `fsl_controllers.js` and `fsl_wiring.js`;
with `--check` it writes nothing, and exits 1 if one of them is out of date. A script names an address as
`SEND.preset_load`, and the table holds only what is named, so a new row on the server changes no device that
does not use it.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import yaml

from core.atomic_file import write_atomically
from core.space import ParameterSpace
from max4live.builder.errors import DesignError
from server.osc.addresses import PROTOCOL, TO_SERVER

__all__ = ["TABLES", "addresses_js", "controllers_js", "main"]

FOLDER = Path(__file__).parent / "js"
SPACES = FOLDER.parents[1] / "synths" / "spaces"
BASE_PATCH = SPACES / "vital-base.vital"
_HEAD = """// Written by `python -m max4live.generate_scripts`: edit the tables that it reads, not this file.
"use strict";

"""
_SEND = re.compile(r"\bSEND\b(?:\.(\w+))?(?! =)")  # a use; `SEND = ` is where a script requires it


def addresses_js() -> str:
    """Return `fsl_addresses.js`: each address that a script sends, under its own words.

    `/flow/preset/load` is `preset_load`.

    Raises:
        DesignError: A script sends what is not in the table, or takes it by something else than a plain word.
    """
    words: dict[str, str] = {}
    for path in sorted(FOLDER.rglob("fsl_*.js")):
        for word in _SEND.findall(path.read_text(encoding="utf-8")):
            words[word] = _address(path.name, word)
    return (
        _HEAD + f"exports.PROTOCOL = {PROTOCOL};\n\n"
        f"exports.TO_SERVER = {json.dumps(dict(sorted(words.items())), indent=2)};\n"
    )


def _address(file: str, word: str) -> str:
    if not word:
        raise DesignError(f"{file} uses SEND without a word; write SEND.preset_load for /flow/preset/load")
    address = "/flow/" + word.replace("_", "/")
    if address not in TO_SERVER:
        raise DesignError(f"{file} sends SEND.{word}, but the server's table has no {address}")
    return address


def controllers_js() -> str:
    """Return `fsl_controllers.js`: for each synth, the host's names with their MIDI controllers."""
    rows: dict[str, dict[str, int]] = {}
    for path in sorted(SPACES.glob("*.yaml"), key=lambda path: (path.stem.count("-"), path.stem)):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "parameters" not in data or "synth" not in data:
            continue  # ranges for drawing, not a space
        space = ParameterSpace.from_dict({"name": path.stem, **data}, path.name)
        known = rows.setdefault(space.synth, {})
        for parameter in space:
            known.setdefault(parameter.label, parameter.control_change)
    lines = [_HEAD]
    for synth, controllers in rows.items():
        pairs = ",\n  ".join(json.dumps([label, number]) for label, number in controllers.items())
        lines.append(f"exports[{json.dumps(synth)}] = [\n  {pairs}\n];\n")
    return "".join(lines)


def wiring_js() -> str:
    """Return `fsl_wiring.js`: by what a device recognizes that Vital plays the base patch.

    Our modulations are wired in that file alone. Whether each swings both ways is a parameter that no model
    moves, 0 or 1, and the pattern of all of them is the base patch's.
    """
    settings = json.loads(BASE_PATCH.read_text(encoding="utf-8"))["settings"]
    switches = re.compile(r"modulation_(\d+)_bipolar")
    pairs = [
        json.dumps([f"Modulation {found[1]} Bipolar", int(value)])
        for name, value in settings.items()
        if (found := switches.fullmatch(name))
    ]
    return _HEAD + 'exports["vital"] = [\n  ' + ",\n  ".join(pairs) + "\n];\n"


TABLES = {"fsl_addresses.js": addresses_js, "fsl_controllers.js": controllers_js, "fsl_wiring.js": wiring_js}


def main(arguments: list[str] | None = None) -> int:
    """Write the tables, or report which are out of date; return 1 if one is, or cannot be made."""
    parser = argparse.ArgumentParser(description="Write the tables that the devices' scripts read.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if one is out of date")
    check = parser.parse_args(arguments).check
    try:
        made = {FOLDER / name: make() for name, make in TABLES.items()}
    except DesignError as error:
        print(f"max4live.generate_scripts: {error}", file=sys.stderr)
        return 1
    old = {p: text for p, text in made.items() if not p.exists() or p.read_text(encoding="utf-8") != text}
    for path, text in old.items():
        if check:
            print(f"{path.name} is out of date; run: python -m max4live.generate_scripts")
        else:
            write_atomically(path, text)
            print(f"wrote {path}")
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())
