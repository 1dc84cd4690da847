"""The device's own decoder against numpy and the server: the same numbers, from text in a script."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ConfigError
from max4live.js.decoder import weights
from max4live.js.decoder.weights import BASE, FOLDER, flow_data, levels_of, main, model_data, packed, scripts
from models.coupling_arrays import Block, CouplingArrays
from models.folder import ModelFolder
from models.installed import PRETRAINED
from models.macros import LoudnessCurve
from server.instrument.blend import blend
from server.instrument.instrument import Instrument
from server.instrument.loaded_model import load_model
from server.instrument.preset_map import PresetMap
from server.instrument.sound_path import MAX_POINTS, SoundPath
from server.osc.hot_reader import ControlMessage
from tests.support.tiny_model import tiny_flow, write_tiny_model

SCRIPTS = Path(__file__).parent / "scripts"
SHIPPED = PRETRAINED / "vital-32"
N_POINTS = 1_000
MOST_BYTES = 400_000  # of one file
EXACT = 1e-9
MOST_TURNED = 2.5e-4  # of a parameter, at points twice as far out as usual; 1e-4 near the resting point
TURNED = 1e-4  # of a dial that a chart reads off the flow, whose weights the device has rounded
ROUNDED = 1e-5  # latents of presets are packed, too: off by 6e-6 at most

needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="needs Node 18 or newer: apt-get install nodejs"
)


def device(model=None, **asked):
    """Ask the device's decoder; `model` None is the shipped one, from its scripts."""
    done = subprocess.run(
        ["node", "decoder.mjs"],
        cwd=SCRIPTS,
        input=json.dumps({"model": model, **asked}),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rows(answers):
    """What was written, `(n, D)`; all of it numbers."""
    assert all(answer["ok"] for answer in answers)
    return np.array([answer["out"] for answer in answers])


def in_float64(flow):
    """The flow with weights that numpy multiplies in float64."""
    blocks = [
        Block(**{part: array.astype(np.float64) for part, array in vars(block).items()})
        for block in flow.blocks
    ]
    leveler = flow.leveler and replace(
        flow.leveler,
        **{p: getattr(flow.leveler, p).astype(np.float64) for p in ("w0", "b0", "w1", "b1", "w2", "b2")},
    )
    return CouplingArrays(blocks, flow.shift.astype(np.float64), flow.scale.astype(np.float64), leveler)


@pytest.fixture(scope="module")
def shipped():
    return ModelFolder.load(SHIPPED)


@pytest.fixture(scope="module")
def latents(shipped):
    """Random points, and the presets', which are further out."""
    drawn = np.random.default_rng(11).normal(size=(N_POINTS, shipped.flow.n_latent))
    return np.concatenate([drawn, shipped.presets.latents]).astype(np.float32)


# -- the file


def test_the_scripts_are_those_of_the_shipped_model(shipped):
    for name, text in scripts(shipped).items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, (
            "run: python -m max4live.js.decoder.weights"
        )
        assert text.isascii(), "an old engine may read the file in another encoding"
        assert len(text) < MOST_BYTES


def test_check_tells_what_is_out_of_date(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    small = write_tiny_model(tmp_path / "small", n=16)
    assert main(["--check", "--model", str(small)]) == 1
    assert "fsl_model.js is out of date" in capsys.readouterr().out
    assert main(["--model", str(small)]) == 0
    assert main(["--check", "--model", str(small)]) == 0
    assert main(["--model", str(tmp_path / "none")]) == 2
    assert "no model folder" in capsys.readouterr().err


def test_a_flow_of_another_kind_is_refused(shipped):
    with pytest.raises(ConfigError, match="coupling flows alone"):
        model_data(replace(shipped, flow=object()))


def test_the_alphabet_is_the_scripts_own():
    source = (FOLDER / "fsl_unpack.js").read_text(encoding="utf-8")
    assert f'var ALPHABET = "{weights.ALPHABET}";' in source
    assert len(set(weights.ALPHABET)) == BASE == 91


def unpack_in_node(matrices):
    """What fsl_unpack.js reads."""
    source = (
        'const { rows } = require("fsl_unpack");'
        'const all = JSON.parse(require("fs").readFileSync(0, "utf8"));'
        "process.stdout.write(JSON.stringify(all.map(rows)));"
    )
    done = subprocess.run(
        ["node", "-e", source],
        env={"NODE_PATH": str(FOLDER), "PATH": str(Path(shutil.which("node")).parent)},
        input=json.dumps(matrices),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return [np.array(matrix) for matrix in json.loads(done.stdout)]


@needs_node
@pytest.mark.parametrize("form", [(1, 1), (2, 1), (3, 1), (4, 1), (5, 2), (8, 3)], ids=str)
def test_what_is_packed_is_read_back(form):
    rng = np.random.default_rng(3)
    given = [
        rng.normal(size=(7, 5)) * 10.0 ** rng.integers(-2, 2, (7, 1)),
        np.zeros((2, 3)),
        np.array([[-8.57]]),
        rng.normal(size=(200, 40)),
        np.eye(4) * [[1.0], [1e-3], [1.0], [0.0]],
    ]
    for matrix, read in zip(given, unpack_in_node([packed(m, form) for m in given]), strict=True):
        assert read.shape == matrix.shape
        # Half a step of the row's scale, which is itself rounded up to a 753,570th of the largest.
        scale = np.abs(matrix).max(1, keepdims=True) + np.abs(matrix).max() / 753_570
        assert np.all(np.abs(read - matrix) <= scale / (levels_of(form) - 1) * (1 + 1e-6))


@needs_node
def test_weights_that_are_cut_off_are_refused():
    short = packed(np.ones((3, 3)))
    short["text"] = [short["text"][0][:-1]]
    with pytest.raises(subprocess.CalledProcessError, match="exit status 1"):
        unpack_in_node([short])


# -- the flow


@needs_node
def test_it_decodes_as_numpy_does(shipped, latents):
    patches = rows(device(decode=latents.tolist())["decode"])
    assert np.abs(patches - in_float64(shipped.flow).decode(latents)).max() < 1e-4
    assert np.abs(patches - shipped.flow.decode(latents)).max() < 1e-4  # what a server without ONNX plays


@needs_node
def test_inverting_leads_back(shipped, latents):
    patches = shipped.flow.decode(latents)
    found = rows(device(invert=patches.tolist())["invert"])
    again = rows(device(decode=found.tolist())["decode"])
    assert np.abs(again - patches).max() < 1e-3
    inside = np.all((patches > 0.0) & (patches < 1.0), axis=1)  # a clipped value tells nothing of its latent
    assert inside.sum() > 30
    # As near as the rounded weights lead: an error of 1e-4 in a patch is more in a latent.
    assert np.abs(found - shipped.flow.invert(patches))[inside].max() < 1e-2


@needs_node
@pytest.mark.parametrize("leveled", [False, True])
@pytest.mark.parametrize("n", [15, 16, 32])
def test_flows_of_other_shapes(n, leveled):
    flow = tiny_flow(n=n, n_blocks=3, hidden=21, seed=n, leveled=leveled)
    z = np.random.default_rng(n).normal(size=(50, n)).astype(np.float32)
    expected = in_float64(flow).decode(z)
    answer = device(flow_data(flow), decode=z.tolist(), invert=expected.tolist())
    assert np.abs(rows(answer["decode"]) - expected).max() < 1e-4
    assert np.abs(flow.decode(rows(answer["invert"])) - expected).max() < 1e-3


@needs_node
def test_a_point_that_decodes_to_no_number_is_told():
    answer = device(decode=[["nowhere"] * 32, [0.0] * 32])["decode"]
    assert [each["ok"] for each in answer] == [False, True]


@needs_node
def test_ends_have_a_latent():
    ends = [[0.0] * 32, [1.0] * 32]
    found = device(invert=ends)["invert"]
    again = rows(device(decode=rows(found).tolist())["decode"])
    assert np.abs(again - ends).max() < 1e-3


# -- macros, map, path


def leveled_macros(model):
    """The model with made-up loudness curves, of different lengths."""
    rng = np.random.default_rng(2)
    curves = tuple(LoudnessCurve(0.2 * rng.normal(size=2 + 3 * k)) for k in range(len(model.macros)))
    return with_macros(model, replace(model.macros, loudness=curves))


def with_macros(model, macros):
    """The model with these macros, and no others."""
    return replace(model, macros=macros, vocabulary=macros)


def turns_of(model, n=100):
    """Turns and jumps, as a player makes them, past the ends too."""
    rng, m = np.random.default_rng(4), len(model.macros)
    for _ in range(n):
        yield ["macro", int(rng.integers(m)), float(rng.uniform())]
        yield ["macro", int(rng.integers(m)), float(rng.integers(2))]
        yield ["macros", *rng.uniform(size=m).tolist()]
        yield ["latent", *(2.0 * rng.normal(size=model.flow.n_latent)).tolist()]
        yield ["macro", int(rng.integers(m)), float(rng.uniform())]


def walks_of(model, n=100):
    """Places of the map, and turns from there."""
    rng, m = np.random.default_rng(5), len(model.macros)
    for _ in range(n):
        yield ["place", *rng.uniform(size=2).tolist()]
        yield ["macro", int(rng.integers(m)), float(rng.uniform())]


def on_the_server(path, adjust, steps):
    """The same steps, by the server's instrument."""
    loaded = load_model(path, "numpy", adjust)
    instrument = Instrument(loaded, PresetMap(loaded, []), 0)
    for what, *values in steps:
        instrument.apply(ControlMessage(f"/flow/{what}", tuple(values)))
        yield instrument.latent, instrument.dials, instrument.place


@pytest.fixture(scope="module")
def rounded(shipped):
    """The shipped model with the latents of presets as the device has them: all else is then exact."""
    told = device(steps=[["preset", name] for name in shipped.presets.names])["steps"]
    latents = np.array([each["z"] for each in told])
    return replace(shipped, presets=replace(shipped.presets, latents=latents))


def straight(model):
    """The model with made-up directions of the latent space on its dials."""
    n = model.flow.n_latent
    directions = np.linalg.qr(np.random.default_rng(6).normal(size=(n - 1, n - 1)))[0][:8]
    made_up = {
        "directions": np.pad(directions, ((0, 0), (0, 1))).astype(np.float32),
        "low": np.full(8, -2.0, np.float32),
        "high": np.full(8, 2.0, np.float32),
        "chart": None,
        "charted": (),
        "flow": None,
    }
    return with_macros(model, replace(model.macros, **made_up))


@needs_node
@pytest.mark.parametrize(
    "adjust", [straight, lambda model: leveled_macros(straight(model))], ids=["plain", "loudness"]
)
@pytest.mark.parametrize("steps", [turns_of, walks_of])
def test_macros_and_the_map_are_the_servers(shipped, rounded, adjust, steps):
    model = adjust(rounded)
    steps = list(steps(model))
    told = device({**model_data(model), "presets": model_data(shipped)["presets"]}, steps=steps)["steps"]
    for mine, (z, dials, place) in zip(told, on_the_server(SHIPPED, lambda _: model, steps), strict=True):
        assert np.abs(np.array(mine["z"]) - z).max() < EXACT
        assert np.abs(np.array(mine["positions"]) - dials).max() < EXACT
        assert np.abs(np.array(mine["place"]) - place).max() < EXACT


@needs_node
@pytest.mark.parametrize("adjust", [lambda model: model, leveled_macros], ids=["plain", "loudness"])
@pytest.mark.parametrize("steps", [turns_of, walks_of])
def test_dials_of_the_chart_are_the_servers(shipped, rounded, adjust, steps):
    model = adjust(rounded)
    steps = list(steps(model, 30))
    told = device({**model_data(model), "presets": model_data(shipped)["presets"]}, steps=steps)["steps"]
    for mine, (z, dials, place) in zip(told, on_the_server(SHIPPED, lambda _: model, steps), strict=True):
        patches = model.flow.decode(np.stack([np.array(mine["z"]), z]))
        assert np.abs(patches[0] - patches[1]).max() < MOST_TURNED
        assert np.abs(np.array(mine["positions"]) - dials).max() < TURNED
        assert np.abs(np.array(mine["place"]) - place).max() < TURNED


@needs_node
def test_a_turn_there_and_back_leaves_no_trace(shipped):
    macros = leveled_macros(shipped)
    loaded = load_model(SHIPPED, "numpy")
    start = Instrument(loaded, PresetMap(loaded, []), 0)
    before = macros.macros[3].position(start.latent)
    told = device(model_data(macros), steps=[["macro", 3, 0.9], ["macro", 3, 0.1], ["macro", 3, before]])
    # A dial that reads its lead off a flow with rounded weights is off by as much.
    assert np.abs(np.array(told["steps"][-1]["z"]) - start.latent).max() < 1e-3


@needs_node
def test_a_frozen_macro_stays_as_on_the_server(shipped, rounded):
    model, name = leveled_macros(rounded), rounded.presets.names[100]
    steps = [["macro", 2, 0.8], ["keep", 2, name]]
    data = {**model_data(model), "presets": model_data(shipped)["presets"]}
    told = device(data, steps=steps)["steps"][-1]
    loaded = load_model(SHIPPED, "numpy", lambda _: model)
    instrument = Instrument(loaded, PresetMap(loaded, []), 0)
    instrument.apply(ControlMessage("/flow/macro", (2, 0.8)))
    instrument.frozen.add(2)
    instrument.load_preset(name)
    patches = model.flow.decode(np.stack([np.array(told["z"]), instrument.latent]))
    assert np.abs(patches[0] - patches[1]).max() < MOST_TURNED


@needs_node
def test_every_preset_is_there(shipped):
    presets = shipped.presets
    told = device(steps=[["preset", name] for name in presets.names])["steps"]
    assert np.abs(np.array([each["z"] for each in told]) - presets.latents).max() < ROUNDED
    assert np.abs(np.array([each["place"] for each in told]) - presets.places).max() < 1e-4
    patches = rows(device(decode=[each["z"] for each in told])["decode"])
    assert np.abs(patches - presets.patches).max() < 1e-3  # a preset's own patch; the server plays that one


@needs_node
@pytest.mark.parametrize("n", [1, 2, 3, 4, 30, 252])
def test_blends_are_the_servers(n):
    rng = np.random.default_rng(n)
    anchors, values = rng.uniform(size=(n, 2)), rng.normal(size=(n, 5))
    anchors[-1] = anchors[0]  # of two at one place the first counts
    points = np.concatenate([rng.uniform(-0.5, 1.5, size=(100, 2)), anchors])
    told = device(blend={"anchors": anchors.tolist(), "values": values.tolist(), "points": points.tolist()})
    expected = [blend(point, anchors, values) for point in points]
    assert np.abs(np.array(told["blend"]) - expected).max() < 1e-9


@needs_node
@pytest.mark.parametrize("n", [2, 3, 9])
def test_paths_are_the_servers(n):
    points = np.random.default_rng(n).normal(size=(n, 6))
    points = np.concatenate([points, points[-1:], points[:1]])  # one step of no length
    path = SoundPath()
    for point in points:
        path.add(point, point)
    positions = np.linspace(0.0, 1.0, 101)
    told = rows(device(path={"points": points.tolist(), "positions": positions.tolist()})["path"])
    assert np.abs(told - [path.at(position) for position in positions]).max() < 1e-9


@needs_node
def test_a_path_needs_two_points_and_has_room_for_as_many_as_the_servers():
    one = device(path={"points": [[1.0, 2.0]], "positions": [0.5]})["path"]
    assert not one[0]["ok"]
    many = [[float(k)] for k in range(MAX_POINTS + 5)]
    full = rows(device(path={"points": many, "positions": [1.0]})["path"])
    assert full[0] == MAX_POINTS - 1


@needs_node
def test_a_model_without_presets_has_no_map(tmp_path):
    bare = ModelFolder.load(write_tiny_model(tmp_path / "bare", n_presets=0))
    told = device(model_data(bare), steps=[["place", 0.2, 0.3], ["macro", 1, 0.5]])["steps"]
    assert told[0]["z"] == pytest.approx(bare.macros.resting.tolist(), abs=1e-6)
    assert told[1]["positions"][1] == pytest.approx(0.5)
