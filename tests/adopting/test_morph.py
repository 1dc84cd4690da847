"""A preset on another's structure sounds as it does on its own, or what is in the way is said."""

import json

import numpy as np
import pytest

from adopting.morph import express
from core.ruler.soft_mss import soft_multi_scale_mel_distance
from synths.catalog import load_engine
from tests.adopting.conftest import somebodys
from tests.adopting.test_own_preset import NOTE, RATE, adopted_space


def heard(space, patch):
    return load_engine(space, RATE).render(space.decode(patch), NOTE).mean(axis=0)


def two(tmp_path, words=None, **settings):
    """Return a host and another preset, each with its space."""
    found = []
    for name, own in (("host", {}), ("other", settings)):
        (tmp_path / name).mkdir()
        file = somebodys(tmp_path / f"{name}.vital", words if own else None, **own)
        found.append(adopted_space(file, tmp_path / name))
    return found


@pytest.mark.parametrize(
    "settings",
    [
        {"filter_1_cutoff": 100.0, "env_1_attack": 0.8, "modulation_1_amount": -0.3},
        {"reverb_on": 0.0, "distortion_drive": 9.0},
        {"osc_1_random_phase": 0.0, "volume": 4000.0},
    ],
)
def test_what_differs_in_controls_alone_sounds_the_same_on_the_host(tmp_path, settings):
    (host, space), (other, own_space) = two(tmp_path, **settings)
    expressed = express(other, host, space)
    assert expressed.in_the_way == ()
    ours, theirs = heard(space, expressed.patch), heard(own_space, own_space.neutral)
    assert soft_multi_scale_mel_distance(ours, theirs, RATE) < 0.05
    assert (
        soft_multi_scale_mel_distance(heard(space, space.neutral), theirs, RATE) > 0.2 or "volume" in settings
    )


def test_a_way_in_another_slot_is_found(tmp_path):
    rows = [{"source": "", "destination": ""} for _ in range(64)]
    rows[4] = {"source": "env_2", "destination": "filter_1_cutoff"}
    amounts = {"modulation_1_amount": 0.0, "modulation_5_amount": 0.7, "modulation_5_bipolar": 0.0}
    (host, space), (other, own_space) = two(tmp_path, modulations=rows, **amounts)
    expressed = express(other, host, space)
    assert expressed.in_the_way == ()
    assert np.isclose(
        space["modulation_1_amount"].raw(expressed.patch[space.index("modulation_1_amount")]), 0.7
    )
    ours, theirs = heard(space, expressed.patch), heard(own_space, own_space.neutral)
    assert soft_multi_scale_mel_distance(ours, theirs, RATE) < 0.05


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"filter_1_model": 3.0}, "Filter 1 Model"),
        ({"filter_2_on": 1.0}, "Filter 2, which is off in one of them"),
        ({"osc_1_transpose": 12.0}, "Osc 1 Transpose"),
        ({"env_1_decay_power": 3.0}, "Env 1 Decay Power"),
        ({"voice_tune": 0.5}, "Voice Tune"),
    ],
)
def test_what_is_in_the_way_is_named(tmp_path, settings, said):
    (host, space), (other, _) = two(tmp_path, **settings)
    assert said in express(other, host, space).in_the_way


def test_another_wavetable_is_in_the_way(tmp_path):
    (host, space), _ = two(tmp_path)
    file = somebodys(tmp_path / "c.vital")
    content = json.loads(file.read_text())
    frames = content["settings"]["wavetables"][0]["groups"][0]["components"][0]["keyframes"]
    frames[0]["wave_data"], frames[1]["wave_data"] = frames[1]["wave_data"], frames[0]["wave_data"]
    file.write_text(json.dumps(content))
    (tmp_path / "c").mkdir()
    other, _ = adopted_space(file, tmp_path / "c")
    assert express(other, host, space).in_the_way == ("the wavetable of Osc 1",)
