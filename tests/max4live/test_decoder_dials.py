"""The device's own decoder against the server's instrument: the same macros, map and path."""

from dataclasses import replace

import numpy as np
import pytest

from max4live.js.decoder.weights import model_data
from models.folder import ModelFolder
from models.installed import PRETRAINED
from models.macros import LoudnessCurve
from models.steering.landmarks import Landmarks
from server.instrument.blend import blend
from server.instrument.instrument import Instrument
from server.instrument.loaded_model import load_model
from server.instrument.preset_map import PresetMap
from server.instrument.sound_path import MAX_POINTS, SoundPath
from server.osc.hot_reader import ControlMessage
from tests.max4live.decoder_in_node import device, needs_node, rows
from tests.support.tiny_model import write_charted_model, write_tiny_model

SHIPPED = PRETRAINED / "vital-32"
EXACT = 1e-9
MOST_TURNED = 2.5e-4  # of a parameter, at points twice as far out as usual; 1e-4 near the resting point
TURNED = 1e-4  # of a dial that a chart reads off the flow, whose weights the device has rounded
ROUNDED = 1e-5  # latents of presets are packed, too: off by 6e-6 at most


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


def visits_of(model, n=30):
    """Landmarks, and points near, between and far from them; turns there, also after a restart."""
    rng, m = np.random.default_rng(9), len(model.macros)
    landmarks = model.vocabulary.chart.landmarks
    ended = np.flatnonzero(np.any(landmarks.ends != (0.0, 1.0), axis=(1, 2)))
    for at in rng.choice(ended, min(n, len(ended)), replace=False):
        yield ["preset", model.presets.names[at]]
        for away in (0.0, 0.05, 0.15, 3.0):
            z = model.presets.latents[at] + away * rng.normal(size=model.flow.n_latent)
            if away:
                yield ["latent", *z.tolist()]
            for k in rng.permutation(m)[:4]:
                yield ["macro", int(k), float(rng.uniform())]
            yield ["restart"]
            yield ["macro", int(rng.integers(m)), float(rng.integers(2))]


def on_the_server(path, adjust, steps):
    """The same steps, by the server's instrument."""
    loaded = load_model(path, "numpy", adjust)
    instrument = Instrument(loaded, PresetMap(loaded, []), 0)
    for what, *values in steps:
        if what == "preset":
            instrument.load_preset(*values)
        elif what == "restart":  # from the latent, as a Set keeps it
            instrument.apply(ControlMessage("/flow/latent", tuple(np.float32(instrument.latent).tolist())))
        else:
            instrument.apply(ControlMessage(f"/flow/{what}", tuple(values)))
        yield instrument.latent, instrument.dials, instrument.place


@pytest.fixture(scope="module")
def rounded(shipped):
    """The shipped model with its presets as the device has them: all else is then exact."""
    told = device(steps=[["preset", name] for name in shipped.presets.names])["steps"]
    latents, places = (np.array([each[part] for each in told]) for part in ("z", "place"))
    return replace(shipped, presets=replace(shipped.presets, latents=latents, places=places))


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
def test_dials_near_landmarks_are_the_servers(shipped, rounded):
    steps = list(visits_of(rounded))
    data = {**model_data(rounded), "presets": model_data(shipped)["presets"]}
    told = device(data, steps=steps)["steps"]
    for mine, (z, dials, _) in zip(told, on_the_server(SHIPPED, lambda _: rounded, steps), strict=True):
        patches = rounded.flow.decode(np.stack([np.array(mine["z"]), z]))
        assert np.abs(patches[0] - patches[1]).max() < MOST_TURNED
        # A dial that goes over a fifth of its way shows five times what the rounded weights make of it.
        assert np.abs(np.array(mine["positions"]) - dials).max() < 20.0 * TURNED


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A tiny model with landmarks at which every dial has a curve, and goes over a part of its way."""
    path = write_charted_model(tmp_path_factory.mktemp("marked") / "model", n_macros=14)
    model, rng = ModelFolder.load(path), np.random.default_rng(4)
    chart, latents = model.vocabulary.chart, model.presets.latents
    rests = np.stack([chart.rest(model.flow.free_of(z)) for z in latents.astype(np.float64)])
    volume_db = np.round(2.0 * rng.uniform(-22.5, 22.5, size=(len(latents), 14, 6))) / 2.0
    low = rng.integers(0, 150, size=(len(latents), 14)) / 255.0
    landmarks = Landmarks(rests, volume_db, np.stack([low, low + 60 / 255.0], axis=2))
    # Some dials are as anywhere else.
    landmarks.volume_db[rng.uniform(size=low.shape) < 0.3] = 0.0
    landmarks.ends[rng.uniform(size=low.shape) < 0.3] = 0.0, 1.0
    macros = replace(model.vocabulary, chart=replace(chart, landmarks=landmarks))
    return replace(model, vocabulary=macros, macros=macros.select(range(8)))


@needs_node
@pytest.mark.parametrize("model", ["shipped", "marked"])
def test_what_is_known_near_a_patch_is_what_the_server_knows(model, request):
    model = request.getfixturevalue(model)
    rng, chart = np.random.default_rng(8), model.vocabulary.chart
    free = [model.flow.free_of(z) for z in model.presets.latents.astype(np.float64)]
    frees = [u + away * rng.normal(size=len(u)) for u in free for away in (0.0, 0.01, 0.05, 1.0)]
    expected = [chart.landmark(u) for u in frees]
    told = device(model_data(model), near=[u.tolist() for u in frees])["near"]
    kinds = {None if near is None else near.low == (0.0,) * len(near.low) for near in expected}
    assert None in kinds and False in kinds
    for mine, near in zip(told, expected, strict=True):
        if near is None:
            assert mine is None
            continue
        assert mine["low"] == pytest.approx(near.low, abs=5e-4)
        assert mine["high"] == pytest.approx(near.high, abs=5e-4)
        curves = [curve or [0.0] * near.volume_db.shape[1] for curve in mine["curves"]]
        np.testing.assert_allclose(curves, near.volume_db, atol=0.02)


@needs_node
def test_dials_near_landmarks_lead_to_the_same_point_in_any_order(shipped):
    rng = np.random.default_rng(3)
    for name in shipped.presets.names[5:250:60]:
        turns = [["macro", k, rng.uniform()] for k in range(8)]
        ways = [[turns[k] for k in rng.permutation(8)] for _ in range(2)]
        ends = [device(steps=[["preset", name], *way])["steps"][-1]["z"] for way in ways]
        assert ends[0] == pytest.approx(ends[1], abs=1e-9)


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
        path.add(point, point, (0.5, 0.5))
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
