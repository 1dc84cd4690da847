"""Every figure against cases worked out by hand, and against librosa where that has the same thing."""

import time

import librosa
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from core.distances import log_mel_distance, multi_scale_mel_distance, spectral_convergence
from core.loudness import level
from core.mel import MelConfig, log_mel
from core.ruler.envelope_error import envelope_error
from core.ruler.metrics import (
    FIGURES,
    analyse,
    compare,
    envelope_cosine,
    normalised_parameter_error,
    spectral_transport,
    warped_mfcc_distance,
)
from core.ruler.pitch_error import pitch_error
from core.ruler.soft_mss import soft_multi_scale_mel_distance
from core.ruler.warping import warped_distance

RATE = 22_050
MEL = MelConfig()
T = np.arange(RATE) / RATE
RNG = np.random.default_rng(0)
NOISE = RNG.normal(0, 0.1, RATE).astype(np.float32)


def tone(hz, seconds=1.0):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ([0, 1, 2], [0, 1, 2], 0.0),
        ([0, 1, 2], [0, 0, 1, 1, 2], 0.0),  # slower, otherwise the same
        ([0], [3], 3 / 2),  # one cell of cost 3, over 1 + 1
        ([0, 0], [1, 1], 3 / 4),  # 1, then a diagonal step that counts twice, or two straight ones: 3 over 4
        ([0, 5], [0, 0, 5], 0.0),
    ],
)
def test_warping_by_hand(a, b, distance):
    a, b = (np.array(x, float)[:, None] for x in (a, b))
    assert warped_distance(a, b) == pytest.approx(distance)
    assert warped_distance(b, a) == pytest.approx(distance)


@pytest.mark.parametrize(("n", "m"), [(1, 7), (7, 1), (20, 20), (33, 12), (12, 33)])
def test_warping_agrees_with_librosa(n, m):
    a, b = RNG.normal(size=(n, 5)), RNG.normal(size=(m, 5))
    cost = np.abs(a[:, None] - b[None]).mean(axis=-1)
    steps = np.array([[1, 1], [0, 1], [1, 0]])
    reference = librosa.sequence.dtw(
        C=cost, step_sizes_sigma=steps, weights_mul=np.array([2.0, 1.0, 1.0]), backtrack=False
    )
    assert warped_distance(a, b) == pytest.approx(reference[-1, -1] / (n + m))


def test_sequences_that_cannot_be_aligned_are_refused():
    with pytest.raises(ValueError, match="aligned"):
        warped_distance(np.zeros((0, 3)), np.zeros((4, 3)))


def test_mfcc_agrees_with_librosa():
    from core.ruler.metrics import _mfcc

    reference = librosa.feature.mfcc(
        y=NOISE, sr=RATE, n_mfcc=20, n_fft=int(0.05 * RATE), hop_length=int(0.01 * RATE), n_mels=128
    )
    np.testing.assert_allclose(_mfcc(NOISE, RATE).T, reference, atol=0.02)


def test_wmfcc_forgives_tempo_but_not_timbre():
    slow, fast = np.linspace(200, 2_000, RATE), np.linspace(200, 2_000, RATE // 2)
    sweeps = [np.sin(2 * np.pi * np.cumsum(hz) / RATE).astype(np.float32) for hz in (slow, fast)]
    assert warped_mfcc_distance(*sweeps, RATE) < 0.3 * warped_mfcc_distance(sweeps[0], NOISE, RATE)


def test_transport_is_the_way_in_parts_of_the_range():
    """From 1,000 to 3,000 Hz is 2,000 of 11,025 Hz; windowing spreads both tones alike."""
    assert spectral_transport(tone(1_000), tone(3_000), RATE) == pytest.approx(2_000 / 11_025, rel=0.05)


def test_transport_does_not_hear_level():
    assert spectral_transport(NOISE, 0.1 * NOISE, RATE) < 1e-6


def test_transport_against_silence_counts_all_above_the_magnitude():
    assert spectral_transport(tone(1_000), 0 * tone(1_000), RATE) == pytest.approx(
        1 - 1_000 / 11_025, abs=0.02
    )


def test_a_tail_that_nobody_hears_is_not_compared():
    pluck = np.concatenate([tone(1_000), np.zeros(3 * RATE, np.float32)])
    with_tail = np.concatenate([tone(1_000), 1e-6 * np.tile(NOISE, 3)])
    assert spectral_transport(pluck, with_tail, RATE) < 0.01


def test_envelope_cosine_by_hand():
    half = np.concatenate([np.ones(RATE // 2), np.zeros(RATE // 2)])
    other = half[::-1].copy()
    assert envelope_cosine(half, 0.2 * half, RATE) == pytest.approx(1.0)
    assert envelope_cosine(half, other, RATE) == pytest.approx(0.0, abs=0.05)
    assert envelope_cosine(half, np.ones(RATE), RATE) == pytest.approx(np.sqrt(0.5), abs=0.01)
    assert envelope_cosine(half, 0 * half, RATE) == 0.0


def test_envelope_agrees_with_librosa():
    from core.ruler.metrics import _envelope

    n = int(0.05 * RATE)
    reference = librosa.feature.rms(y=NOISE, frame_length=n, hop_length=int(0.025 * RATE))[0]
    np.testing.assert_allclose(_envelope(NOISE, RATE), reference, rtol=1e-4)


def test_parameter_error_by_hand():
    """Mean squares are 0.5 and 0.25; errors of 0.5 in the first and 0.5 in the second parameter."""
    true = np.array([[1.0, 0.5], [0.0, 0.5]])
    answers = np.array([[0.5, 0.5], [0.0, 0.0]])
    np.testing.assert_allclose(normalised_parameter_error(true, answers), [0.25 / 0.5 / 2, 0.25 / 0.25 / 2])


def test_answering_nothing_but_zero_has_an_mse_n_of_one():
    true = RNG.uniform(0.1, 1, size=(50, 4))
    assert normalised_parameter_error(true, np.zeros_like(true)).mean() == pytest.approx(1.0)


def test_a_parameter_that_is_always_zero_does_not_blow_up():
    true = np.stack([np.zeros(5), np.ones(5)], axis=1)
    assert np.isfinite(normalised_parameter_error(true, true + 0.1)).all()


def test_all_figures_together_are_the_single_ones():
    a, b = tone(300, 4.0), np.tile(NOISE, 4)
    values = compare(analyse(a, MEL), analyse(b, MEL))
    x, y = level(a, RATE), level(b, RATE)
    assert set(values) == {figure.name for figure in FIGURES}
    assert values["mss_db"] == pytest.approx(multi_scale_mel_distance(x, y, RATE))
    assert values["soft_mss_db"] == pytest.approx(soft_multi_scale_mel_distance(a, b, RATE))
    assert values["pitch_cents"] == pytest.approx(pitch_error(a, b, RATE))
    assert values["envelope_db"] == pytest.approx(envelope_error(a, b, RATE))
    assert values["wmfcc"] == pytest.approx(warped_mfcc_distance(x, y, RATE))
    assert values["sot"] == pytest.approx(spectral_transport(x, y, RATE))
    assert values["rms_cosine"] == pytest.approx(envelope_cosine(x, y, RATE))
    assert values["log_mel_db"] == pytest.approx(log_mel_distance(log_mel(x, MEL), log_mel(y, MEL)))
    assert values["sc"] == pytest.approx(spectral_convergence(a, b, MEL), rel=1e-4)
    power_a, power_b = (np.exp(log_mel(s, MEL)) - MEL.floor for s in (a, b))
    assert values["mse"] == pytest.approx(np.mean((power_a - power_b) ** 2), rel=1e-3)


def test_the_same_sound_is_at_the_best_value_of_every_figure():
    values = compare(analyse(tone(300), MEL), analyse(tone(300), MEL))
    assert values["rms_cosine"] == pytest.approx(1.0)
    assert all(values[f.name] == 0.0 for f in FIGURES if f.lower_is_closer)


@pytest.mark.parametrize("gain", [0.05, 1.0, 4.0])
def test_only_the_three_figures_as_played_hear_gain(gain):
    values = compare(analyse(NOISE, MEL), analyse(gain * NOISE, MEL))
    assert values["loudness_error_db"] == pytest.approx(abs(20 * np.log10(gain)), abs=1e-3)
    names = ("soft_mss_db", "envelope_db", "mss_db", "wmfcc", "sot", "log_mel_db")
    assert max(values[name] for name in names) < 0.02
    assert values["sc"] == pytest.approx(abs(1 - gain**2), abs=1e-3)


@pytest.mark.parametrize("odd", [np.zeros(10), np.zeros(0), np.full(RATE, 1e-9), np.ones(1)])
def test_silence_and_scraps_give_finite_figures(odd):
    for pair in ((odd, NOISE), (NOISE, odd), (odd, odd)):
        values = compare(*(analyse(np.asarray(s, np.float32), MEL) for s in pair))
        assert np.isnan(values.pop("pitch_cents"))  # no target here has a pitch
        assert np.isfinite(list(values.values())).all()


def test_silence_has_a_spectral_convergence_of_one():
    assert compare(analyse(NOISE, MEL), analyse(0 * NOISE, MEL))["sc"] == pytest.approx(1.0)


def test_a_pair_takes_milliseconds():
    a, b = tone(300, 4.0), np.tile(NOISE, 4)
    with threadpool_limits(1):  # threads that wait for each other count as work
        compare(analyse(a, MEL), analyse(b, MEL))
        started = time.process_time()
        for _ in range(3):
            compare(analyse(a, MEL), analyse(b, MEL))
        assert (time.process_time() - started) / 3 < 0.4  # measured: 0.08 s
