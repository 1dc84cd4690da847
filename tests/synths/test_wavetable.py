import base64

import numpy as np
import pytest

from synths.wavetable import FRAME_NAMES, noise_sample, wavetable, wavetable_frames


@pytest.fixture(scope="module")
def frames():
    return wavetable_frames()


def test_frames_are_equally_strong_and_clean(frames):
    assert frames.shape == (len(FRAME_NAMES), 2_048) and frames.dtype == np.float32
    assert np.isfinite(frames).all()
    assert np.abs(frames).max() <= 1.0
    assert np.abs(frames.mean(axis=1)).max() < 1e-5  # no direct current
    rms = np.sqrt(np.mean(frames**2, axis=1))
    # Those with a peak above 1 at an rms of 0.5 are turned down to it: the most peaked by 6 dB.
    assert rms.max() == pytest.approx(0.5, abs=1e-4)
    assert rms.min() > 0.25


def test_frames_are_distinct(frames):
    alike = np.corrcoef(np.abs(np.fft.rfft(frames, axis=1)))
    assert alike[~np.eye(len(frames), dtype=bool)].max() < 0.999


def test_neighbours_morph_without_cancelling(frames):
    # In sine phase throughout, so half way between two frames nothing is much softer than either.
    between = 0.5 * (frames[1:] + frames[:-1])
    rms = np.sqrt(np.mean(between**2, axis=1))
    softer = np.minimum(*(np.sqrt(np.mean(f**2, axis=1)) for f in (frames[1:], frames[:-1])))
    assert (20 * np.log10(rms / softer)).min() > -3.1  # two unrelated signals: -3.01 dB


def test_the_file_holds_the_frames(frames):
    rows = wavetable()["groups"][0]["components"][0]["keyframes"]
    assert [row["position"] for row in rows] == [0, 32, 64, 96, 128, 160, 192, 224, 256]
    held = [np.frombuffer(base64.b64decode(row["wave_data"]), "<f4") for row in rows]
    assert np.array_equal(np.stack(held), frames)


def test_the_noise_is_the_same_each_time_and_white():
    sample = noise_sample()
    assert sample == noise_sample()
    audio = np.frombuffer(base64.b64decode(sample["samples"]), "<i2") / 32_768
    assert len(audio) == sample["length"]
    power = np.abs(np.fft.rfft(audio)[1:]) ** 2
    octaves = [power[2**k : 2 ** (k + 1)].mean() for k in range(8, 14)]
    # A mean of 256 exponential draws strays by 6 %, three times that at most.
    assert max(octaves) / min(octaves) < 1.4
