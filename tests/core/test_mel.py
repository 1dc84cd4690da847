import librosa
import numpy as np
import pytest

from core.mel import MelConfig, log_mel, mel_filters, power_spectrogram, slaney_filters

CONFIG = MelConfig()


def noise(n, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, n).astype(np.float32)


def test_the_mel_is_librosas():
    # librosa 0.11: centred frames, zeros beyond the ends, periodic Hann, Slaney filters, power.
    audio = noise(CONFIG.n_frames * CONFIG.hop_samples)
    power = librosa.feature.melspectrogram(
        y=audio,
        sr=CONFIG.sample_rate,
        n_fft=CONFIG.n_fft,
        hop_length=CONFIG.hop_samples,
        n_mels=CONFIG.n_mels,
        fmin=CONFIG.low_hz,
        fmax=CONFIG.high_hz,
        pad_mode="constant",
    )[:, : CONFIG.n_frames]
    # Two float32 transforms of 2,048 points differ by some 1e-6 of the frame's power.
    assert log_mel(audio, CONFIG) == pytest.approx(np.log(power + 1e-5), abs=1e-4)


@pytest.mark.parametrize(
    ("sample_rate", "n_fft", "n_mels", "low_hz", "high_hz"),
    [(22_050, 2_048, 64, 30.0, 11_000.0), (22_050, 2_048, 128, 0.0, None), (16_000, 512, 80, 20.0, 8_000.0)],
)
def test_the_filters_are_librosas_to_the_bit(sample_rate, n_fft, n_mels, low_hz, high_hz):
    theirs = librosa.filters.mel(sr=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=low_hz, fmax=high_hz)
    np.testing.assert_array_equal(slaney_filters(sample_rate, n_fft, n_mels, low_hz, high_hz), theirs)


def test_the_spectrogram_is_librosas():
    audio = noise(10_000)
    theirs = np.abs(librosa.stft(audio, n_fft=512, hop_length=128, pad_mode="constant")) ** 2
    ours = power_spectrogram(audio, 512, 128)
    assert ours.shape == theirs.shape
    assert ours == pytest.approx(theirs, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("n", [0, 1, 1_000, 81_920, 200_000])
def test_any_length_has_the_shape_of_the_config(n):
    mel = log_mel(noise(n), CONFIG)
    assert mel.shape == CONFIG.shape == (64, 80)
    assert mel.dtype == np.float32
    assert np.isfinite(mel).all()


def test_silence_is_the_floor():
    assert log_mel(np.zeros(100), CONFIG) == pytest.approx(np.log(1e-5))


def test_what_comes_late_is_cut_and_what_lacks_is_silence():
    long = noise(100_000)
    assert np.array_equal(log_mel(long, CONFIG), log_mel(long[: 80 * 1_024], CONFIG))
    short = noise(20_000)
    assert np.array_equal(log_mel(short, CONFIG), log_mel(np.pad(short, (0, 30_000)), CONFIG))


def test_louder_is_a_shift():
    audio = noise(81_920)
    # 20 dB are log(100) of power; the floor of 1e-5 lies 60 dB below this noise.
    assert log_mel(10 * audio, CONFIG) - log_mel(audio, CONFIG) == pytest.approx(np.log(100), abs=0.01)


def test_a_tone_lies_in_its_band():
    t = np.arange(81_920) / CONFIG.sample_rate
    centres = librosa.mel_frequencies(66, fmin=CONFIG.low_hz, fmax=CONFIG.high_hz)[1:-1]
    for hz in (440.0, 1_000.0, 5_000.0):
        loudest = int(np.argmax(log_mel(np.sin(2 * np.pi * hz * t), CONFIG)[:, 40]))
        assert abs(loudest - int(np.argmin(np.abs(centres - hz)))) <= 1


def test_every_filter_hears_something():
    filters = mel_filters(CONFIG)
    assert filters.shape == (64, 1_025)
    assert (filters.sum(axis=1) > 0).all()


def test_the_settings_survive_being_plain_data():
    config = MelConfig(n_mels=32, n_frames=10)
    assert MelConfig(**config.to_dict()) == config
