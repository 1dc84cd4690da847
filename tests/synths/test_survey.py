"""What is found out about controls, on synths made of a few lines."""

from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

import synths.discover.survey
from core.errors import RenderError
from synths.discover.control_tests import Heard, Move, named_reason
from synths.discover.survey import NOTE, survey
from synths.discover.volume_by_ear import find_volume
from synths.engine import PatchFailure
from synths.plugin import PluginControls, controller_values

RATE = 22_050
TIME = np.arange(round(NOTE.seconds * RATE)) / RATE


class Synth:
    """A saw through a one-pole filter, with controls of every kind."""

    controls = PluginControls(
        {"Tone": 0.5, "Output": 0.6, "Coarse": 0.5, "Shape": 0.0, "Nothing": 0.0, "Killer": 0.0, "Fatal": 0.0}
        | {"MIDI Learn": 0.0},
        {"Shape": 3},
    )

    def __init__(self, path, sample_rate, **_):
        self.path = path

    def render(self, patch, note):
        v = {**Synth.controls.defaults, **patch}
        if v["Fatal"] > 0.8:
            raise PatchFailure("it crashed (SIGSEGV) at this patch.")
        hz = 220.0 * 2.0 ** (v["Coarse"] - 0.5)
        harmonics = np.arange(1, 20)[:, None]
        weights = (0.3 + 0.6 * v["Tone"]) ** harmonics
        mono = np.sum(weights * np.sin(2.0 * np.pi * hz * harmonics * TIME), axis=0)
        gain_db = -np.inf if v["Output"] == 0.0 or v["Killer"] > 0.2 else 48.0 * v["Output"] - 60.0
        return np.tile(np.float32(mono * 10.0 ** (gain_db / 20.0)), (2, 1))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(synths.discover.survey, "GuardedPlugin", Synth)
        return survey(tmp_path_factory.mktemp("synth"))


def test_every_control_is_where_it_belongs(found):
    assert list(found.changes_db) == ["Tone"]
    assert found.volume.name == "Output"
    reasons = {name: found.left_out[name].split(";")[0] for name in found.left_out}
    assert (
        reasons["Shape"] == "a switch of 3 positions" and reasons["MIDI Learn"] == "it decides what MIDI does"
    )
    assert reasons["Coarse"].startswith("it moves the pitch, by up to 60")
    assert reasons["Nothing"] == "inaudible in 5 patches"
    assert reasons["Killer"] == "nearly everywhere it silences the sound"
    assert reasons["Fatal"] == "at 1, it crashed (SIGSEGV) at this patch."
    assert set(found.left_out) | {"Tone", "Output"} == set(Synth.controls.defaults)


def test_the_gain_of_the_volume_is_measured(found):
    values = np.linspace(0.0, 1.0, len(found.volume.gain_db))
    assert found.volume.gain_db[0] == -80.0
    assert np.allclose(found.volume.gain_db[1:], 48.0 * (values[1:] - 1.0), atol=0.1)


@pytest.mark.parametrize(
    ("n_inputs", "said"), [(2, "is an effect"), (0, "is silent with the patch it starts with")]
)
def test_what_stays_silent_is_told_apart(n_inputs, said, monkeypatch, tmp_path):
    class Silent(Synth):
        controls = PluginControls({"Output": 0.0}, {}, n_inputs)

        def render(self, patch, note):
            return np.zeros((2, len(TIME)), np.float32)

    monkeypatch.setattr(synths.discover.survey, "GuardedPlugin", Silent)
    with pytest.raises(RenderError, match=said):
        survey(tmp_path)
    with pytest.raises(RenderError, match="there is no plug-in at"):
        survey(tmp_path / "none.vst3")


def test_three_thousand_controls_are_tried_as_far_as_the_time_goes(monkeypatch, tmp_path):
    class Many(Synth):
        controls = PluginControls(
            Synth.controls.defaults | {f"P{k}": 0.5 for k in range(3_000)}, {"Shape": 3}
        )

    monkeypatch.setattr(synths.discover.survey, "GuardedPlugin", Many)
    clock = SimpleNamespace(monotonic=count().__next__)  # a second passes with each look
    monkeypatch.setattr(synths.discover.survey, "time", clock)
    found = survey(tmp_path, seconds=40.0)
    assert "Tone" in found.changes_db
    assert found.left_out["P2999"].startswith("not tried: the time was over")


def test_midi_controllers_stand_in_for_a_synth_that_shows_no_controls(monkeypatch, tmp_path):
    class Closed(Synth):
        controls = PluginControls({"Slot 1": 0.0}, {})

        def render(self, patch, note):
            mapped = {"Tone": patch.get("MIDI CC 74", 0.5), "Output": patch.get("MIDI CC 7", 0.6)}
            return Synth.render(self, mapped, note)

    monkeypatch.setattr(synths.discover.survey, "GuardedPlugin", Closed)
    monkeypatch.setattr(synths.discover.survey, "CONTROLLERS", (7, 22, 74))
    found = survey(tmp_path)
    assert list(found.changes_db) == ["MIDI CC 74"] and found.volume.name == "MIDI CC 7"


def moves(*rows):
    values = (0.0, 0.3, 0.7, 1.0)
    return [
        [Move(v, True, change, louder) for v, (change, louder) in zip(values, row, strict=True)]
        for row in rows
    ]


GAIN = [(0.1, -20.0), (0.0, -10.0), (0.0, 0.0), (0.1, 4.0)]
LIMITED = [(0.0, 0.0)] * 4
FALLING = [(0.0, 4.0), (0.0, 0.0), (0.0, -10.0), (0.0, -20.0)]


def sounds_of(timbre_db, most_db=0.0):
    """Return sounds that go up by 40 dB, to a limit, and change their timbre on the way."""

    def sounds(name, values, k):
        level = [min(40.0 * v - 50.0, most_db) for v in values]
        mels = [np.full((2, 2), timbre_db[name] * v / 8.68589) for v in values]  # a log-mel is in nepers
        return [Heard(np.zeros(4), mel, lufs, RATE) for mel, lufs in zip(mels, level, strict=True)]

    return sounds


def test_a_volume_is_a_gain_in_most_patches_and_changes_no_timbre():
    rows = {name: moves(GAIN, LIMITED, GAIN) for name in ("tone", "volume", "blurred")}
    rows["falling"] = moves(FALLING, FALLING, FALLING)
    heard = sounds_of({"tone": 30.0, "volume": 0.1, "blurred": 1.0})
    assert find_volume(rows, heard).name == "volume"
    rows.pop("volume")
    assert find_volume(rows, heard).name == "blurred"
    rows.pop("blurred")
    assert find_volume(rows, heard) is None


def test_what_a_limiter_hides_is_a_gain_below_it():
    found = find_volume({"volume": moves(GAIN, LIMITED)}, sounds_of({"volume": 0.0}, most_db=-30.0))
    assert found.gain_db[0] == -20.0 and found.gain_db[9:] == (0.0,) * 8


@pytest.mark.parametrize(
    "name",
    [
        "Bypass",
        "midi_learn",
        "Polyphony",
        "KeyboardMode",
        "portamento time",
        "amp_vel_sens",
        "Master Tune",
        "Tuning",
    ]
    + ["Pitch Bend Range", "Program", "Mod Wheel", "Oversampling"],
)
def test_names_that_tell_why_not(name):
    assert named_reason(name)


@pytest.mark.parametrize(
    "name", ["Filter Cutoff", "Level", "osc2_detune", "Model", "Osc 1 Pitch", "Poly-mod depth"[5:]]
)
def test_names_that_tell_nothing(name):
    assert named_reason(name) is None


def test_a_controller_once_moved_goes_back():
    assert controller_values({"MIDI CC 74": 1.0, "Tone": 0.2}, {7, 71}) == {7: 100, 71: 64, 74: 127}
