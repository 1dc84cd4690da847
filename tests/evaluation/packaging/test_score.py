"""The figures of a card, and the table of them."""

import numpy as np
import pytest

from core.mel import MelConfig
from evaluation.packaging.card import _score_table
from evaluation.packaging.score import CARD_FIGURES, score_answers

RATE = 22_050
T = np.arange(RATE) / RATE
TONE = 0.3 * np.sign(np.sin(2 * np.pi * 220 * T)).astype(np.float32)
NOISE = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
MEL = MelConfig(n_frames=16)


def test_every_figure_is_there_and_best_for_the_sound_itself():
    score = score_answers([TONE, NOISE], [TONE, NOISE], MEL)
    assert set(score.figures) == set(CARD_FIGURES)
    assert all(score.mean(name) == score.median(name) == 0.0 for name in CARD_FIGURES)


def test_a_target_without_pitch_has_no_pitch_error():
    score = score_answers([TONE, NOISE], [NOISE, TONE], MEL)
    assert score.figures["pitch_cents"][0] == 1_200.0 and np.isnan(score.figures["pitch_cents"][1])
    assert score.mean("pitch_cents") == 1_200.0
    none = score_answers([NOISE], [TONE], MEL)
    assert np.isnan(none.mean("pitch_cents")) and np.isnan(none.median("pitch_cents"))


def test_the_table_shows_what_was_measured():
    scores = {"silence": score_answers([TONE, NOISE], [0 * TONE] * 2, MEL), "same": None}
    scores["same"] = score_answers([TONE, NOISE], [TONE, NOISE], MEL)
    head, _, silence, same = _score_table(scores)
    assert head.startswith("| answer | soft MSS, dB | pitch error, cents | envelope error, dB | MSS, dB |")
    assert "| 1200 (1200) |" in silence and "nan" not in silence
    assert same.startswith("| same | 0.00 (0.00) | 0 (0) | 0.00 (0.00) |")
    (_, _, line) = _score_table({"noise": score_answers([NOISE], [TONE], MEL)})
    assert "nan" not in line and line.split("|")[3].strip() == ""


def test_gain_counts_for_the_loudness_error_alone():
    score = score_answers([TONE], [0.5 * TONE], MEL)
    assert score.mean("loudness_error_db") == pytest.approx(6.02, abs=0.01)
    assert max(score.mean(name) for name in CARD_FIGURES if name != "loudness_error_db") < 0.02
