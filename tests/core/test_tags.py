"""Each pair of words against sounds made to differ in that one respect."""

import numpy as np
import pytest

from core.descriptors import DESCRIPTOR_NAMES, describe
from core.mel import MelConfig, log_mel
from core.tags import TAG_NAMES, TAG_PAIRS, UNMEASURED, TagRules, measure_tags

MEL = MelConfig()
RATE = MEL.sample_rate
T = np.arange(4 * RATE) / RATE
GATE = (T < 3.0).astype(float)


def tone(n_harmonics=8, slope=1.0, hz=261.6):
    return sum(np.sin(2 * np.pi * hz * k * T) / k**slope for k in range(1, n_harmonics + 1)) * GATE * 0.1


def noise(seed=0):
    return np.random.default_rng(seed).normal(size=len(T)) * GATE * 0.05


def measures(*sounds):
    sounds = [np.asarray(s, np.float32) for s in sounds]
    return measure_tags(
        np.stack([describe(s, RATE) for s in sounds]), np.stack([log_mel(s, MEL) for s in sounds]), MEL
    )


MANY = measures(
    tone(), tone(2), tone(30), tone(30, 0.5), noise(), noise() + tone(), tone() * np.exp(-3 * T),
    tone() * np.exp(-20 * T), tone() * (1 + 0.8 * np.sin(8 * T)), noise() * np.exp(-8 * T), tone(30, 2.0),
    tone(20) * np.minimum(T, 1), tone(4, hz=65.4), tone(20, hz=65.4), tone(4, hz=1_046.0),
)  # fmt: skip
RULES = TagRules.of(MANY)
SLOW = np.minimum(T / 1.0, 1.0)


@pytest.mark.parametrize(
    ("pair", "less", "more"),
    [
        ("dark-bright", tone(2), tone(30, 0.5)),
        ("clean-dirty", tone(20), tone(20) + noise()),
        ("thin-phat", tone(12, hz=261.6), tone(12, hz=261.6) + 3 * tone(1, hz=65.4)),
        ("soft-aggressive", (tone() + noise()) * SLOW, tone() + noise()),
        ("constant-moving", tone(), tone() * (1 + 0.8 * np.sin(2 * np.pi * 4 * T))),
        ("static-dynamic", tone(20), tone(20) * np.exp(-2 * T)),
        ("harmonic-inharmonic", tone(), noise()),
    ],
)
def test_a_pair_tells_sounds_apart(pair, less, more):
    scores = RULES.scores(measures(less, more))[:, TAG_NAMES.index(pair)]
    assert scores[1] > scores[0] + 0.1


def test_a_decay_is_no_movement():
    wobble = 6
    steady, fast, tremolo = measures(
        tone(), tone() * np.exp(-6 * T), tone() * (1 + 0.8 * np.sin(2 * np.pi * 4 * T))
    )[:, wobble]
    assert fast < 0.1 * tremolo
    assert steady < 0.1 * tremolo


def test_thirds_are_tagged():
    random = np.random.default_rng(0).normal(size=(3_000, MANY.shape[1]))
    tags = TagRules.of(random).tags(random)
    assert set(np.unique(tags[~np.isnan(tags)])) == {0.0, 1.0}
    np.testing.assert_allclose((tags == 1).mean(axis=0), 1 / 3, atol=0.01)
    np.testing.assert_allclose((tags == 0).mean(axis=0), 1 / 3, atol=0.01)


def test_rules_of_some_sounds_tag_others():
    tags = RULES.tags(measures(tone(30, 0.5)))
    assert tags[0, TAG_NAMES.index("dark-bright")] == 1.0


def test_level_does_not_count():
    a, b = measures(tone(), 0.5 * tone())
    np.testing.assert_allclose(RULES.scores(a[None]), RULES.scores(b[None]), atol=0.15)


@pytest.mark.parametrize("sound", [np.zeros(len(T)), np.zeros(0), np.ones(3), 1e-6 * noise()])
def test_odd_sounds_have_finite_measures(sound):
    assert np.isfinite(measures(sound)).all()


def test_equal_sounds_get_no_tag():
    same = np.repeat(MANY[:1], 9, axis=0)
    tags = TagRules.of(same).tags(same)
    assert not (tags == 1).any()


def test_the_ten_pairs_of_the_paper_are_all_answered_for():
    assert len(TAG_PAIRS) + len(UNMEASURED) == 10
    assert not {pair.name for pair in TAG_PAIRS} & set(UNMEASURED)
    assert DESCRIPTOR_NAMES  # what the pairs are measured from
