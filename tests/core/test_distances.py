"""Distances against small cases worked out by hand."""

import numpy as np
import pytest

from core.distances import log_mel_distance, multi_scale_mel_distance, spectral_convergence
from core.mel import MelConfig, log_mel

RATE = 22_050
MEL = MelConfig(n_frames=20)
rng = np.random.default_rng(0)
NOISE = rng.normal(0, 0.1, RATE).astype(np.float32)
TONE = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)


def test_equal_sounds_are_at_distance_zero():
    assert multi_scale_mel_distance(NOISE, NOISE, RATE) == 0.0
    assert spectral_convergence(NOISE, NOISE, MEL) == 0.0


def test_mss_is_symmetric_and_does_not_hear_level():
    assert multi_scale_mel_distance(NOISE, TONE, RATE) == pytest.approx(
        multi_scale_mel_distance(TONE, NOISE, RATE)
    )
    assert multi_scale_mel_distance(NOISE, 0.25 * NOISE, RATE) < 1e-3


def test_mss_hears_a_filter():
    """Half of the spectrum 20 dB down moves half of the bands by 20 dB, at every scale about 10 dB."""
    spectrum = np.fft.rfft(NOISE)
    hz = np.fft.rfftfreq(RATE, 1 / RATE)
    halfway = 1_982  # Hz, the middle of 0 to 11,025 on Slaney's mel scale
    spectrum[hz > halfway] *= 0.1
    darker = np.fft.irfft(spectrum).astype(np.float32)
    assert multi_scale_mel_distance(NOISE, darker, RATE) == pytest.approx(10.0, abs=1.5)


def test_log_mel_distance_of_a_gain_is_the_gain():
    mel_a, mel_b = log_mel(NOISE, MEL), log_mel(10 ** (6 / 20) * NOISE, MEL)
    assert log_mel_distance(mel_a, mel_b) == pytest.approx(6.0, abs=0.01)


def test_spectral_convergence_of_silence_is_one_and_of_double_power_is_one():
    assert spectral_convergence(TONE, np.zeros_like(TONE), MEL) == pytest.approx(1.0)
    assert spectral_convergence(TONE, np.sqrt(2.0) * TONE, MEL) == pytest.approx(1.0, abs=1e-4)


def test_sounds_of_different_length_are_compared_with_silence_behind_the_shorter():
    longer = np.concatenate([TONE, np.zeros(RATE, np.float32)])
    assert multi_scale_mel_distance(TONE, longer, RATE) == 0.0
