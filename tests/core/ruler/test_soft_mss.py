"""Soft MSS against librosa, and what it must and must not hear."""

import librosa
import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.distances import multi_scale_mel_distance
from core.ruler.soft_mss import soft_multi_scale_mel_distance as soft_mss

RATE = 22_050
T = np.arange(2 * RATE) / RATE
NOISE = np.random.default_rng(0).normal(0, 0.1, 2 * RATE).astype(np.float32)
SAW = (0.3 * (2 * (220 * T % 1) - 1)).astype(np.float32)
PLUCK = SAW * np.exp(-4 * T).astype(np.float32)
SOUNDS = {"noise": NOISE, "saw": SAW, "pluck": PLUCK}


def reference(a, b):
    """By librosa's mels and pyloudnorm's filters, from the definition alone."""
    means = []
    a, b = (audio * 10 ** ((-24.0 - loudest_400_ms(audio)) / 20) for audio in (a, b))
    for seconds, hop, n_mels in ((0.01, 0.005, 32), (0.025, 0.01, 64), (0.1, 0.05, 128)):
        mels = [
            librosa.feature.melspectrogram(
                y=audio,
                sr=RATE,
                n_fft=int(seconds * RATE),
                hop_length=int(hop * RATE),
                n_mels=n_mels,
                power=2.0,
                pad_mode="constant",
            )
            for audio in (a, b)
        ]
        x, y = (np.log(mel + 1e-5) for mel in mels)
        means.append(np.abs(x - y).mean())
    return 4.343 * np.mean(means)


def loudest_400_ms(audio):
    weighted = np.asarray(audio, float)
    for stage in pyloudnorm.Meter(RATE, filter_class="DeMan")._filters.values():
        weighted = stage.apply_filter(weighted)
    n, hop = int(0.4 * RATE), int(0.1 * RATE)
    power = [np.mean(weighted[k : k + n] ** 2) for k in range(0, len(weighted) - n + 1, hop)]
    return -0.691 + 10 * np.log10(max(power))


@pytest.mark.filterwarnings("ignore:Empty filters")  # the shortest window has fewer bins than bands
@pytest.mark.parametrize("a", SOUNDS)
@pytest.mark.parametrize("b", SOUNDS)
def test_it_agrees_with_librosa(a, b):
    assert soft_mss(SOUNDS[a], SOUNDS[b], RATE) == pytest.approx(
        reference(SOUNDS[a], SOUNDS[b]), rel=0.002, abs=1e-4
    )


def test_it_is_symmetric_and_zero_for_the_same():
    assert soft_mss(SAW, SAW, RATE) == 0.0
    assert soft_mss(SAW, NOISE, RATE) == pytest.approx(soft_mss(NOISE, SAW, RATE))


@given(st.floats(-20, 20))
@settings(max_examples=10, deadline=None)
def test_gain_does_not_count(gain_db):
    assert soft_mss(PLUCK, 10 ** (gain_db / 20) * PLUCK, RATE) < 1e-3


def test_what_is_far_below_the_sound_counts_less_than_in_mss():
    hiss = 1e-4 * NOISE  # 60 dB below
    assert soft_mss(PLUCK, PLUCK + hiss, RATE) < 0.25 * multi_scale_mel_distance(PLUCK, PLUCK + hiss, RATE)


def test_it_hears_a_filter():
    """Half of the bands 20 dB down are 10 dB on average, less what fades into the floor and is levelled."""
    spectrum, hz = np.fft.rfft(NOISE), np.fft.rfftfreq(len(NOISE), 1 / RATE)
    spectrum[hz > 1_982] *= 0.1  # the middle of Slaney's mel scale
    darker = np.fft.irfft(spectrum).astype(np.float32)
    assert 6.0 < soft_mss(NOISE, darker, RATE) < 11.0


def test_a_constant_offset_is_heard_in_the_lowest_bands_alone():
    assert soft_mss(SAW, SAW + 0.1, RATE) < 0.15 * soft_mss(SAW, NOISE, RATE)


def test_silence_is_all_floor():
    """The distance to silence is the mean of what lies above the floor."""
    assert soft_mss(np.zeros(RATE), np.zeros(5), RATE) == 0.0
    assert soft_mss(NOISE, 0 * NOISE, RATE) > soft_mss(PLUCK, 0 * PLUCK, RATE) > 1.0


@pytest.mark.parametrize("odd", [np.zeros(0), np.zeros(3), np.ones(7), np.full(RATE, 1e-9)])
def test_scraps_have_a_finite_distance(odd):
    assert soft_mss(odd, odd, RATE) == 0.0
    assert np.isfinite(soft_mss(odd, SAW, RATE)) and soft_mss(odd, SAW, RATE) > 1.0


def test_the_shorter_is_followed_by_silence():
    longer = np.concatenate([SAW, np.zeros(RATE, np.float32)])
    assert soft_mss(SAW, longer, RATE) < 1e-6


def test_what_is_not_finite_has_no_distance():
    broken = SAW.copy()
    broken[100] = np.nan
    assert np.isnan(soft_mss(SAW, broken, RATE)) and np.isnan(soft_mss(broken, SAW, RATE))
