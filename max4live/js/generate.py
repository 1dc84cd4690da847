"""The tables that the devices' scripts read, made from the server's and the synths' own.

`python -m max4live.js.generate` writes `fsl_addresses.js` and `fsl_controllers.js`; with `--check` it writes
nothing, and exits 1 if one of them is out of date.
"""

import argparse
import json
import sys
from pathlib import Path

import yaml

from core.space import ParameterSpace
from server.osc.addresses import PROTOCOL, TO_SERVER

__all__ = ["TABLES", "addresses_js", "controllers_js", "main"]

FOLDER = Path(__file__).parent
SPACES = FOLDER.parents[1] / "synths" / "spaces"
_HEAD = """// Made by `python -m max4live.js.generate` from {source}; a test holds the two together.
"use strict";

"""


def addresses_js() -> str:
    """Give `fsl_addresses.js`: each address under its own words, `/flow/preset/load` as `preset_load`."""
    words = {address.removeprefix("/flow/").replace("/", "_"): address for address in TO_SERVER}
    return (
        _HEAD.format(source="server/osc/addresses.py")
        + f"exports.PROTOCOL = {PROTOCOL};\n\nexports.TO_SERVER = {json.dumps(words, indent=2)};\n"
    )


def controllers_js() -> str:
    """Give `fsl_controllers.js`: for each synth, the host's names with their MIDI controllers."""
    rows: dict[str, dict[str, int]] = {}
    for path in sorted(SPACES.glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "parameters" not in data or "synth" not in data:
            continue  # ranges for drawing, not a space
        space = ParameterSpace.from_dict({"name": path.stem, **data}, path.name)
        known = rows.setdefault(space.synth, {})
        for parameter in space:
            known.setdefault(parameter.label, parameter.control_change)
    lines = [_HEAD.format(source="synths/spaces")]
    for synth, controllers in rows.items():
        pairs = ",\n  ".join(json.dumps([label, number]) for label, number in controllers.items())
        lines.append(f"exports[{json.dumps(synth)}] = [\n  {pairs}\n];\n")
    return "".join(lines)


TABLES = {"fsl_addresses.js": addresses_js, "fsl_controllers.js": controllers_js}


def main(arguments: list[str] | None = None) -> int:
    """Write the tables, or say which is out of date."""
    parser = argparse.ArgumentParser(description="Write the tables that the devices' scripts read.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if one is out of date")
    check = parser.parse_args(arguments).check
    old = [
        name
        for name, make in TABLES.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != make()
    ]
    if check:
        for name in old:
            print(f"{name} is out of date; run: python -m max4live.js.generate")
        return 1 if old else 0
    for name in old:
        (FOLDER / name).write_text(TABLES[name](), encoding="utf-8", newline="\n")
        print(f"wrote {FOLDER / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
