"""Answers to sounds, at once and refined, with Vital's real engine."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import CheckpointError
from core.loudness import level
from core.mel import log_mel
from models.folder import ModelFolder
from models.folder_files import read_tensors
from models.networks.encoder_arrays import EncoderArrays
from models.torch_folder import load_regression_flow
from sketching.answerer import Answerer
from sketching.closeness import Closeness
from sketching.gradient import guessed_mels
from sketching.render_bank import RenderBank
from sketching.rendering.distance import distance_db, distance_features
from sketching.sketch_file import FILE_NAME, SketchFile
from synths.catalog import load_engine
from synths.engine import play
from tests.sketching.conftest import KNOWN, MEL, NOTE, SPACE, Sung
from tests.support.tiny_torch_model import write_tiny_torch_model

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "pretrained" / "vital-32"


def refined(answerer, sung, **how):
    start = answerer.first(sung)
    return start, list(answerer.refine(sung, start, 600.0, **{"seed": 3, "renders": 40, **how}))


@pytest.fixture(scope="module")
def refinement(answerer, sung):
    return refined(answerer, sung)


def test_the_first_answer_is_the_same_each_time(answerer, model_folder, sung):
    once, again = answerer.first(sung), Answerer(model_folder).first(sung)
    assert len(once) > 1
    for a, b in zip(once, again, strict=True):
        np.testing.assert_array_equal(a.patch, b.patch)
        assert a.closeness == b.closeness and a.distance_db is None
    assert [c.closeness for c in once] == sorted((c.closeness for c in once), reverse=True)


def test_a_first_answer_is_expected_to_be_no_further_away_than_a_guess(answerer, sung):
    def expected(candidate):
        return np.abs(guessed_mels(answerer.model, candidate.patch[None])[0] - sung.mel).mean()

    guess, first = answerer.guess(sung), answerer.first(sung)
    assert expected(first[0]) < expected(guess[0])
    for candidates in (guess, first):
        assert [c.closeness for c in candidates] == sorted((c.closeness for c in candidates), reverse=True)


def test_a_refinement_is_never_worse_than_its_start_and_never_loses_ground(answerer, sung, refinement):
    start, progress = refinement
    best = [p.candidates[0].distance_db for p in progress]
    assert best == sorted(best, reverse=True)
    engine, note = load_engine(SPACE, MEL.sample_rate), answerer.note_at(sung)
    target = distance_features(sung.audio, MEL.sample_rate, NOTE.seconds)
    at_start = engine.render(SPACE.decode(start[0].patch), note).mean(axis=0)
    assert best[-1] <= distance_db(target, distance_features(at_start, MEL.sample_rate, NOTE.seconds)) + 0.1


def test_what_is_said_of_an_answer_is_what_it_sounds_like(answerer, sung, refinement):
    best = refinement[1][-1].candidates[0]
    engine, patch = load_engine(SPACE, MEL.sample_rate), SPACE.decode(best.patch)
    audio = play(engine, patch, answerer.note_at(sung), best.gestures)
    heard = distance_features(audio.mean(axis=0), MEL.sample_rate, NOTE.seconds)
    again = distance_db(distance_features(sung.audio, MEL.sample_rate, NOTE.seconds), heard)
    assert again == pytest.approx(best.distance_db, abs=0.3)
    assert best.closeness == pytest.approx(Closeness.of(KNOWN)(best.distance_db))


def test_every_candidate_is_in_range_unlike_the_others_and_levelled(answerer, sung, refinement):
    from core.loudness import momentary_loudness

    candidates = refinement[1][-1].candidates
    assert 1 < len(candidates) <= 6
    for k, one in enumerate(candidates):
        assert one.patch.shape == (len(SPACE),)
        assert np.isfinite(one.patch).all() and one.patch.min() >= 0.0 and one.patch.max() <= 1.0
        assert all(np.abs(one.patch - other.patch).mean() > 0.01 for other in candidates[:k])
    engine, volume = load_engine(SPACE, MEL.sample_rate), SPACE.index("volume")
    for one in candidates:
        audio = engine.render(SPACE.decode(one.patch), answerer.note_at(sung)).mean(axis=0)
        off = momentary_loudness(audio, MEL.sample_rate) + 24.0
        if one.gestures:  # whose curve of loudness makes a patch softer
            assert -12.0 < off < 1.5
        else:
            assert abs(off) < 0.5 or (one.patch[volume] == 1.0 and off < 0.0)  # as loud as it can be


def test_progress_counts_to_the_end(refinement):
    progress = refinement[1]
    assert [p.n_renders for p in progress] == sorted({p.n_renders for p in progress})
    assert progress[-1].n_renders == 40 and progress[-1].fraction == 1.0
    assert all(p.fraction < 1.0 for p in progress[:-1])


def test_the_same_seed_and_renders_give_the_same_answers(answerer, sung, refinement):
    again = refined(answerer, sung)[1][-1].candidates
    for a, b in zip(refinement[1][-1].candidates, again, strict=True):
        np.testing.assert_array_equal(a.patch, b.patch)
        assert a.distance_db == b.distance_db


def test_a_stopped_refinement_keeps_what_it_has(answerer, sung, refinement):
    seen = []
    start = answerer.first(sung)
    for progress in answerer.refine(sung, start, 600.0, 3, stop=lambda: bool(seen)):
        seen.append(progress)
    assert len(seen) <= 2 and seen[-1].fraction == 1.0
    np.testing.assert_array_equal(seen[0].candidates[0].patch, refinement[1][0].candidates[0].patch)
    over = list(answerer.refine(sung, start, 600.0, 3, stop=lambda: True))
    assert [p.n_renders for p in over] == [0] and over[0].candidates == start


def test_what_follows_a_voice_is_the_posterior_mean(answerer, model_folder, sung):
    model = load_regression_flow(ModelFolder.load(model_folder))
    expected = model.infer(torch.from_numpy(sung.mel[None]), steps=0).numpy()[0]
    np.testing.assert_allclose(answerer.follow(sung.mel), expected, atol=1e-5)


def test_an_incomplete_encoder_is_refused(model_folder):
    tensors = read_tensors(model_folder / "weights.safetensors", "encoder.")
    tensors.pop("head.1.bias")
    with pytest.raises(CheckpointError, match=r"head\.1\.bias"):
        EncoderArrays(tensors)


@pytest.fixture
def copied(model_folder, tmp_path):
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def test_a_bank_of_another_space_is_refused(copied):
    bank = RenderBank.of(np.zeros((9, 5)), np.random.default_rng(0).random((9, 8, 8)), 2, 1)
    known = Closeness.of(KNOWN)
    SketchFile(bank, known, known).write(ModelFolder.load(copied))
    with pytest.raises(CheckpointError, match="5 parameters, but vital-16 has 16"):
        Answerer(copied)


def test_an_altered_or_missing_bank_is_refused(copied):
    data = (copied / FILE_NAME).read_bytes()
    (copied / FILE_NAME).write_bytes(data[:-1])
    with pytest.raises(CheckpointError, match="truncated, altered"):
        Answerer(copied)
    (copied / FILE_NAME).unlink()
    with pytest.raises(CheckpointError, match="Fetch the folder again"):
        Answerer(copied)


def test_a_model_without_a_bank_still_answers(tmp_path, sung):
    write_tiny_torch_model(tmp_path / "m", SPACE, MEL, NOTE)
    candidates = Answerer(tmp_path / "m").first(sung)
    assert candidates  # what the model draws by itself
    assert all(one.patch.shape == (16,) and 0.0 <= one.closeness <= 1.0 for one in candidates)


def test_the_shipped_model_answers_a_sound_it_never_heard_better_than_the_mean_patch():
    from sketching.hearing import hear_recording
    from training.data.draw import Prior

    answerer = Answerer(SHIPPED)
    space = answerer.space
    engine = load_engine(space, answerer.mel.sample_rate)
    prior, rng = Prior.for_space(space), np.random.default_rng(2026)  # a seed of no dataset
    mean = answerer.sketch_file.bank.values(np.arange(len(answerer.sketch_file.bank))).mean(axis=0)
    off = []
    for _ in range(3):
        sound = engine.render(space.decode(prior.draw(rng)[0]), answerer.note).mean(axis=0)
        heard = hear_recording(sound, answerer.mel.sample_rate, mel=answerer.mel, trained_note=answerer.note)
        target = distance_features(heard.audio, answerer.mel.sample_rate, answerer.note.seconds)
        answers = (answerer.first(heard)[0].patch, mean)
        played = [engine.render(space.decode(p), answerer.note).mean(axis=0) for p in answers]
        off.append(
            [
                distance_db(target, distance_features(a, answerer.mel.sample_rate, answerer.note.seconds))
                for a in played
            ]
        )
    first, middle = np.array(off).T
    assert first.mean() < 0.7 * middle.mean()


def test_the_shipped_folder_stays_small():
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 20_000_000


def test_an_answer_without_gestures_has_none(answerer, sung):
    _, progress = refined(answerer, sung, gestures=False)
    assert all(one.gestures is None for p in progress for one in p.candidates)


def swelling(seconds):
    """A hum that swells, gliding up a fifth, and ends."""
    t = np.arange(round(NOTE.seconds * MEL.sample_rate)) / MEL.sample_rate
    u = np.minimum(t / seconds, 1.0)
    phase = 2 * np.pi * np.cumsum(220 * 2 ** (7 / 12 * (u - 0.5))) / MEL.sample_rate
    audio = level((t < seconds) * u**2 * (np.sin(phase) + 0.3 * np.sin(2 * phase)), MEL.sample_rate)
    hz = np.full(MEL.n_frames, np.nan)
    frames = np.arange(MEL.n_frames) * MEL.hop_samples / MEL.sample_rate
    hz[frames < seconds] = 220 * 2 ** (7 / 12 * (frames[frames < seconds] / seconds - 0.5))
    return Sung(audio, log_mel(audio, MEL), 57, True, seconds, hz)


def test_gestures_are_on_where_they_sound_closer(answerer):
    engine, n_on = load_engine(SPACE, MEL.sample_rate), 0
    for seconds in (0.15, 0.2, 0.25, 0.4):  # which patch wins a search depends on the processor, too
        target = swelling(seconds)
        best = refined(answerer, target)[1][-1].candidates[0]
        if not best.gestures:
            continue
        n_on += 1
        note = answerer.note_at(target)
        wanted = distance_features(target.audio, MEL.sample_rate, NOTE.seconds)
        on, off = (
            distance_db(wanted, distance_features(audio.mean(axis=0), MEL.sample_rate, NOTE.seconds))
            for audio in (
                play(engine, SPACE.decode(best.patch), note, gestures) for gestures in (best.gestures, None)
            )
        )
        assert on == pytest.approx(best.distance_db, abs=0.3) and on < off
    assert n_on


def test_the_note_of_an_answer_is_as_long_as_the_sound(answerer, sung):
    assert answerer.note_at(swelling(0.2)).held_seconds == 0.2
    assert answerer.note_at(sung).held_seconds == NOTE.held_seconds  # the sound is longer than any note
    assert answerer.note_at(swelling(0.001)).held_seconds > 0.0


def test_gestures_and_short_notes_are_repeatable(answerer):
    runs = [refined(answerer, swelling(0.2), renders=30)[1][-1].candidates for _ in range(2)]
    for a, b in zip(*runs, strict=True):
        np.testing.assert_array_equal(a.patch, b.patch)
        assert (a.distance_db, a.gestures) == (b.distance_db, b.gestures)
