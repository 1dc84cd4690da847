"""A model as scripts that a device can hold, so that Flow Synth decodes by itself while no server answers.

`python -m max4live.js.decoder.weights` writes `fsl_model.js` and `fsl_blocka.js` to `fsl_blockh.js` from the
shipped model; with `--check` it writes nothing, and exits 1 if one of them is out of date. `packing.py` makes
text of the numbers, which `fsl_unpack.js` reads.

How finely depends on what a matrix does to a patch: 16.3 bits (two numbers in five digits) for the large
matrices of the blocks, 22.8 for their rotations, of which only the reflections are kept. The rounding of
a matrix's column is made up for by the columns that are still to come, as far as their inputs go together
(GPTQ). Without that the worst of a thousand decoded points would be off by 1.4e-4, with 16 bits for all by
5e-4, and with float16 by 6e-3 (docs/experiments.md).

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
from max4live.js.decoder.packing import BASE, FORM, LINE, Form, Json, packed, reflections, whole
from models.coupling_arrays import CONTEXT_LIMIT, LOG_SCALE_LIMIT, CouplingArrays
from models.folder import ModelFolder
from models.installed import PRETRAINED
from models.macros import Macros
from models.steering.chart import Chart
from models.steering.free_values import squash
from models.steering.landmarks import N_STEPS, STEP_DB, Landmarks
from models.steering.level_arrays import LEVEL_PARTS, LevelArrays

__all__ = [
    "coupling_of",
    "flow_data",
    "main",
    "model_data",
    "scripts",
]

FOLDER = Path(__file__).parent
SHIPPED = "vital-32"
_FORMS: dict[str, Form] = {
    "w1": (5, 2),
    "w2": (8, 3),
    "rotation": (7, 2),
}
_LEVEL_FORMS: dict[str, Form] = {"w1": (7, 4)}  # 7e-5 of the volume in the worst of 1,252 points
_CHART_FORMS: dict[str, Form] = {"w0": (7, 3), "w1": (7, 3)}  # 3e-5 of the volume; 4e-4 in 10.8 bits
_REST_FORM: Form = (5, 2)
_MOST_STEPS = (BASE - 1) // 2  # of a landmark's curve: 22.5 dB
_MARKS = 6  # in a digit
_N_SEEN = 20_000  # latents, half of them further out than a normal draw
_FURTHER = 1.5
_FINE: Form = (4, 1)  # 26 bits
_EXACT: Form = (6, 1)  # 39 bits
_DECIMALS = 9  # of what is computed: what follows differs from one processor to the next
_HEAD = """// Written by `python -m max4live.js.decoder.weights` from a model folder: do not edit.
"use strict";

"""


def flow_data(flow: CouplingArrays) -> Json:
    """Return what `Flow` of fsl_flow.js is made from."""
    return _flow_data(flow)[0]


def _flow_data(flow: CouplingArrays) -> tuple[Json, np.ndarray]:
    """Return the flow, rounded for what it sees where latents are usual, and what levelers see there."""
    x = np.random.default_rng(0).normal(size=(_N_SEEN, flow.n_coupled))
    x[_N_SEEN // 2 :] *= _FURTHER
    d, blocks = flow.n_coupled // 2, []
    for block in flow.blocks:
        context = CONTEXT_LIMIT * np.tanh(x[:, :d] / CONTEXT_LIMIT)
        first = _rectified(context, block.w0, block.b0)
        inputs = {"w0": context, "w1": first, "w2": _rectified(first, block.w1, block.b1)}
        arrays = {**vars(block), "rotation": reflections(block.rotation)}
        blocks.append(_packed(arrays, _FORMS, inputs))
        raw = inputs["w2"] @ block.w2.T.astype(np.float64) + block.b2
        n_moved = flow.n_coupled - d
        moved = (
            x[:, d:] * np.exp(LOG_SCALE_LIMIT * np.tanh(raw[:, :n_moved] / LOG_SCALE_LIMIT))
            + raw[:, n_moved:]
        )
        x = np.concatenate([x[:, :d], moved], axis=1) @ block.rotation.T.astype(np.float64)
    others = squash(x * flow.scale + flow.shift)
    leveler = None
    if flow.leveler is not None:
        scale = flow.leveler.scale
        volume = {"index": scale.index, "low": scale.low, "high": scale.high, "offset": scale.offset}
        leveler = {"volume": volume, **_leveler(flow.leveler, _LEVEL_FORMS, others)}
    data = {"shift": _plain(flow.shift), "scale": _plain(flow.scale), "leveler": leveler, "blocks": blocks}
    return data, others


def _rectified(inputs: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return np.maximum(inputs @ weight.T.astype(np.float64) + bias, 0.0)


def _leveler(leveler: LevelArrays, forms: Mapping[str, Form], others: np.ndarray) -> Json:
    first = _rectified(others, leveler.w0, leveler.b0)
    arrays = {part: getattr(leveler, part) for part in LEVEL_PARTS}
    return _packed(arrays, forms, {"w0": others, "w1": first})


def _packed(
    arrays: Mapping[str, np.ndarray], forms: Mapping[str, Form], inputs: Mapping[str, np.ndarray]
) -> Json:
    return {part: packed(array, forms.get(part, FORM), inputs.get(part)) for part, array in arrays.items()}


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
    flow, others = _flow_data(coupling_of(model))
    return {
        "name": model.name,
        "synth": model.space.synth,
        "labels": [parameter.label for parameter in model.space],
        "macros": {
            "names": list(macros.names),
            "directions": packed(macros.directions, _EXACT) if _has_straight(macros) else [],
            "charted": list(macros.charted or (-1,) * len(macros)),
            "low": _plain(macros.low),
            "high": _plain(macros.high),
            "resting": _plain(macros.resting),
            "loudness": [list(curve.values) for curve in macros.loudness],
            "chart": _chart(macros.chart, others),
            "free": _resting_free(macros),
        },
        "presets": {
            "names": list(presets.names),
            "kinds": _runs(presets.kinds),
            "places": packed(presets.places, _FINE),  # some lie close: a blend is steep there
            "latents": packed(presets.latents),
        },
        **flow,
    }


def _resting_free(macros: Macros) -> list[float] | None:
    """Return the free values of the resting point, which a chart shows its dials by; None without one."""
    if macros.chart is None or macros.flow is None:
        return None
    free = macros.flow.free_of(macros.resting.astype(np.float64))
    return _plain(np.round(free, _DECIMALS))


def _has_straight(macros: Macros) -> bool:
    return not macros.charted or -1 in macros.charted


def _chart(chart: Chart | None, others: np.ndarray) -> Json | None:
    if chart is None:
        return None
    return {
        "leads": chart.leads.tolist(),
        "courses": packed(chart.courses, _FINE),
        "gains": packed(chart.gains.T),
        "leveler": chart.leveler and _leveler(chart.leveler, _CHART_FORMS, others),
        "landmarks": chart.landmarks and _landmarks(chart.landmarks),
    }


def _landmarks(landmarks: Landmarks) -> Json:
    """Return landmarks in few digits: curves that are not 0 everywhere, ends within a dial's way."""
    steps = np.round(landmarks.volume_db / STEP_DB).clip(-_MOST_STEPS, _MOST_STEPS).astype(int)
    has_curve = np.any(steps, axis=2)
    marks = np.pad(has_curve, ((0, 0), (0, -has_curve.shape[1] % _MARKS))).reshape(-1, _MARKS)
    ends = np.round(landmarks.ends * N_STEPS).astype(int)
    cut = np.argwhere(np.any(ends != (0, N_STEPS), axis=2))
    return {
        "radius": landmarks.radius,
        "rests": packed(landmarks.rests.ravel() - 0.5, _REST_FORM),
        "marks": whole((marks @ 2 ** np.arange(_MARKS)).tolist(), 1),
        "size": steps.shape[2],
        "curves": whole((steps[has_curve] + _MOST_STEPS).ravel().tolist(), 1),
        "ends": whole((number for n, k in cut.tolist() for number in (n, k, *ends[n, k].tolist())), 2),
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
    elif isinstance(value, list) and any(isinstance(x, Mapping | list) or len(str(x)) >= LINE for x in value):
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
