"""`python -m server.sketch` and `evaluate.py match --refine`, as a user runs them."""

import json
import shutil

import numpy as np
import pytest
import soundfile
import yaml

import evaluate
from core.mel import MelConfig
from models.folder import ModelFolder
from server.sketch.__main__ import main
from synths.engine import Note
from synths.space_files import load_space
from synths.vital_preset import read_preset
from tests.support.tiny_torch_model import write_tiny_torch_model

MEL = MelConfig(n_frames=16)
NOTE = Note(held_seconds=0.3, seconds=0.5)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "modèle petit"
    write_tiny_torch_model(path, load_space("vital-16"), MEL, NOTE)
    return path


@pytest.fixture
def growl(tmp_path):
    folder = tmp_path / "mes sons"
    folder.mkdir()
    t = np.arange(22_050) / 44_100
    saw = 0.3 * (2 * (t * 220 % 1) - 1)
    soundfile.write(folder / "ma scie.flac", np.stack([saw, saw], axis=1), 44_100)
    return folder / "ma scie.flac"


def test_a_file_becomes_a_sound_a_patch_a_preset_and_a_picture(model_folder, growl, tmp_path, capsys):
    out = tmp_path / "réponses"
    arguments = [str(growl), "--model", str(model_folder), "--out", str(out)]
    assert main([*arguments, "--refine", "1.5", "--workers", "1"]) == 0
    said = capsys.readouterr().out
    assert "note 57" in said  # 220 Hz
    endings = {"wav", "yaml", "vital", "png"}
    assert {p.name for p in out.iterdir()} == {f"ma scie answer.{e}" for e in endings}
    assert all(str(p) in said for p in out.iterdir())
    info = soundfile.info(out / "ma scie answer.wav")
    assert (info.samplerate, info.frames) == (22_050, 11_025)
    page = yaml.safe_load((out / "ma scie answer.yaml").read_text("utf-8"))
    assert page["note"] == 57
    space = ModelFolder.load(model_folder).space
    preset = read_preset(out / "ma scie answer.vital", space).vector
    np.testing.assert_allclose(preset, space.encode(page["patch"]), atol=1e-5)
    assert (out / "ma scie answer.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_rest_is_written(model_folder, growl, caplog, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    assert main([str(growl), "--model", str(model_folder)]) == 0
    assert "pip install" in caplog.text
    assert {p.suffix for p in growl.parent.iterdir()} == {".flac", ".wav", ".yaml", ".vital"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--model": "vitel-32"}, "did you mean"),
        ({"--refine": "-1"}, "0 to 3600"),
        ({"--refine": "nan"}, "0 to 3600"),
        ({"--workers": "0"}, "at least 1"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(model_folder, growl, caplog, change, message):
    options = {"--model": str(model_folder), **change}
    assert main([str(growl), *(x for pair in options.items() for x in pair)]) == 2
    assert message in caplog.text
    assert list(growl.parent.iterdir()) == [growl]


@pytest.mark.parametrize("content", [b"", b"not a sound", None])
def test_what_is_no_sound_is_refused_and_leaves_nothing(model_folder, tmp_path, caplog, content):
    file = tmp_path / "fake.wav"
    if content is not None:
        file.write_bytes(content)
    before = sorted(tmp_path.iterdir())
    assert main([str(file), "--model", str(model_folder)]) == 2
    assert "fake.wav" in caplog.text or "sound" in caplog.text
    assert sorted(tmp_path.iterdir()) == before


def test_match_refines_and_says_how_close(model_folder, growl, tmp_path):
    out = tmp_path / "out"
    audio = tmp_path / "audio"
    audio.mkdir()
    shutil.copy(growl, audio)
    arguments = ["match", "--model", str(model_folder), "--audio", str(audio), "--out", str(out)]
    assert evaluate.main([*arguments, "--refine", "5", "--renders", "18", "--workers", "1"]) == 0
    page = json.loads((out / "results.json").read_text("utf-8"))
    (sound,) = page["sounds"]
    assert {"guess", "answer", "refined", "nearest", "mean patch", "silence"} == set(sound["distances"])
    assert 0.0 <= sound["closeness"] <= 1.0 and sound["words"]
    assert page["refined_renders"] == 18
    assert (out / "ma scie.vital").is_file()
