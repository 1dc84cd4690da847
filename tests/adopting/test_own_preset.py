"""A preset as it is adopted: nothing of it is lost, and what cannot be adopted is said in a line."""

import json
from itertools import combinations

import numpy as np
import pytest
import vita

from adopting.preset import read_own
from core.errors import PatchError
from core.loudness import momentary_loudness
from core.playing.note import Note
from core.ruler.soft_mss import soft_multi_scale_mel_distance
from core.space import ParameterSpace
from synths.catalog import facts_of, load_engine
from synths.space_files import SPACES_FOLDER, load_space
from synths.vital_preset import read_checked, write_preset
from tests.adopting.conftest import softer_later, somebodys
from tests.synths.preset_files import people

NOTE = Note(note=60, velocity=100, held_seconds=0.6, seconds=1.0)
RATE = 22_050


def controls_of(content):
    synth = vita.Synth()
    assert synth.load_json(json.dumps(content))
    return {name: control.value() for name, control in synth.get_controls().items()}


def notes(content, seconds):
    """Play notes of some lengths with the plug-in's engine, loaded before each, which ends what sounds."""
    synth = vita.Synth()
    synth.set_sample_rate(float(RATE))
    rendered = []
    for held in seconds:
        assert synth.load_json(json.dumps(content))
        audio = synth.render(NOTE.note, NOTE.velocity / 127.0, held, held + 0.4)
        rendered.append(np.asarray(audio))
    return rendered


def played(content):
    """Return a note that is not the first."""
    return notes(content, [NOTE.held_seconds] * 2)[1]


def adopted_space(file, folder):
    own = read_own(file)
    base = folder / "base.vital"
    base.write_text(json.dumps(own.content), encoding="utf-8")
    return own, own.space("own", base)


def test_the_point_plays_the_preset_sample_for_sample_but_for_rounding(preset, tmp_path):
    _, space = adopted_space(preset, tmp_path)
    heard = load_engine(space, RATE).render(space.decode(space.neutral), NOTE)
    theirs = played(read_checked(preset))
    assert np.abs(heard - theirs).max() < 1e-3 * np.abs(theirs).max()


def test_a_render_does_not_depend_on_earlier_ones(preset, tmp_path):
    _, space = adopted_space(preset, tmp_path)
    engine, moved = load_engine(space, RATE), space.neutral.copy()
    moved[space.index("filter_1_cutoff")] = 0.9
    first = engine.render(space.decode(space.neutral), NOTE)
    engine.render(space.decode(moved), NOTE)
    engine.prepare(space.decode(moved))
    again = engine.render(space.decode(space.neutral), NOTE)
    assert np.abs(first - again).max() < 1e-5 * np.abs(first).max()


def test_a_patch_sounds_as_it_does_on_later_notes(tmp_path):
    file = softer_later(tmp_path / "softer.vital")
    _, space = adopted_space(file, tmp_path)
    heard = load_engine(space, RATE).render(space.decode(space.neutral), NOTE)
    loud = [
        momentary_loudness(audio, RATE)
        for audio in (heard, *notes(read_checked(file), [NOTE.held_seconds] * 3))
    ]
    ours, first, second, third = loud
    assert first > second + 3.0
    assert third == pytest.approx(second, abs=0.05) and ours == pytest.approx(second, abs=0.3)


def test_an_export_keeps_all_that_it_does_not_move(preset, tmp_path):
    _, space = adopted_space(preset, tmp_path)
    moved = space.neutral.copy()
    moved[space.index("filter_1_cutoff")] = 0.9
    write_preset(tmp_path / "out.vital", space, moved, "Brighter")
    before, after = (controls_of(read_checked(file)) for file in (preset, tmp_path / "out.vital"))
    changed = {
        name for name in before if abs(before[name] - after[name]) > 1e-3 * max(1.0, abs(before[name]))
    }
    assert changed == {"filter_1_cutoff"}
    written = read_checked(tmp_path / "out.vital")
    assert (written["author"], written["preset_style"], written["preset_name"]) == (
        "Somebody",
        "Pad",
        "Brighter",
    )
    assert written["settings"]["modulations"][0] == {"source": "env_2", "destination": "filter_1_cutoff"}


def test_an_old_file_is_brought_up_to_date_and_a_newer_one_keeps_its_version(tmp_path):
    old = read_own(somebodys(tmp_path / "old.vital", {"synth_version": "1.0.7"}))
    new = read_own(somebodys(tmp_path / "new.vital", {"synth_version": "1.6.0"}))
    assert (old.content["synth_version"], new.content["synth_version"]) == ("1.5.5", "1.6.0")
    assert controls_of(old.content) == controls_of(read_checked(tmp_path / "old.vital"))


def test_controls_are_called_by_what_they_do_in_this_preset(preset, tmp_path):
    file = somebodys(tmp_path / "b.vital", {"macro1": "GLOW"})
    _, space = adopted_space(file, tmp_path)
    assert space["modulation_1_amount"].caption == "Env 2 to Filter 1 Cutoff"
    assert space["macro_control_1"].caption == "Glow"
    assert facts_of(space).gestures is False


def test_what_no_dial_reaches_is_named(tmp_path):
    own, space = adopted_space(somebodys(tmp_path / "b.vital", filter_fx_on=1.0), tmp_path)
    assert own.outside(space) == ("the effects' filter",)
    assert not own.may_be_heard("osc_2_level") and own.may_be_heard("filter_1_cutoff")


@pytest.mark.parametrize("cut", [0, 1, 200, 5_000])
def test_a_file_that_is_cut_is_one_line(preset, cut):
    preset.write_bytes(preset.read_bytes()[:cut])
    with pytest.raises(PatchError) as error:
        read_own(preset)
    assert "\n" not in str(error.value) and "Pad" in str(error.value)


def test_a_file_without_its_sample_is_refused_by_name(tmp_path):
    file = somebodys(tmp_path / "b.vital")
    content = json.loads(file.read_text())
    del content["settings"]["sample"]
    file.write_text(json.dumps(content))
    with pytest.raises(PatchError, match=r"b\.vital"):
        read_own(file)


@pytest.mark.parametrize("file", people())
def test_peoples_presets_play_within_their_own_repeat_error(file, tmp_path):
    _, space = adopted_space(file, tmp_path)
    content = read_checked(file)
    engine, patch = load_engine(space, RATE), space.decode(space.neutral)
    ours = [engine.render(patch, NOTE).mean(axis=0) for _ in range(2)]
    # What runs on, such as a chorus, depends on how long the last note was.
    held = [each for before in np.linspace(0.2, 1.6, 7) for each in (float(before), NOTE.held_seconds)]
    theirs = [audio.mean(axis=0) for audio in notes(content, held)[1::2]]
    distances = [soft_multi_scale_mel_distance(a, b, RATE) for a, b in combinations(theirs, 2)]
    between = [soft_multi_scale_mel_distance(a, b, RATE) for a in ours for b in theirs]
    assert np.mean(between) <= 1.5 * max(distances) + 0.05


def test_a_control_has_one_number_in_all_of_vitals_spaces_and_no_other_has_it():
    spaces = ParameterSpace.from_yaml(SPACES_FOLDER / "vital-adopted.yaml"), load_space("vital-64")
    numbers = {parameter.name: parameter.control_change for space in spaces for parameter in space}
    assert len(set(numbers.values())) == len(numbers)
    for space in spaces:
        assert all(numbers[parameter.name] == parameter.control_change for parameter in space)
