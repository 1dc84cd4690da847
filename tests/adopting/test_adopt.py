"""A preset becomes a model folder that plays it, with macros that were heard on it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adopting.adopt import Told, adopt
from adopting.hearing import Ears
from adopting.kept import folder_for
from adopting.preset import OwnPreset
from core.errors import PatchError
from core.playing.note import Note
from models.folder import ModelFolder
from tests.adopting.conftest import somebodys
from training.adopt.__main__ import main

ROOT = Path(__file__).resolve().parents[2]
NOTE = Note(note=60, velocity=100, held_seconds=0.5, seconds=0.8)
FEW = ("filter_1_cutoff", "filter_1_resonance", "env_1_attack", "env_1_sustain", "reverb_dry_wet")


@pytest.fixture(scope="module")
def adopted(tmp_path_factory):
    """A preset that was adopted, and what was told meanwhile."""
    folder = tmp_path_factory.mktemp("adopted")
    told: list[Told] = []
    file = somebodys(folder / "Their Sound.vital")
    out, early = folder_for(folder, file), folder / "early"

    def tell(each: Told) -> None:
        told.append(each)
        if each.stage == "plays":
            shutil.copytree(out, early)

    with pytest.MonkeyPatch.context() as patch:  # short notes: a third of the time
        for module in ("adopting.hearing", "adopting.adopt"):
            patch.setattr(f"{module}.NOTE", NOTE)
        patch.setattr(OwnPreset, "may_be_heard", lambda self, name: name in FEW)
        adopt(file, out, tell)
    return ModelFolder.load(out), ModelFolder.load(early), told


def test_it_plays_before_anything_was_heard_and_is_ready_at_the_end(adopted):
    folder, early, told = adopted
    stages = [each.stage for each in told]
    assert (stages[0], stages[-1]) == ("plays", "ready")
    done = [each.done for each in told if each.stage == "macros"]
    assert done == sorted(done) and 0.0 < done[0] < done[-1] < 1.0
    for each in (folder, early):
        assert np.allclose(each.flow.decode(each.macros.resting), each.presets.patches[0], atol=1e-5)
        assert np.array_equal(each.presets.patches[0], each.space.neutral)
    assert folder.space.names == early.space.names and len(folder.space) == 64


def test_a_dial_goes_from_end_to_end_and_back_to_the_preset(adopted):
    folder, _, _ = adopted
    rest = folder.macros.resting.astype(np.float64)
    for macro in folder.macros:
        own = macro.position(rest)
        assert -0.01 <= own <= 1.01
        low = macro.turn(rest, 0.0)
        high = macro.turn(low, 1.0)
        assert np.allclose(macro.turn(high, own), rest, atol=1e-6)
        assert np.abs(folder.flow.decode(high) - folder.flow.decode(low)).max() > 0.05


def test_dials_change_the_sound_evenly_and_keep_its_loudness(adopted, monkeypatch):
    folder, _, _ = adopted
    monkeypatch.setattr("adopting.hearing.NOTE", NOTE)
    ears = Ears(folder.space)
    for macro in folder.macros:
        heard = ears.hear(list(folder.flow.decode(macro.walk(folder.macros.resting, 6))))
        steps = [a.distance(b) for a, b in zip(heard, heard[1:], strict=False)]
        loud = [one.lufs for one in heard]
        assert heard[0].distance(heard[-1]) > 1.0
        assert max(steps) < 2.5 * np.mean(steps)
        assert max(loud) - min(loud) < 3.0
    ears.close()


def test_a_named_dial_does_what_it_is_called(adopted):
    folder, _, _ = adopted
    names = folder.macros.names
    assert "Bright" in names or "Noisy" in names, names
    assert len(set(names)) == len(names)


def test_a_silent_preset_is_refused_and_leaves_no_folder(tmp_path):
    file = somebodys(tmp_path / "silent.vital", volume=0.0, osc_1_level=0.0)
    with pytest.raises(PatchError, match=r"silent\.vital is silent at C4"):
        adopt(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_copy_has_the_same_folder_and_other_contents_another(tmp_path):
    a, b = somebodys(tmp_path / "a.vital"), somebodys(tmp_path / "b.vital", filter_1_cutoff=50.0)
    same = shutil.copy(a, tmp_path / "sub.vital")
    digits = [folder_for(tmp_path, Path(file)).name.split("-")[-1] for file in (a, same, b)]
    assert digits[0] == digits[1] != digits[2]
    odd = shutil.copy(a, tmp_path / "🎹 ..:? .vital")
    assert folder_for(tmp_path, Path(odd)).name == f"preset-{digits[0]}"


def test_the_child_says_what_is_wrong_in_one_line(tmp_path):
    (tmp_path / "no.vital").write_text("{")
    command = [sys.executable, "-m", "adopting", str(tmp_path / "no.vital"), str(tmp_path / "out")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2 and ended.stdout == ""
    assert len(ended.stderr.strip().splitlines()) == 1 and "no.vital" in ended.stderr


def test_the_command_goes_on_after_a_bad_file(tmp_path, monkeypatch, caplog):
    def stub(file, out, tell, workers):
        if "bad" in file.name:
            raise PatchError("bad.vital is bad.")
        out.mkdir(parents=True)
        (out / "MODEL_CARD.md").write_text("")

    monkeypatch.setattr("training.adopt.__main__.adopt", stub)
    files = [tmp_path / "bad.vital", tmp_path / "good.vital"]
    for k, file in enumerate(files):
        file.write_text(json.dumps(k))
    assert main([*map(str, files), "--out", str(tmp_path / "out")]) == 2
    assert len(list((tmp_path / "out").iterdir())) == 1
