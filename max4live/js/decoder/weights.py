"""A model as scripts that a device can hold, so that Flow Synth decodes by itself while no server answers.

`python -m max4live.js.decoder.weights` writes `fsl_model.js` and `fsl_blocka.js` to `fsl_blockh.js` from the
shipped model; with `--check` it writes nothing, and exits 1 if one of them is out of date. `fsl_unpack.js`
reads the numbers.

A matrix is text in base 91: the scale of each row, as a share of the largest, then all numbers as shares of
their row's scale. How finely depends on what a matrix does to a patch: 16.3 bits (two numbers in five digits)
for the large matrices of the blocks, 26 for their rotations. In the large ones the rounding of a column is
made up for by the columns that are still to come, as far as their inputs go together (GPTQ). Without that
the worst of a thousand decoded points would be off by 1.4e-4, with 16 bits for all by 5e-4, and with float16
by 6e-3 (docs/experiments.md).

References:
    Frantar et al., "GPTQ: accurate post-training quantization ...", ICLR 2023, arXiv 2210.17323.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from core.errors import BridgeError, ConfigError
from models.coupling_arrays import CONTEXT_LIMIT, LOG_SCALE_LIMIT, Block, CouplingArrays
from models.folder import ModelFolder
from models.installed import PRETRAINED
from models.macros import Macros
from models.steering.free_values import squash
from models.steering.level_arrays import LEVEL_PARTS, LevelArrays

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
_FORMS: dict[str, Form] = {
    **{"w1": (5, 2), "w2": (8, 3)},
    **dict.fromkeys(("rotation", "b0", "b1", "b2"), (4, 1)),
}
_LEVEL_FORMS: dict[str, Form] = {"w1": (7, 4)}  # 7e-5 of the volume in the worst of 1,252 points
_CHART_FORMS: dict[str, Form] = {"w0": (7, 3), "w1": (7, 3)}  # 3e-5 of the volume; 4e-4 in 10.8 bits
_N_SEEN = 20_000  # latents, half of them further out than a normal draw
_FURTHER = 1.5
_DAMPING = 1e-3  # of the mean square of an input: keeps what one column makes up for within bounds
_EXACT: Form = (6, 1)  # 39 bits
_LINE = 4_000  # characters
_HEAD = """// Written by `python -m max4live.js.decoder.weights` from a model folder: do not edit.
"use strict";

"""

Json = dict[str, Any]


def packed(matrix: np.ndarray, form: Form = _FORM, inputs: np.ndarray | None = None) -> Json:
    """Return a matrix `(rows, columns)`, or a vector as one row, as text with its sizes.

    Args:
        matrix: Finite numbers.
        form: So many digits for so many numbers. A number is off by less than half of `2 / levels` of the
            largest of its row.
        inputs: What the matrix is multiplied with, `(N, columns)`: their products are then as near as can be,
            instead of each number.
    """
    digits, group = form
    levels = levels_of(form)
    rows = np.atleast_2d(matrix).astype(np.float64)
    top = float(np.abs(rows).max(initial=0.0)) or 1.0
    most = BASE**_SCALE_DIGITS - 1
    shares = np.ceil(np.abs(rows).max(axis=1) / top * most).clip(1, most)
    middle = (levels - 1) // 2
    numbers = _rounded(rows / (shares[:, None] * top / most) * middle, middle, inputs) + middle
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


def _rounded(numbers: np.ndarray, most: int, inputs: np.ndarray | None) -> np.ndarray:
    """Return whole numbers from -most to most."""
    if inputs is None:
        return np.round(numbers).clip(-most, most)
    together = inputs.T @ inputs / len(inputs)
    together += _DAMPING * (np.mean(np.diag(together)) or 1.0) * np.eye(len(together))
    # In float32, so that another library of linear algebra gives the same text.
    makes_up = np.linalg.cholesky(np.linalg.inv(together)).T.astype(np.float32).astype(np.float64)
    left, whole = numbers.copy(), np.empty_like(numbers)
    for k, row in enumerate(makes_up):
        whole[:, k] = np.round(left[:, k]).clip(-most, most)
        left[:, k + 1 :] -= ((left[:, k] - whole[:, k]) / row[k])[:, None] * row[k + 1 :]
    return whole


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
        **_networks(flow),
    }


def _networks(flow: CouplingArrays) -> Json:
    """Return the blocks and the leveler, rounded for what they see where latents are usual."""
    x = np.random.default_rng(0).normal(size=(_N_SEEN, flow.n_coupled))
    x[_N_SEEN // 2 :] *= _FURTHER
    d, blocks = flow.n_coupled // 2, []
    for block in flow.blocks:
        context = CONTEXT_LIMIT * np.tanh(x[:, :d] / CONTEXT_LIMIT)
        first = _rectified(context, block.w0, block.b0)
        inputs = {"w1": first, "w2": _rectified(first, block.w1, block.b1)}
        blocks.append(
            {
                part: packed(getattr(block, part), _FORMS.get(part, _FORM), inputs.get(part))
                for part in Block.__annotations__
            }
        )
        raw = inputs["w2"] @ block.w2.T.astype(np.float64) + block.b2
        n_moved = flow.n_coupled - d
        moved = (
            x[:, d:] * np.exp(LOG_SCALE_LIMIT * np.tanh(raw[:, :n_moved] / LOG_SCALE_LIMIT))
            + raw[:, n_moved:]
        )
        x = np.concatenate([x[:, :d], moved], axis=1) @ block.rotation.T.astype(np.float64)
    if flow.leveler is None:
        return {"leveler": None, "blocks": blocks}
    return {"leveler": _leveler(flow.leveler, squash(x * flow.scale + flow.shift)), "blocks": blocks}


def _rectified(inputs: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return np.maximum(inputs @ weight.T.astype(np.float64) + bias, 0.0)


def _leveler(leveler: LevelArrays, others: np.ndarray) -> Json:
    scale = leveler.scale
    inputs = {"w1": _rectified(others, leveler.w0, leveler.b0)}
    return {
        "volume": {"index": scale.index, "low": scale.low, "high": scale.high, "offset": scale.offset},
        **{
            part: packed(getattr(leveler, part), _LEVEL_FORMS.get(part, _FORM), inputs.get(part))
            for part in LEVEL_PARTS
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
    """Return what a device needs to know of a model: its flow, all its macros and its preset map.

    Raises:
        ConfigError: Its flow is of another kind than fsl_flow.js decodes.
    """
    macros, presets = model.vocabulary, model.presets
    return {
        "name": model.name,
        "synth": model.space.synth,
        "labels": [parameter.label for parameter in model.space],
        "macros": {
            "names": list(macros.names),
            "directions": packed(macros.directions, _EXACT) if _has_straight(macros) else [],
            "charted": _charted(macros),
            "low": _plain(macros.low),
            "high": _plain(macros.high),
            "resting": _plain(macros.resting),
            "loudness": [list(curve.values) for curve in macros.loudness],
            "chart": _chart(macros),
            "free": _resting_free(macros),
        },
        "presets": {
            "names": list(presets.names),
            "kinds": _runs(presets.kinds),
            "places": packed(presets.places, _EXACT),  # some lie close: a blend is steep there
            "latents": packed(presets.latents),
        },
        **flow_data(coupling_of(model)),
    }


def _resting_free(macros: Macros) -> list[float] | None:
    """Return the free values of the resting point, which a chart shows its dials by; None without one."""
    if macros.chart is None or macros.flow is None:
        return None
    return _plain(macros.flow.free_of(macros.resting.astype(np.float64)))


def _has_straight(macros: Macros) -> bool:
    return not macros.charted or -1 in macros.charted


def _charted(macros: Macros) -> list[int]:
    """Return the index of each macro on the chart that the device has, -1 for a straight one."""
    found, n = [], 0
    for at in macros.charted or (-1,) * len(macros):
        found.append(n if at >= 0 else -1)
        n += at >= 0
    return found


def _chart(macros: Macros) -> Json | None:
    """Return the part of the chart that the macros need; None without one."""
    if macros.chart is None:
        return None
    chart, rows = macros.chart, [k for k in macros.charted if k >= 0]
    leveler = chart.leveler and {
        part: packed(getattr(chart.leveler, part), _CHART_FORMS.get(part, _FORM)) for part in LEVEL_PARTS
    }
    return {
        "leads": chart.leads[rows].tolist(),
        "courses": packed(chart.courses[rows], _EXACT),
        "gains": packed(chart.gains[:, rows].T),
        "leveler": leveler,
    }


def _runs(kinds: Iterable[str]) -> list[list[str | int]]:
    """Return `[kind, first, n]` of each run of presets of one kind, as `/flow/kind` lists them."""
    runs: list[list[str | int]] = []
    first = 0
    for kind, run in groupby(kinds):
        n = len(list(run))
        if kind:
            runs.append([kind, first, n])
        first += n
    return runs


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
