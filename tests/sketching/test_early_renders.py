"""Renders for a sound that is still sung, with Vital's real engine."""

from dataclasses import replace

import numpy as np
import pytest

from core.loudness import level
from core.mel import MelConfig, log_mel
from core.sound_file import resample
from sketching.early_renders import EarlyRenders
from sketching.extrapolation import extrapolated_mel
from sketching.hearing import hear_recording
from sketching.rendering.distance import distance_db, distance_features
from synths.catalog import load_engine
from synths.engine import Note
from tests.sketching.conftest import MEL, NOTE, SPACE, Sung

WHOLE, HELD = MelConfig(), Note()
FLOOR = np.log(WHOLE.floor)


def never():
    return False


def tone(shape=lambda t: 1.0):
    """Four seconds that are let go after three, with a course of loudness of their own."""
    t = np.arange(round(HELD.seconds * WHOLE.sample_rate)) / WHOLE.sample_rate
    buzz = sum(np.sin(2 * np.pi * 220 * k * t) / k for k in range(1, 20))
    return level(buzz * shape(t) * (t < HELD.held_seconds), WHOLE.sample_rate)


def beginning(audio, seconds, config=WHOLE):
    n = round(seconds * config.sample_rate)
    return log_mel(np.pad(audio[:n], (0, len(audio) - n)), config)


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0, 2.5])
@pytest.mark.parametrize("shape", [lambda t: 1.0, lambda t: np.exp(-0.8 * t)], ids=["steady", "falling"])
def test_a_sound_is_taken_to_go_on_as_it_did_last(seconds, shape):
    audio = tone(shape)
    whole, known = log_mel(audio, WHOLE), beginning(audio, seconds)
    guessed = extrapolated_mel(known, seconds, WHOLE, HELD)
    assert guessed.shape == whole.shape and np.isfinite(guessed).all() and guessed.min() >= FLOOR
    held = slice(4, 60)  # without attack and letting go
    assert np.abs(guessed - whole)[:, held].mean() < 0.6
    assert np.abs(known - whole)[:, held].mean() > 2 * np.abs(guessed - whole)[:, held].mean()


def test_what_has_ended_and_what_is_whole_stay_as_they_are():
    audio = tone(lambda t: t < 0.4)
    known = beginning(audio, 1.5)
    np.testing.assert_array_equal(extrapolated_mel(known, 1.5, WHOLE, HELD), known)
    whole = log_mel(tone(), WHOLE)
    np.testing.assert_array_equal(extrapolated_mel(whole, 3.6, WHOLE, HELD), whole)
    np.testing.assert_array_equal(extrapolated_mel(whole, 0.0, WHOLE, HELD), whole)


def test_what_swells_is_not_taken_to_swell_for_ever():
    audio = tone(lambda t: t)
    guessed = extrapolated_mel(beginning(audio, 1.0), 1.0, WHOLE, HELD)
    assert guessed.max() <= beginning(audio, 1.0).max() + 1e-6


def test_hearing_says_when_a_sound_begins():
    audio = np.concatenate([np.zeros(11_025), tone()])
    assert hear_recording(audio, WHOLE.sample_rate).begins == pytest.approx(0.5, abs=0.02)
    assert hear_recording(resample(audio, 22_050, 48_000), 48_000).begins == pytest.approx(0.5, abs=0.02)


def part(sung, seconds):
    n = round(seconds * MEL.sample_rate)
    audio = level(np.pad(sung.audio[:n], (0, len(sung.audio) - n)), MEL.sample_rate)
    return Sung(audio, log_mel(audio, MEL), sung.note)


@pytest.fixture
def early(answerer, sung):
    early = EarlyRenders(answerer)
    for seconds in (0.2, 0.35, 0.45):
        early.render_round(part(sung, seconds), seconds, never)
    return early


def test_the_first_answer_is_the_nearest_of_what_was_rendered(answerer, sung, early):
    rendered = early.compared(sung)
    assert len(rendered) == len(early) >= 6
    assert len({one.patch.tobytes() for one in rendered}) == len(rendered)
    best = answerer.first(sung, rendered)
    nearest = min(one.measurement.distance_db for one in rendered)
    assert best[0].distance_db == nearest
    engine = load_engine(SPACE, MEL.sample_rate)
    target = distance_features(sung.audio, MEL.sample_rate, NOTE.seconds)
    audio = engine.render(SPACE.decode(best[0].patch), answerer.note_at(sung)).mean(axis=0)
    again = distance_db(target, distance_features(audio, MEL.sample_rate, NOTE.seconds))
    assert again == pytest.approx(nearest, abs=0.3)


@pytest.mark.parametrize("seconds", [0.1, 0.25])
def test_notes_are_held_however_short_the_sound_is_so_far(answerer, sung, monkeypatch, seconds):
    notes = []
    monkeypatch.setattr(answerer.workers, "begin", lambda audio, note, stop: notes.append(note))
    monkeypatch.setattr(answerer.workers, "measure", lambda patches, stop: [None] * len(patches))
    EarlyRenders(answerer).render_round(replace(part(sung, seconds), seconds=seconds), seconds, never)
    assert notes == [replace(NOTE, note=sung.note)]


def test_a_refinement_goes_on_from_there(answerer, sung, early):
    rendered = early.compared(sung)
    first = answerer.first(sung, rendered)
    progress = list(answerer.refine(sung, first, 600.0, 3, renders=20, rendered=rendered))
    assert [p.n_renders for p in progress][-1] == 20  # the early ones are not counted
    best = [first[0].distance_db, *(p.candidates[0].distance_db for p in progress)]
    assert best == sorted(best, reverse=True)


def test_renders_at_another_note_do_not_count(answerer, sung, early):
    lower = Sung(sung.audio, sung.mel, sung.note - 12)
    assert early.compared(lower) == []
    early.render_round(lower, 0.4, never)
    assert early.compared(sung) == [] and 0 < len(early.compared(lower)) <= 8


def test_near_the_middle_of_a_glide_counts(answerer, sung, early):
    gliding = Sung(sung.audio, sung.mel, sung.note + 2, glides=True)
    assert len(early.compared(gliding)) == len(early)
    assert early.compared(Sung(sung.audio, sung.mel, sung.note + 3, glides=True)) == []
    assert early.compared(Sung(sung.audio, sung.mel, sung.note + 2)) == []


def test_a_round_that_is_stopped_leaves_what_was_there(answerer, sung, early):
    before = len(early)
    early.render_round(sung, 0.5, lambda: True)
    assert len(early) == before
    assert len(answerer.first(sung, early.compared(sung)[:3])) >= 1  # a few only: the guess is as good


def test_early_renders_of_nothing_are_none(answerer, sung):
    assert EarlyRenders(answerer).compared(sung) == []
    plain, empty = answerer.first(sung), answerer.first(sung, [])
    assert [c.closeness for c in plain] == [c.closeness for c in empty]
