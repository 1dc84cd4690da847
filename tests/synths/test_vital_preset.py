import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import vita
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from core.errors import PatchError
from core.mel import MelConfig, log_mel
from synths.base_patch import BASE_PATCH
from synths.engine import Note
from synths.space_files import load_space
from synths.vital import _ENVELOPE, VitalEngine
from synths.vital_preset import read_preset, write_preset
from training.data.draw import Prior

SPACES = {name: load_space(name) for name in ("vital-16", "vital-32", "vital-64")}
SPACE = SPACES["vital-32"]
PEOPLE = Path(__file__).parents[3] / "shared" / "presets" / "vital"
NEWEST_PLUGIN = (1, 5, 5)


def people():
    files = sorted(PEOPLE.glob("*.vital")) if PEOPLE.is_dir() else []
    skip = pytest.mark.skip(reason="no ../shared/presets/vital beside the checkout")
    return [pytest.param(f, id=f.stem) for f in files] or [pytest.param(None, marks=skip)]


def edited(path, **changes):
    """Write the base patch with other settings; a name with no value is taken away."""
    content = json.loads(BASE_PATCH.read_text())
    for name, value in changes.items():
        if value is None:
            content["settings"].pop(name, None)
        else:
            content["settings"][name] = value
    path.write_text(json.dumps(content))
    return path


def routed(path, source, destination, amount, **changes):
    """Write the base patch with one modulation, in a slot of its own."""
    rows = [{"source": "", "destination": ""} for _ in range(64)]
    rows[40] = {"source": source, "destination": destination}
    return edited(path, modulations=rows, modulation_41_amount=amount, **changes)


# -- ours


@pytest.mark.parametrize("name", SPACES)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_reading_undoes_writing(name, data, tmp_path):
    space = SPACES[name]
    # The engine that reads makes subnormal numbers zero.
    values = st.one_of(st.floats(0, 1, width=32, allow_subnormal=False), st.sampled_from([0.0, 0.5, 1.0]))
    vector = data.draw(npst.arrays(np.float32, len(space), elements=values))
    path = tmp_path / "ours.vital"
    write_preset(path, space, vector, "Ours", style="Pad")
    read = read_preset(path, space)
    assert read.vector == pytest.approx(vector, abs=1e-6)
    assert read.unexpressed == ()
    assert (read.name, read.author, read.style) == ("Ours", "Flow Synth Live", "Pad")


def test_what_the_engine_saves_again_still_reads_whole(tmp_path):
    # The plug-in rewrites tables and samples when it saves; so does its engine.
    vector, _ = Prior.for_space(SPACES["vital-64"]).draw(np.random.default_rng(3))
    ours, again = tmp_path / "ours.vital", tmp_path / "again.vital"
    write_preset(ours, SPACES["vital-64"], vector, "Ours")
    synth = vita.Synth()
    assert synth.load_preset(str(ours))
    again.write_text(synth.to_json())
    read = read_preset(again, SPACES["vital-64"])
    assert read.unexpressed == ()
    assert read.vector == pytest.approx(vector, abs=1e-6)


def test_the_plugin_accepts_the_version(tmp_path):
    write_preset(tmp_path / "a.vital", SPACE, SPACE.neutral, "A")
    content = json.loads((tmp_path / "a.vital").read_text())
    assert tuple(map(int, content["synth_version"].split("."))) <= NEWEST_PLUGIN
    assert [path.name for path in tmp_path.iterdir()] == ["a.vital"]  # no partial file is left


def test_a_written_preset_sounds_like_the_engine(tmp_path):
    # The same to -121 dB for half of 40 drawn patches. A preset keeps every module switched on, so what
    # runs freely has another phase in some: -15 dB in samples and 0.07 in mean log-mel (nats) at worst,
    # where two different patches are 3.3 apart.
    prior, rng = Prior.for_space(SPACE), np.random.default_rng(5)
    note, mel, path = Note(held_seconds=0.5, seconds=1.0), MelConfig(n_frames=21), tmp_path / "a.vital"
    exact = []
    for _ in range(5):
        vector, _ = prior.draw(rng)
        write_preset(path, SPACE, vector, "A")
        synth = vita.Synth()
        synth.set_sample_rate(22_050.0)
        assert synth.load_preset(str(path))
        controls = synth.get_controls()
        shut = {name: controls[name].value() for name in ("reverb_on", *_ENVELOPE)}  # as the engine rests
        for name in shut:
            controls[name].set(0.0)
        synth.render(note.note, 0.0, 0.0, 0.2)
        for name, value in shut.items():
            controls[name].set(value)
        opened = np.asarray(synth.render(note.note, note.velocity / 127, note.held_seconds, note.seconds))
        ours = VitalEngine().render(SPACE.decode(vector), note)
        gain = 0.05 / max(float(np.sqrt(np.mean(ours**2))), 1e-4)
        apart = np.abs(log_mel(opened.mean(0) * gain, mel) - log_mel(ours.mean(0) * gain, mel)).mean()
        assert apart < 0.15
        exact.append(np.sum((opened - ours) ** 2) < 1e-6 * np.sum(ours**2))
    assert sum(exact) >= 3


def test_writing_refuses_what_is_no_patch_and_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.vital"
    write_preset(path, SPACE, SPACE.neutral, "A")
    before = path.read_bytes()
    for bad in (SPACE.neutral[:-1], SPACE.neutral + 2, SPACE.neutral * np.nan):
        with pytest.raises(PatchError):
            write_preset(path, SPACE, bad, "B")
    with pytest.raises(PatchError, match="is not a style"):
        write_preset(path, SPACE, SPACE.neutral, "B", style="Wobble")
    assert path.read_bytes() == before
    with pytest.raises(PatchError, match="another folder"):
        write_preset(tmp_path / "none" / "a.vital", SPACE, SPACE.neutral, "A")


# -- other people's


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


# -- damaged ones


def broken(content, how):
    settings = content["settings"]
    match how:
        case "no settings":
            del content["settings"]
        case "no version":
            del content["synth_version"]
        case "word":
            settings["volume"] = "loud"
        case "bool":
            settings["volume"] = True
        case "not a number":
            settings["volume"] = float("nan")
        case "huge":
            settings["volume"] = 10**400
        case "no modulations":
            del settings["modulations"]
        case "too many modulations":
            settings["modulations"] = settings["modulations"] * 3
        case "modulations of numbers":
            settings["modulations"] = [{"source": 1, "destination": 2}]
        case "strange version":
            content["synth_version"] = "new"
    return json.dumps(content)


DAMAGES = (
    "no settings", "no version", "word", "bool", "not a number", "huge", "no modulations",
    "too many modulations", "modulations of numbers", "strange version",
)  # fmt: skip


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_file_says_which_and_what_to_do(how, tmp_path):
    path = tmp_path / "mine.vital"
    path.write_text(broken(json.loads(BASE_PATCH.read_text()), how))
    with pytest.raises(PatchError, match=r"mine\.vital.*(again|another)\."):
        read_preset(path, SPACE)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", "[" * 100_000, "\x00\xff", '{"settings": []}'])
def test_what_is_no_preset_says_so(text, tmp_path):
    path = tmp_path / "mine.vital"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(PatchError, match=r"mine\.vital"):
        read_preset(path, SPACE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
@pytest.mark.parametrize("name", ["mine.vital", "VITAL.VITAL"])
def test_a_preset_that_an_editor_saved_with_a_byte_order_mark_is_read(tmp_path, encoding, name):
    plain = read_preset(edited(tmp_path / "plain.vital"), SPACE)
    path = tmp_path / name
    path.write_bytes((tmp_path / "plain.vital").read_text("utf-8").encode(encoding))
    np.testing.assert_array_equal(read_preset(path, SPACE).vector, plain.vector)


def test_a_missing_and_a_huge_file(tmp_path):
    with pytest.raises(PatchError, match="check the path"):
        read_preset(tmp_path / "none.vital", SPACE)
    with (tmp_path / "huge.vital").open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(PatchError, match="50 MB"):
        read_preset(tmp_path / "huge.vital", SPACE)


@pytest.mark.parametrize(
    "tables",
    [
        {"wavetables": None, "sample": None, "lfos": None},
        {"wavetables": "x", "sample": 3, "lfos": {}},
        {"wavetables": [1, None], "sample": {"samples": "?"}, "lfos": [1]},
        {"wavetables": [{"groups": [{"components": [{"keyframes": [{"position": "x", "wave_data": 3}]}]}]}]},
        {"wavetables": [{"groups": [{"components": [{"keyframes": [{"position": 0, "wave_data": "AA"}]}]}]}]},
    ],
)
def test_damaged_tables_are_no_crash(tables, tmp_path):
    path = edited(tmp_path / "mine.vital", sample_level=0.5, **tables)
    try:
        SPACE.check(read_preset(path, SPACE).vector)
    except PatchError as error:
        assert "mine.vital" in str(error)


def test_the_command_prints_what_is_lost(tmp_path):
    path = routed(tmp_path / "a.vital", "lfo_3", "filter_1_resonance", 0.4)
    command = [sys.executable, "-m", "synths.vital_preset"]
    done = subprocess.run([*command, path], capture_output=True, text=True, check=True)
    assert "Flow Base, by Flow Synth Live" in done.stdout and "LFO 3 moves" in done.stdout
    failed = subprocess.run([*command, tmp_path / "b.vital"], capture_output=True, text=True)
    assert failed.returncode == 2 and "Traceback" not in failed.stderr


def test_a_space_of_another_synth_is_refused(tmp_path):
    space = load_space("amsynth-16")
    with pytest.raises(PatchError, match="amsynth-16 is a space of amsynth"):
        read_preset(BASE_PATCH, space)
    with pytest.raises(PatchError, match="amsynth-16 is a space of amsynth"):
        write_preset(tmp_path / "x.vital", space, space.neutral, "x")
    assert not list(tmp_path.iterdir())
