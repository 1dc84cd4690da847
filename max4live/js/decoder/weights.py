"""A model as scripts that a device can hold, so that Flow Synth decodes by itself while no server answers.

`python -m max4live.js.decoder.weights` writes `fsl_model.js` and `fsl_blocka.js` to `fsl_blockh.js` from the
shipped model; with `--check` it writes nothing, and exits 1 if one of them is out of date. `fsl_unpack.js`
reads the numbers.

A matrix is text in base 91: the scale of each row, as a share of the largest, then all numbers as shares of
their row's scale. How finely depends on what a matrix does to a patch: 17.4 bits (three numbers in eight
digits) for the large matrices of the blocks, 26 for their rotations; with 16 bits for all, the worst of a
thousand decoded points is off by 5e-4, and with float16 by 6e-3 (docs/experiments.md).
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from core.errors import BridgeError, ConfigError
from models.coupling_arrays import Block, CouplingArrays
from models.folder import ModelFolder
from models.installed import PRETRAINED
from models.level_arrays import LevelArrays

__all__ = [
    "ALPHABET",
    "Json",
    "coupling_of",
    "flow_data",
    "levels_of",
    "main",
    "model_data",
    "packed",
    "scripts",
]

FOLDER = Path(__file__).parent
SHIPPED = "vital-32"
# Nothing that ends a string or a comment, or escapes. fsl_unpack.js has the same.
ALPHABET = "!#$%&'()*+,-.0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"
BASE = len(ALPHABET)
_SCALE_DIGITS = 3
Form = tuple[int, int]  # so many digits for so many numbers
_FORM: Form = (3, 1)  # 19.5 bits
_FORMS: dict[str, Form] = {"w1": (8, 3), "rotation": (4, 1), "b0": (4, 1), "b1": (4, 1), "b2": (4, 1)}
# In the level network's large matrix: 3e-5 of the volume in the worst of 8,000 points.
_LEVEL_FORMS: dict[str, Form] = {"w1": (2, 1)}
_LINE = 4_000  # characters
_HEAD = """// Written by `python -m max4live.js.decoder.weights` from a model folder: do not edit.
"use strict";

"""

Json = dict[str, Any]


def packed(matrix: np.ndarray, form: Form = _FORM) -> Json:
    """Return a matrix `(rows, columns)`, or a vector as one row, as text with its sizes.

    Args:
        matrix: Finite numbers.
        form: So many digits for so many numbers. A number is off by less than half of `2 / levels` of the
            largest of its row.
    """
    digits, group = form
    levels = levels_of(form)
    rows = np.atleast_2d(matrix).astype(np.float64)
    top = float(np.abs(rows).max(initial=0.0)) or 1.0
    most = BASE**_SCALE_DIGITS - 1
    shares = np.ceil(np.abs(rows).max(axis=1) / top * most).clip(1, most)
    middle = (levels - 1) // 2
    numbers = np.round(rows / (shares[:, None] * top / most) * middle).clip(-middle, middle) + middle
    each = numbers.astype(int).ravel().tolist()
    each += [0] * (-len(each) % group)
    together = [
        sum(number * levels**k for k, number in enumerate(each[at : at + group]))
        for at in range(0, len(each), group)
    ]
    text = "".join(_digits(share, _SCALE_DIGITS) for share in shares.astype(int).tolist())
    text += "".join(_digits(number, digits) for number in together)
    return {
        "rows": rows.shape[0],
        "columns": rows.shape[1],
        "digits": digits,
        "group": group,
        "levels": levels,
        "top": top,
        "text": [text[at : at + _LINE] for at in range(0, len(text), _LINE)],
    }


def levels_of(form: Form) -> int:
    """Return how many values a number has: odd, so that 0 is one of them.

    >>> levels_of((2, 1))
    8281
    """
    digits, group = form
    most = int(BASE ** (digits / group) * (1 + 1e-12))  # a root of a power of BASE may come out just below
    return most - (most + 1) % 2


def _digits(number: int, n: int) -> str:
    text = ""
    for _ in range(n):
        number, digit = divmod(number, BASE)
        text = ALPHABET[digit] + text
    return text


def flow_data(flow: CouplingArrays) -> Json:
    """Return what `Flow` of fsl_flow.js is made from."""
    return {
        "shift": _plain(flow.shift),
        "scale": _plain(flow.scale),
        "leveler": None if flow.leveler is None else _leveler(flow.leveler),
        "blocks": [
            {part: packed(getattr(block, part), _FORMS.get(part, _FORM)) for part in Block.__annotations__}
            for block in flow.blocks
        ],
    }


def _leveler(leveler: LevelArrays) -> Json:
    scale = leveler.scale
    return {
        "volume": {"index": scale.index, "low": scale.low, "high": scale.high, "offset": scale.offset},
        **{
            part: packed(getattr(leveler, part), _LEVEL_FORMS.get(part, _FORM))
            for part in ("w0", "b0", "w1", "b1", "w2", "b2")
        },
    }


def coupling_of(model: ModelFolder) -> CouplingArrays:
    """Return the flow of a model.

    Raises:
        ConfigError: It is of another kind than fsl_flow.js decodes.
    """
    if not isinstance(model.flow, CouplingArrays):
        raise ConfigError(f"the devices decode coupling flows alone, and {model.name} has another; pick one.")
    return model.flow


def model_data(model: ModelFolder) -> Json:
    """Return what a device needs to know of a model: its flow, macros and preset map.

    Raises:
        ConfigError: Its flow is of another kind than fsl_flow.js decodes.
    """
    macros, presets = model.macros, model.presets
    return {
        "name": model.name,
        "synth": model.space.synth,
        "labels": [parameter.label for parameter in model.space],
        "macros": {
            "names": list(macros.names),
            "directions": [_plain(direction) for direction in macros.directions],
            "low": _plain(macros.low),
            "high": _plain(macros.high),
            "resting": _plain(macros.resting),
            "loudness": [list(curve.values) for curve in macros.loudness],
        },
        "presets": {
            "names": list(presets.names),
            "places": [_plain(place) for place in presets.places],  # some lie close: a blend is steep there
            "latents": packed(presets.latents),
        },
        **flow_data(coupling_of(model)),
    }


def scripts(model: ModelFolder) -> dict[str, str]:
    """Return the scripts that hold a model, by file name: each block has its own, and is read by itself."""
    data = model_data(model)
    blocks = data.pop("blocks")
    names = [f"fsl_block{letter}" for letter in ascii_lowercase[: len(blocks)]]
    texts = {f"{name}.js": _HEAD + _export("block", block) for name, block in zip(names, blocks, strict=True)}
    text = "".join(_export(name, value) for name, value in data.items())
    reads = ",\n".join(f'  function () {{ return require("{name}").block; }}' for name in names)
    texts["fsl_model.js"] = f"{_HEAD}{text}exports.blocks = [\n{reads}\n];\n"
    return texts


def _export(name: str, value: Any) -> str:
    return f"exports.{name} = {_written(value)};\n"


def _written(value: Any, indent: str = "") -> str:
    """Return JSON with a line for each entry, but one for a list of numbers or of words."""
    deeper = indent + "  "
    if isinstance(value, Mapping):
        rows = [f"{json.dumps(key)}: {_written(each, deeper)}" for key, each in value.items()]
        brackets = "{}"
    elif isinstance(value, list) and any(
        isinstance(x, Mapping | list) or len(str(x)) >= _LINE for x in value
    ):
        rows, brackets = [_written(each, deeper) for each in value], "[]"
    else:
        return json.dumps(value)
    return brackets[0] + ",".join(f"\n{deeper}{row}" for row in rows) + f"\n{indent}{brackets[1]}"


def _plain(values: np.ndarray) -> list[float]:
    """Return numbers with all their decimals, for the few that are not to be rounded."""
    return values.astype(np.float64).tolist()


def main(arguments: list[str] | None = None) -> int:
    """Write the scripts of a model, or report which are out of date; return 1 if one is, 2 on an error."""
    parser = argparse.ArgumentParser(description="Write a model as scripts that a device can hold.")
    parser.add_argument(
        "--model", type=Path, default=PRETRAINED / SHIPPED, help="folder (the shipped one by default)"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if one is out of date")
    given = parser.parse_args(arguments)
    try:
        made = {FOLDER / name: text for name, text in scripts(ModelFolder.load(given.model)).items()}
    except BridgeError as error:
        print(f"max4live.js.decoder.weights: {error}", file=sys.stderr)
        return 2
    old = {p: text for p, text in made.items() if not p.exists() or p.read_text(encoding="utf-8") != text}
    for path, text in old.items():
        if given.check:
            print(f"{path.name} is out of date; run: python -m max4live.js.decoder.weights")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {path}, {len(text) / 1e3:.0f} kB")
    return 1 if given.check and old else 0


if __name__ == "__main__":
    sys.exit(main())
