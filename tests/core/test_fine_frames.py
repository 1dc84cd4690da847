"""Fine frames show what the mel's long frames blur: vibrato, tremolo, and pitch."""

import numpy as np
import pytest

from core.fine_frames import FINE_RATE_HZ, FINE_SHAPE, N_BANDS, fine_frames, fine_values

RATE = 22_050
SECONDS = np.arange(3 * RATE) / RATE


def tone(hz):
    """A sawtooth of a pitch that may move, as loud as training sounds are."""
    phase = np.cumsum(np.broadcast_to(hz, SECONDS.shape)) / RATE
    return (0.2 * (2.0 * (phase % 1.0) - 1.0)).astype(np.float32)


def strongest_hz(curve):
    spectrum = np.abs(np.fft.rfft((curve - curve.mean()) * np.hanning(len(curve))))
    return np.fft.rfftfreq(len(curve), 1.0 / FINE_RATE_HZ)[spectrum.argmax()]


@pytest.mark.parametrize("hz", [80.0, 130.8, 261.6, 440.0, 900.0])
def test_pitch_is_followed(hz):
    values = fine_values(fine_frames(tone(hz)))
    middle = values[N_BANDS, 20:280]
    assert np.abs(middle - np.log2(hz / 261.626)).max() < 0.03
    assert values[N_BANDS + 1, 20:280].min() > 0.9


@pytest.mark.parametrize("rate_hz", [3.0, 6.0, 9.0])
def test_vibrato_is_seen_at_its_rate_and_depth(rate_hz):
    bent = tone(261.6 * 2.0 ** (0.5 / 12.0 * np.sin(2.0 * np.pi * rate_hz * SECONDS)))
    pitch = fine_values(fine_frames(bent))[N_BANDS, 10:290]
    assert strongest_hz(pitch) == pytest.approx(rate_hz, abs=0.4)
    assert 50.0 < 1200.0 * (np.percentile(pitch, 95) - np.percentile(pitch, 5)) < 110.0


@pytest.mark.parametrize("rate_hz", [4.0, 8.0, 15.0])
def test_tremolo_is_seen_at_its_rate(rate_hz):
    shaken = tone(220.0) * (0.6 + 0.4 * np.sin(2.0 * np.pi * rate_hz * SECONDS)).astype(np.float32)
    level = fine_values(fine_frames(shaken))[:N_BANDS, 10:290].mean(axis=0)
    assert strongest_hz(level) == pytest.approx(rate_hz, abs=0.4)


def test_noise_is_not_periodic():
    noise = 0.1 * np.random.default_rng(0).standard_normal(len(SECONDS)).astype(np.float32)
    assert np.median(fine_values(fine_frames(noise))[N_BANDS + 1, 20:280]) < 0.6


@pytest.mark.parametrize("audio", [np.zeros(0), np.zeros(10), np.zeros(200_000)])
def test_silence_of_any_length_is_all_zeros(audio):
    fine = fine_frames(audio.astype(np.float32))
    assert fine.shape == FINE_SHAPE and fine.dtype == np.uint8
    assert not fine.any()


def test_what_comes_after_the_last_frame_does_not_matter():
    long = np.concatenate([tone(200.0), tone(300.0)])
    np.testing.assert_array_equal(fine_frames(long), fine_frames(long[: 4 * RATE]))
