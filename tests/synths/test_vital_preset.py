"""Presets that we write: they come back, and sound in the plug-in as in the engine."""

import json
import subprocess
import sys

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
from tests.synths.preset_files import SPACE, SPACES, routed
from training.data.draw import Prior

NEWEST_PLUGIN = (1, 5, 5)


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
