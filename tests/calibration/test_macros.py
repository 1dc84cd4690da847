"""Macros measured on a synth: what is found, kept and played."""

from dataclasses import replace

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from calibration.facts import facts_path
from calibration.macro_facts import (
    MacroFacts,
    calibrated,
    in_words,
    read_macro_facts,
    synth_name,
    write_macro_facts,
)
from calibration.macro_walks import MacroWalk, common_course, facts_of, walk_macros
from calibration.macros import main
from core.mel import MelConfig
from models.folder import ModelFolder
from models.macros import LoudnessCurve
from models.steering.level_arrays import LEVEL_DB
from server.instrument.calibrated_models import CalibratedModels
from server.instrument.instrument import Instrument
from server.instrument.loaded_model import load_model
from server.instrument.preset_map import PresetMap
from server.osc.hot_reader import ControlMessage
from tests.support.live import running_server
from tests.support.tiny_model import write_tiny_model

N = 11
_DB = np.log(10.0) / 10.0  # a dB in a log-mel


def walk_of(loudness_lufs, sound_db):
    """Sounds so loud and so far, in dB of log-mel, from some sound."""
    return MacroWalk(np.array(loudness_lufs, float), np.reshape(sound_db, (-1, 1, 1)) * _DB)


def sine(octaves):
    t = np.arange(round(0.3 * MelConfig().sample_rate)) / MelConfig().sample_rate
    return 0.05 * np.sin(2 * np.pi * 220.0 * 2**octaves * t)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A tiny model with a level, whose macros do not touch it."""
    path = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny_model(path, leveled=True)
    return ModelFolder.load(path)


def rows_of(model, low=0.0, high=1.0, loudness=(0.0, 0.0)):
    return [MacroFacts(name=n, low=low, high=high, loudness_db=loudness) for n in model.macros.names]


# -- what is found


@given(st.integers(0, 3), st.integers(0, 3), st.floats(-9.0, 9.0), st.lists(st.floats(-50, -10), min_size=2))
def test_dead_ends_and_the_course_of_loudness_are_found(dead_low, dead_high, slope_db, levels):
    """It is dead up to a place and from one on, and in between sound and loudness go along."""
    way = np.clip((np.arange(N) - dead_low) / (N - 1 - dead_low - dead_high), 0.0, 1.0)
    found = facts_of("Made", [walk_of(level + slope_db * way, 20.0 * way) for level in levels])
    assert (found.low, found.high) == pytest.approx((dead_low / (N - 1), 1 - dead_high / (N - 1)))
    assert found.loudness_db == pytest.approx(slope_db * np.linspace(-0.5, 0.5, N), abs=0.01)


def test_an_end_is_cut_where_most_sounds_are_dead_or_silent_there():
    far = 20.0 * np.linspace(0.0, 1.0, N)
    silent = walk_of([-100.0, -80.0, *[-20.0] * (N - 2)], far)
    heard = walk_of([-20.0] * N, far)
    assert facts_of("Made", [silent] * 3).low == facts_of("Made", [*[silent] * 3, heard]).low == 0.1
    assert facts_of("Made", [silent, heard]).low == 0.0


@given(st.lists(st.lists(st.floats(-20.0, 20.0), min_size=5, max_size=5), min_size=1, max_size=6))
def test_no_more_is_evened_than_helps_the_sounds_it_was_not_taken_from(courses):
    courses = np.array(courses) - np.mean(courses, axis=1, keepdims=True)
    common = common_course(courses)
    assert common.shape == (5,) and np.isfinite(common).all()
    assert np.abs(common).max() <= 2.0 * np.abs(courses).max() + 1e-9
    if len(courses) == 1:  # nothing to try it on
        assert not common.any()


def test_a_course_of_its_own_in_every_sound_is_left_alone():
    slope = np.linspace(-6.0, 6.0, N)
    assert not common_course(np.stack([slope, -slope, slope, -slope, 0.5 * slope, -0.5 * slope])).any()
    shared = common_course(np.stack([slope, 0.8 * slope, 1.2 * slope, slope]))
    assert shared == pytest.approx(slope, abs=0.01)


def test_what_is_silent_in_one_sound_says_nothing_about_the_others():
    far = 20.0 * np.linspace(0.0, 1.0, N)
    walks = [walk_of([-20.0] * N, far), walk_of([-20.0] * N, far), walk_of([-100.0] * 9 + [-20.0] * 2, far)]
    assert facts_of("Made", walks).loudness_range_db < 1.0


def test_a_macro_that_is_hardly_heard_is_left_as_it_is():
    found = facts_of("Made", [walk_of([-20.0] * N, np.linspace(0.0, 0.9, N))])
    assert (found.low, found.high) == (0.0, 1.0) and found.loudness_range_db == 0.0


def test_what_a_synth_changes_by_itself_is_no_change():
    walks = [walk_of([-20.0] * N, 1.1 * np.arange(N))]
    assert facts_of("Made", walks).low == 0.0 and facts_of("Made", walks, noise_db=1.5).low == 0.2


def test_every_macro_is_walked_at_every_sound(model):
    heard = []

    def play(patch):
        heard.append(patch)
        return sine(float(patch[0]))

    walks = walk_macros(model, play, model.presets.latents[:2], 5)
    assert len(walks) == len(model.macros) and {len(w) for w in walks} == {2}
    assert len(heard) == len(model.macros) * 2 * 5
    assert walks[0][0].mels.shape == (5, *MelConfig().shape)


# -- what is kept


def test_kept_and_read_is_the_same(model, tmp_path):
    rows = tuple(rows_of(model, 0.1, 0.8, (1.0, -2.0, 1.0)))
    assert read_macro_facts(model, folder=tmp_path) is None
    write_macro_facts(model, rows, folder=tmp_path)
    assert read_macro_facts(model, folder=tmp_path) == rows
    assert read_macro_facts(model, "a box", tmp_path) == rows  # nothing better is known there
    own = tuple(rows_of(model, 0.2))
    write_macro_facts(model, own, "a box", tmp_path)
    assert (
        read_macro_facts(model, "a box", tmp_path) == own and read_macro_facts(model, folder=tmp_path) == rows
    )


def test_another_training_is_another_model(model, tmp_path):
    write_macro_facts(model, rows_of(model), folder=tmp_path)
    files = {**model.files, "macros.safetensors": "0" * 64}
    assert read_macro_facts(replace(model, files=files), folder=tmp_path) is None


@pytest.mark.parametrize(
    "wrong",
    [
        *({"low": 0.95}, {"low": -0.1}, {"low": None}, {"high": 1.5}, {"high": "far"}, {"name": "other"}),
        *({"loudness_db": row} for row in ([1.0], [0.0, float("nan")], [0.0, 1e9], "loud")),
    ],
)
def test_a_file_that_makes_no_sense_changes_nothing(model, tmp_path, wrong):
    path = write_macro_facts(model, rows_of(model), folder=tmp_path)
    facts = yaml.safe_load(path.read_text())
    facts["macros"][2].update(wrong)
    path.write_text(yaml.safe_dump(facts))
    assert read_macro_facts(model, folder=tmp_path) is None
    measured = CalibratedModels(tmp_path)
    assert measured.adjust(model) is model and measured.words == ""


def test_what_it_does_is_said_in_words(model):
    assert "8 of 8 macros span only what is heard" in in_words(rows_of(model, 0.1), False)
    assert "up to 3.0 dB" in in_words(rows_of(model, loudness=(-1.0, 2.0)), True)
    assert in_words(rows_of(model), False) == "nothing to correct"


# -- what is played


dials = st.floats(0.0, 1.0)
tables = st.lists(st.floats(-12.0, 12.0), min_size=2, max_size=9).map(tuple)


@pytest.fixture(scope="module")
def engine_of(model):
    """Makes the instrument of the model with a calibration."""
    loaded = load_model(model.path, "numpy")

    def make(rows):
        instrument = replace(loaded, model=calibrated(model, rows))
        return Instrument(instrument, PresetMap(instrument, []), seed=1)

    return make


def turn(instrument, k, value):
    instrument.apply(ControlMessage("/flow/macro", (k, value)))


@given(st.lists(st.tuples(st.integers(0, 7), dials), max_size=30), tables, st.permutations(range(8)))
def test_macros_and_patch_agree_whatever_was_turned(model, engine_of, turns, table, order):
    instrument = engine_of(rows_of(model, 0.1, 0.7, table))
    start, shown = instrument.latent.copy(), instrument.dials
    for k, value in turns:
        turn(instrument, k, value)
        assert instrument.dials[k] == pytest.approx(value, abs=1e-6)
    point = instrument.latent.copy()
    patch = instrument.current_patch().copy()
    instrument.apply(ControlMessage("/flow/patch", tuple(patch.tolist())))  # the knobs follow
    inside = (patch > 0.01).all() and (patch < 0.99).all()
    if inside:
        assert np.abs(instrument.latent - point).max() < 2e-2
    instrument.apply(ControlMessage("/flow/latent", tuple(point.tolist())))
    turned = {k for k, _ in turns}
    for k in (k for k in order if k in turned):
        turn(instrument, k, float(shown[k]))
    turned_back = all(0.0 < shown[k] < 1.0 for k, _ in turns)
    if turned_back:  # in any order: no macro leaves a trace
        assert np.abs(instrument.latent - start).max() < 1e-5  # directions are orthogonal to float32


@given(tables, dials, dials)
def test_the_engine_and_the_curves_say_the_same(model, engine_of, table, first, second):
    played = calibrated(model, rows_of(model, 0.0, 1.0, table))
    instrument = engine_of(rows_of(model, 0.0, 1.0, table))
    macro = played.macros[2]
    z = macro.turn(macro.turn(instrument.latent, first), second)
    turn(instrument, 2, first)
    turn(instrument, 2, second)
    assert np.allclose(z, instrument.latent, atol=1e-5)


def test_a_frozen_macro_keeps_its_loudness_too(model, engine_of):
    instrument = engine_of(rows_of(model, loudness=(-6.0, 6.0)))
    name = instrument.preset_map.names[4]
    instrument.load_preset(name)
    turn(instrument, 0, 0.9)
    wanted = instrument.latent.copy()
    instrument.load_preset(instrument.preset_map.names[7])
    turn(instrument, 0, 0.9)
    instrument.frozen.add(0)
    instrument.load_preset(name)
    assert np.allclose(instrument.latent, wanted, atol=1e-5)


def test_dials_span_what_is_heard_and_the_level_evens_the_loudness(model):
    played = calibrated(model, rows_of(model, 0.25, 0.75, (3.0, -3.0)))
    macros = played.macros
    span = model.macros.high - model.macros.low
    assert np.allclose(macros.low, model.macros.low + 0.25 * span, atol=1e-6)
    assert np.allclose(macros.high, model.macros.low + 0.75 * span, atol=1e-6)
    ends = [macros[1].turn(macros.resting, value)[-1] for value in (0.0, 1.0)]
    assert (ends[1] - ends[0]) * LEVEL_DB == pytest.approx(6.0, abs=1e-4)
    curves, before = macros.descriptor_curves[0], model.macros.descriptor_curves[0]
    assert curves.shape == before.shape
    assert curves[:, 0] == pytest.approx(
        [np.interp(0.25, np.linspace(0, 1, 50), c) for c in before], abs=1e-5
    )


def test_without_a_level_only_the_dials_change(tmp_path):
    write_tiny_model(tmp_path / "plain")
    plain = ModelFolder.load(tmp_path / "plain")
    assert calibrated(plain, rows_of(plain, 0.1, loudness=(-3.0, 3.0))).macros.loudness == ()


@given(tables, st.floats(-5.0, 5.0))
def test_a_curve_is_lines_between_its_values(values, dial):
    expected = np.interp(dial, np.linspace(0.0, 1.0, len(values)), values)
    assert LoudnessCurve(values).at(dial) == pytest.approx(expected, abs=1e-9)


def test_the_server_goes_by_it_and_says_so(model, tmp_path):
    data = tmp_path / "data é"
    write_macro_facts(model, rows_of(model, 0.0, 0.5), folder=data / "calibration")
    with running_server(model.path, data) as server:
        assert "8 of 8 macros span only what is heard" in server.said() and "--as-trained" in server.said()
    with running_server(model.path, data, "--as-trained") as server:
        assert "calibration.macros" not in server.said()


# -- the command


def test_what_is_wrong_is_one_line(model, capsys):
    for wrong in (["--model", "nobody"], ["--model", str(model.path)], ["--midi-port", "x"]):
        assert main([*wrong, "--sounds", "2"]) == 2
        said = capsys.readouterr().err
        assert said.startswith("macros: ") and said.count("\n") == 1


class Sines:
    """Its first parameter is the pitch; below 0.2 of the second it is silent."""

    def __init__(self, space, sample_rate):
        self._names = space.names

    def render(self, patch, note):
        pitch, level = (patch[name] for name in self._names[:2])
        return np.tile(sine(pitch) * (level > 0.2), (2, 1)).astype(np.float32)


def test_it_measures_says_what_it_heard_and_keeps_it(model, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("core.store.data_folder.sys.platform", "linux")
    monkeypatch.setattr("calibration.macros.load_engine", Sines)
    command = ["--model", str(model.path), "--sounds", "2", "--steps", "3", "--held", "0.1", "--check"]
    assert main(command) == 0
    said = capsys.readouterr().out
    rows = read_macro_facts(model)
    assert rows is not None and [row.name for row in rows] == list(model.macros.names)
    assert all(f"{k} {name}: heard" in said for k, name in enumerate(model.macros.names))
    assert "two takes of one patch differ by 0.00 dB" in said and "| mean |" in said


def test_it_can_be_forgotten(model, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("core.store.data_folder.sys.platform", "linux")
    path = write_macro_facts(model, rows_of(model))
    assert path == facts_path("macros", synth_name(model)) and path.exists()
    assert main(["--model", str(model.path), "--forget"]) == 0
    assert not path.exists() and "as they were trained" in capsys.readouterr().out
