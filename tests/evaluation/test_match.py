"""`evaluate.py match`, as a user runs it."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import yaml

import evaluate
from core.ruler.metrics import FIGURES
from core.sound_file import read_sound
from models.folder import ModelFolder
from sketching.answerer import Answerer
from synths.catalog import load_engine
from synths.space_files import load_space
from synths.vital_preset import read_preset
from tests.support.tiny_dataset import TINY_MEL, TINY_NOTE


def run(*arguments):
    return evaluate.main(["match", *map(str, arguments)])


@pytest.fixture(scope="module")
def answered(model_folder, tmp_path_factory):
    """Answers to a saw and to noise, with two files that cannot be answered beside them."""
    folder = tmp_path_factory.mktemp("sounds")
    t = np.arange(66_150) / 44_100
    soundfile.write(folder / "scie.flac", 0.3 * (2 * (t * 220 % 1) - 1), 44_100)
    soundfile.write(folder / "bruit.wav", np.random.default_rng(0).normal(0, 0.1, 30_000), 22_050)
    soundfile.write(folder / "silence.wav", np.zeros(30_000), 22_050)
    (folder / "texte.wav").write_text("not a sound")
    out = tmp_path_factory.mktemp("out") / "réponses"
    assert run("--model", model_folder, "--audio", folder, "--out", out) == 0
    return folder, out, json.loads((out / "results.json").read_text("utf-8"))


def test_every_sound_has_an_answer_a_patch_and_a_preset(answered, model_folder):
    _, out, page = answered
    space = ModelFolder.load(model_folder).space
    for name in ("scie", "bruit"):
        info = soundfile.info(out / f"{name}.wav")
        assert (info.samplerate, info.channels, info.frames) == (22_050, 1, 22_050)  # a note of one second
        patch = yaml.safe_load((out / f"{name}.yaml").read_text("utf-8"))
        vector = space.encode(patch["patch"])
        np.testing.assert_allclose(read_preset(out / f"{name}.vital", space).vector, vector, atol=1e-5)
    assert page["answered"] == 2
    assert not list(out.glob(".*"))


def test_the_answer_is_the_one_that_the_server_sends(answered, model_folder):
    folder, out, _ = answered
    answerer = Answerer(model_folder)
    patch = yaml.safe_load((out / "scie.yaml").read_text("utf-8"))["patch"]
    first = answerer.first(answerer.hear(read_sound(folder / "scie.flac", 22_050), 22_050))[0].patch
    np.testing.assert_allclose(answerer.space.encode(patch), first, atol=1e-5)


def test_what_cannot_be_heard_is_counted(answered):
    assert {s["file"] for s in answered[2]["skipped"]} == {"silence.wav", "texte.wav"}
    assert all(s["reason"] for s in answered[2]["skipped"])


def test_distances_stand_beside_the_references(answered):
    for sound in answered[2]["sounds"]:
        assert set(sound["distances"]) == {"guess", "answer", "nearest", "mean patch", "silence"}
        for values in sound["distances"].values():
            assert set(values) == {f.name for f in FIGURES}
            assert (values["pitch_cents"] is not None) == sound["pitch_found"]
            assert all(np.isfinite(v) for name, v in values.items() if name != "pitch_cents")
        assert sound["distances"]["silence"]["sc"] == pytest.approx(1.0, abs=1e-4)


def test_the_summary_counts_only_what_was_measured(answered):
    saw = next(s for s in answered[2]["sounds"] if s["file"] == "scie.flac")
    assert answered[2]["summary"]["silence"]["pitch_cents"]["mean"] == 1_200.0  # of the saw alone
    pitch = answered[2]["summary"]["answer"]["pitch_cents"]
    assert pitch["mean"] == pitch["median"] == saw["distances"]["answer"]["pitch_cents"]


def test_the_distance_is_that_of_the_files(answered, model_folder):
    from core.onset import cut_to_note
    from core.ruler.metrics import analyse, compare

    folder, out, page = answered
    mel, note = TINY_MEL, replace(TINY_NOTE, note=57)
    sound = next(s for s in page["sounds"] if s["file"] == "scie.flac")
    target = cut_to_note(read_sound(folder / "scie.flac", 22_050), 22_050, seconds=1.0, held_seconds=0.6)
    patch = yaml.safe_load((out / "scie.yaml").read_text("utf-8"))["patch"]
    answer = load_engine(ModelFolder.load(model_folder).space, 22_050).render(patch, note).mean(axis=0)
    np.testing.assert_allclose(read_sound(out / "scie.wav", 22_050), answer, atol=1e-4)  # 16 bits
    values = compare(analyse(target, mel, seconds=1.0), analyse(answer, mel, seconds=1.0))
    found = sound["distances"]["answer"]
    assert values["soft_mss_db"] == pytest.approx(found["soft_mss_db"], abs=0.1)
    assert values["mss_db"] == pytest.approx(found["mss_db"], abs=0.5)


def test_the_note_is_the_one_heard_or_the_trained_one(answered):
    notes = {s["file"]: (s["note"], s["pitch_found"]) for s in answered[2]["sounds"]}
    assert notes == {"scie.flac": (57, True), "bruit.wav": (60, False)}  # 220 Hz is A3


def test_the_same_sounds_give_the_same_answers(answered, model_folder, tmp_path):
    folder, out, _ = answered
    assert run("--model", model_folder, "--audio", folder, "--out", tmp_path, "--seed", 5) == 0
    for name in ("scie.yaml", "bruit.vital"):
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()


def test_two_sounds_of_one_name_do_not_overwrite_each_other(model_folder, tmp_path):
    audio, out = tmp_path / "a", tmp_path / "b"
    audio.mkdir()
    for suffix in ("wav", "flac"):
        soundfile.write(audio / f"x.{suffix}", 0.1 * np.ones(5_000) * (-1) ** np.arange(5_000), 22_050)
    assert run("--model", model_folder, "--audio", audio, "--out", out) == 0
    assert len(list(out.glob("*.wav"))) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--refine": "0"}, "more than 0 and at most 3600 seconds"),
        ({"--renders": "20"}, "add --refine SECONDS"),
        ({"--model": "vitel-32"}, "did you mean 'vital-32'"),
        ({"--audio": "nowhere"}, "no folder"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(model_folder, sounds, tmp_path, caplog, change, message):
    options = {"--model": model_folder, "--audio": sounds, "--out": tmp_path / "out", **change}
    assert run(*(x for pair in options.items() for x in pair)) == 2
    assert message in caplog.text and "Traceback" not in caplog.text


def test_sounds_are_never_overwritten(model_folder, sounds, caplog):
    before = {p.name: p.read_bytes() for p in sounds.iterdir()}
    assert run("--model", model_folder, "--audio", sounds, "--out", sounds) == 2
    assert before == {p.name: p.read_bytes() for p in sounds.iterdir()}


@pytest.mark.parametrize("keep", ["texte.wav", "notes.txt", None])
def test_a_folder_without_sounds_is_said(model_folder, sounds, tmp_path, caplog, keep):
    for path in sounds.iterdir():
        if path.name != keep:
            path.unlink()
    assert run("--model", model_folder, "--audio", sounds, "--out", tmp_path / "out") == 2
    assert "could be heard" in caplog.text or "there is no sound file" in caplog.text


def test_a_model_without_an_encoder_is_said(model_folder, sounds, tmp_path, caplog):
    from tests.support.tiny_model import write_tiny_model

    deaf = write_tiny_model(tmp_path / "deaf", space=load_space("vital-16"))
    assert run("--model", deaf, "--audio", sounds, "--out", tmp_path / "out") == 2
    assert "lacks 'mel'" in caplog.text


def test_a_file_where_the_folder_should_be(model_folder, sounds, tmp_path, caplog):
    (tmp_path / "out").write_text("taken")
    assert run("--model", model_folder, "--audio", sounds, "--out", tmp_path / "out") == 2
    assert "cannot be made" in caplog.text


def test_help_needs_no_torch():
    import subprocess
    import sys

    python = shutil.which("python") or sys.executable
    seen = subprocess.run(
        [python, "-X", "importtime", "evaluate.py", "match", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--refine" in seen.stdout and "torch" not in seen.stderr
