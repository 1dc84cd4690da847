import numpy as np
import pyloudnorm
import pytest
import scipy.signal

from core.loudness import SILENCE_LUFS, loudness_curve, momentary_loudness


def noise(seconds, rate, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * rate))


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
def test_steady_sound_is_as_loud_as_pyloudnorm_says(rate):
    # Steady noise has one loudness, momentary or integrated. The loudest 400 ms of five seconds of
    # noise lie a little above its mean: 0.1 dB by chance.
    audio = noise(5, rate)
    theirs = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(audio)
    assert momentary_loudness(audio, rate) == pytest.approx(theirs, abs=0.2)


@pytest.mark.parametrize("hz", [40.0, 100.0, 1_000.0, 5_000.0])
def test_tones_are_weighted_as_pyloudnorm_weights_them(hz):
    rate = 48_000
    audio = 0.1 * np.sin(2 * np.pi * hz * np.arange(3 * rate) / rate)
    theirs = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(audio)
    assert momentary_loudness(audio, rate) == pytest.approx(theirs, abs=0.1)


def test_the_standards_own_tone():
    # BS.1770: a sine of 997 Hz at full scale in one channel reads -3.01 LKFS.
    t = np.arange(2 * 48_000) / 48_000
    assert momentary_loudness(np.sin(2 * np.pi * 997 * t), 48_000) == pytest.approx(-3.01, abs=0.05)


def test_channels_add_in_power():
    audio = noise(2, 44_100)
    one, two = momentary_loudness(audio, 44_100), momentary_loudness(np.stack([audio, audio]), 44_100)
    assert two - one == pytest.approx(3.01, abs=0.01)


def test_gain_is_decibels():
    audio = noise(2, 44_100)
    louder = momentary_loudness(audio * 10, 44_100) - momentary_loudness(audio, 44_100)
    assert louder == pytest.approx(20, abs=1e-6)


def test_a_pluck_and_a_pad_of_one_momentary_loudness():
    # 400 ms of noise are as loud alone as in the middle of much of it.
    rate = 44_100
    burst = np.zeros(4 * rate)
    burst[rate : rate + int(0.4 * rate)] = noise(0.4, rate)
    assert momentary_loudness(burst, rate) == pytest.approx(momentary_loudness(noise(4, rate), rate), abs=0.3)


@pytest.mark.parametrize("audio", [np.zeros(100), np.zeros((2, 44_100)), np.full(44_100, 1e-12)])
def test_silence_is_finite(audio):
    assert SILENCE_LUFS <= momentary_loudness(audio, 44_100) <= -99


def test_a_sound_shorter_than_the_window_is_measured():
    # 100 ms fill a quarter of the window: 6 dB less.
    rate = 44_100
    short, long = (momentary_loudness(noise(s, rate), rate) for s in (0.1, 0.4))
    assert long - short == pytest.approx(6, abs=0.5)


# BS.1770's own coefficients, at 48 kHz.
STANDARD = [
    [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
    [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
]


@pytest.mark.parametrize("n", [48_000 * 2, 19_200, 30_011])
def test_it_is_weighted_as_by_the_standards_own_filters(n):
    audio = np.random.default_rng(n).normal(0, 0.3, (2, n)) * np.linspace(1.0, 0.001, n)
    power = np.pad(np.sum(scipy.signal.sosfilt(STANDARD, audio) ** 2, axis=0), (0, max(0, 19_200 - n)))
    windows = [power[start : start + 19_200].mean() for start in range(0, len(power) - 19_199, 4_800)]
    ours = loudness_curve(audio, 48_000, 0.4, 0.1)
    assert ours == pytest.approx(-0.691 + 10.0 * np.log10(windows), abs=1e-6)


def test_the_end_of_a_sound_is_not_heard_at_its_beginning():
    audio = np.zeros(44_100)
    audio[-2_000:] = 1.0
    assert loudness_curve(audio, 44_100, 0.1, 0.1)[:8].max() == SILENCE_LUFS
