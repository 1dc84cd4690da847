"""Presets of other people, as far as a space can say them; what it cannot is put into words."""

import json

import numpy as np
import pytest

from synths.base_patch import BASE_PATCH
from synths.vital_preset import read_preset
from tests.synths.preset_files import PEOPLE, SPACE, SPACES, edited, people, routed


@pytest.mark.parametrize("path", people())
def test_presets_of_people_read(path):
    read = read_preset(path, SPACE)
    SPACE.check(read.vector)
    assert read.author == "Instatetragrammaton"
    assert read.unexpressed and len(set(read.unexpressed)) == len(read.unexpressed)


@pytest.mark.skipif(not PEOPLE.is_dir(), reason="no ../shared/presets/vital beside the checkout")
def test_a_brass_of_people_keeps_what_makes_it_brass():
    read = read_preset(PEOPLE / "NavigatorSynthBrass.vital", SPACE)
    patch = {p.name: p.plain(v) for p, v in zip(SPACE, read.vector.tolist(), strict=True)}
    content = json.loads((PEOPLE / "NavigatorSynthBrass.vital").read_text())["settings"]
    assert patch["osc_1_wave_frame"] == 96  # its saw is our saw
    assert patch["modulation_1_amount"] == pytest.approx(content["modulation_1_amount"], abs=1e-5)
    assert patch["env_2_attack"] == pytest.approx(content["env_2_attack"] ** 4, rel=1e-3)
    assert any("Env 3 moves Voice Transpose" in words for words in read.unexpressed)
    assert "Filter 1 Model is Digital" in read.unexpressed


@pytest.mark.parametrize(
    ("switch", "name", "silent"),
    [
        ("osc_2_on", "osc_2_level", 0.0),
        ("sample_on", "sample_level", 0.0),
        ("filter_1_on", "filter_1_cutoff", 1.0),
        ("filter_2_on", "filter_2_mix", 0.0),
        ("reverb_on", "reverb_dry_wet", 0.0),
        ("delay_on", "delay_dry_wet", 0.0),
        ("chorus_on", "chorus_dry_wet", 0.0),
        ("phaser_on", "phaser_dry_wet", 0.0),
        ("distortion_on", "distortion_drive", 0.5),
        ("eq_on", "eq_low_gain", 0.5),
    ],
)
def test_what_is_switched_off_is_silent(switch, name, silent, tmp_path):
    space = SPACES["vital-64"]
    parameter = space[name]
    loud = parameter.raw(0.3)
    read = read_preset(edited(tmp_path / "a.vital", **{switch: 0.0, name: loud}), space)
    assert read.vector[space.index(name)] == pytest.approx(silent)
    assert read.unexpressed == ()
    read = read_preset(edited(tmp_path / "a.vital", **{switch: 1.0, name: loud}), space)
    assert read.vector[space.index(name)] == pytest.approx(0.3, abs=1e-6)


def test_modulations_match_by_what_they_connect_and_not_by_slot(tmp_path):
    path = routed(tmp_path / "a.vital", "lfo_2", "voice_tune", 0.4, modulation_41_bipolar=1.0)
    read = read_preset(path, SPACE)
    assert read.vector[SPACE.index("modulation_5_amount")] == pytest.approx(0.7)
    assert read.vector[SPACE.index("modulation_1_amount")] == 0.5
    assert read.unexpressed == ()


def test_other_modulations_are_named(tmp_path):
    read = read_preset(routed(tmp_path / "a.vital", "lfo_3", "filter_1_resonance", 0.4), SPACE)
    assert read.unexpressed == ("LFO 3 moves Filter 1 Resonance",)
    # One that moves what nobody hears is no loss.
    read = read_preset(routed(tmp_path / "a.vital", "lfo_3", "osc_3_level", 0.4), SPACE)
    assert read.unexpressed == ("LFO 3 moves Oscillator 3 Level",) or read.unexpressed == ()


def test_a_modulation_of_the_larger_space_is_lost_in_the_smaller(tmp_path):
    path = routed(tmp_path / "a.vital", "env_2", "osc_1_distortion_amount", 0.4)
    assert read_preset(path, SPACE).unexpressed == ("Env 2 moves Oscillator 1 Distortion Amount",)
    assert read_preset(path, SPACES["vital-64"]).unexpressed == ()


def test_a_swing_one_way_moves_the_middle(tmp_path):
    # 0.4 of the cutoff's travel upwards is 0.4 around a middle that lies 0.2 higher.
    path = routed(tmp_path / "a.vital", "lfo_1", "filter_1_cutoff", 0.4, filter_1_cutoff=40.0)
    read = read_preset(path, SPACE)
    assert read.vector[SPACE.index("modulation_2_amount")] == pytest.approx(0.7)
    assert read.vector[SPACE.index("filter_1_cutoff")] == pytest.approx(0.25 + 0.2, abs=1e-5)


def test_modulations_in_a_circle_are_put_into_words(tmp_path):
    rows = [{"source": "", "destination": ""} for _ in range(64)]
    rows[20] = {"source": "env_3", "destination": "modulation_22_amount"}
    rows[21] = {"source": "env_4", "destination": "modulation_21_amount"}
    changes = {"modulations": rows, "modulation_21_amount": 0.5, "modulation_22_amount": 0.5}
    read = read_preset(edited(tmp_path / "a.vital", **changes), SPACE)
    assert len(read.unexpressed) == 2 and all("the amount of" in words for words in read.unexpressed)


def test_the_balance_of_the_oscillators_stays(tmp_path):
    # Levels are amplitudes squared: 0.5 and 0.25 are a quarter and a sixteenth, 12 dB apart.
    path = edited(tmp_path / "a.vital", osc_1_level=0.5, osc_2_level=0.25, volume=70.0**2)
    read = read_preset(path, SPACE)
    plain = {p.name: p.plain(v) for p, v in zip(SPACE, read.vector.tolist(), strict=True)}
    assert plain["osc_2_level"] == pytest.approx(0.25, abs=1e-4)
    assert plain["volume"] == pytest.approx(-10 - 12.04, abs=0.02)
    assert read.unexpressed == ()
    whole = read_preset(path, SPACES["vital-64"])
    assert whole.vector[SPACES["vital-64"].index("osc_2_level")] == pytest.approx(0.25, abs=1e-6)


def test_rates_in_beats_become_hertz(tmp_path):
    # A quarter note (option 8) at 120 beats a minute is 2 Hz; dotted a third slower.
    for sync, hz in ((1.0, 2.0), (2.0, 4 / 3), (3.0, 3.0)):
        path = routed(
            tmp_path / "a.vital", "lfo_1", "filter_1_cutoff", 0.4,
            modulation_41_bipolar=1.0, lfo_1_sync=sync, lfo_1_tempo=8.0, beats_per_minute=2.0,
        )  # fmt: skip
        read = read_preset(path, SPACE)
        parameter = SPACE["lfo_1_frequency"]
        value = float(read.vector[SPACE.index("lfo_1_frequency")])
        assert parameter.plain(value) == pytest.approx(hz, rel=1e-4)
        assert any("follows the tempo" in words for words in read.unexpressed)


def test_other_kinds_are_named_and_left_neutral(tmp_path):
    path = edited(
        tmp_path / "a.vital", osc_1_distortion_type=1.0, osc_1_distortion_amount=0.8, filter_1_model=2.0,
        osc_3_on=1.0, osc_3_level=0.5, flanger_on=1.0, polyphony=1.0,
    )  # fmt: skip
    read = read_preset(path, SPACE)
    assert read.vector[SPACE.index("osc_1_distortion_amount")] == 0.0
    assert set(read.unexpressed) == {
        "Oscillator 1 Distortion is Sync",
        "Filter 1 Model is Ladder",
        "oscillator 3 is on",
        "the flanger is on",
        "Polyphony is 1 voices",
    }


def test_an_old_file_is_brought_up_to_date(tmp_path):
    content = json.loads(BASE_PATCH.read_text())
    content["synth_version"] = "0.9.0"
    (tmp_path / "a.vital").write_text(json.dumps(content))
    SPACE.check(read_preset(tmp_path / "a.vital", SPACE).vector)


@pytest.mark.parametrize("version", ["1.0.0", "1.0.7", "1.5.0", "1.5.1", "1.5.5"])
def test_a_file_of_another_version_is_read(version, tmp_path):
    content = json.loads(BASE_PATCH.read_text())
    content["synth_version"] = version
    (tmp_path / "a.vital").write_text(json.dumps(content))
    read = read_preset(tmp_path / "a.vital", SPACE)
    np.testing.assert_allclose(read.vector, read_preset(BASE_PATCH, SPACE).vector, atol=1e-6)
