import numpy as np
import pytest

from core.descriptors import DESCRIPTOR_NAMES, describe

RATE = 22_050
T = np.arange(4 * RATE) / RATE
HELD = T < 3.0
RNG = np.random.default_rng(0)
NOISE = RNG.normal(0, 0.1, len(T))


def sine(hz):
    return 0.3 * np.sin(2 * np.pi * hz * T)


def saw(hz):
    n = int(RATE / 2 / hz)
    return 0.1 * sum(np.sin(2 * np.pi * hz * k * T) / k for k in range(1, n))


def of(audio, name):
    return float(describe(audio, RATE)[DESCRIPTOR_NAMES.index(name)])


def test_shape_and_names():
    values = describe(saw(220), RATE)
    assert values.shape == (len(DESCRIPTOR_NAMES),) and values.dtype == np.float32
    assert len(set(DESCRIPTOR_NAMES)) == len(DESCRIPTOR_NAMES)


@pytest.mark.parametrize(
    "audio",
    [np.zeros(len(T)), np.zeros(10), NOISE[:300], np.eye(1, len(T), 500)[0], np.full(len(T), 0.5)],
    ids=["silence", "nothing", "short", "click", "direct current"],
)
def test_always_finite(audio):
    assert np.isfinite(describe(audio, RATE)).all()


def test_loudness_counts_decibels():
    assert of(sine(1_000), "loudness") - of(0.1 * sine(1_000), "loudness") == pytest.approx(20, abs=0.1)


def test_centroid_of_a_tone_is_its_pitch_in_octaves_above_100_hz():
    for hz in (200, 800, 3_200):
        assert of(sine(hz), "centroid") == pytest.approx(np.log2(hz / 100), abs=0.05)


def test_rolloff_lies_above_the_centroid_of_a_bright_sound():
    assert of(saw(110), "rolloff") > of(saw(110), "centroid")
    assert of(NOISE, "rolloff") == pytest.approx(np.log2(0.85 * RATE / 2 / 100), abs=0.1)


def test_bandwidth_grows_from_sine_to_saw_to_noise():
    # White noise counted in octaves spreads about 1.4 of them.
    widths = [of(audio, "bandwidth") for audio in (sine(440), saw(440))]
    assert widths[0] < 0.1 < widths[1]
    assert of(NOISE, "bandwidth") > 1.0


def test_flatness_is_zero_for_noise_and_far_below_for_a_tone():
    assert of(NOISE, "flatness") == pytest.approx(0, abs=0.5)
    assert of(saw(220), "flatness") < -10
    assert of(sine(440), "flatness") < -30


def test_flux_is_more_where_the_spectrum_changes():
    sweep = 0.3 * np.sin(2 * np.pi * (200 * T + 300 * T**2))
    assert of(sweep, "flux") > 3 * of(sine(440), "flux")


def test_attack_doubles_by_octaves():
    for seconds in (0.25, 1.0):
        rising = saw(220) * np.clip(T / seconds, 0, 1)
        # 90 % of the power is reached at 95 % of the ramp; a frame is 23 ms.
        assert of(rising, "attack") == pytest.approx(np.log2(0.95 * seconds), abs=0.3)
    assert of(saw(220), "attack") < -4


def test_decay_counts_what_is_lost_while_held():
    # exp(-t) loses 8.7 dB a second; the last second's mean lies 2.5 s after the start.
    assert of(saw(220) * np.exp(-T), "decay") == pytest.approx(8.7 * 2.5, abs=2.5)
    assert of(saw(220), "decay") == pytest.approx(0, abs=0.5)


def test_tail_tells_a_long_release_from_a_short_one():
    short = saw(220) * HELD
    long = saw(220) * np.where(HELD, 1.0, np.exp(-(T - 3.0)))
    assert of(long, "tail") == pytest.approx(8.7 * 0.75, abs=2)
    assert of(short, "tail") > 60


def test_pitch_strength_is_one_for_a_tone_and_little_for_noise():
    assert of(saw(110), "pitch_strength") > 0.95
    assert of(sine(440), "pitch_strength") > 0.95
    assert of(NOISE, "pitch_strength") < 0.4
    assert of(saw(110) + 0.3 * NOISE / 0.1, "pitch_strength") < of(saw(110), "pitch_strength")


def test_movement_hears_tremolo_and_not_a_slow_fade():
    tremolo = saw(220) * (1 + 0.5 * np.sin(2 * np.pi * 5 * T))
    assert of(saw(220), "movement") < 0.3
    assert of(tremolo, "movement") > 2
    assert of(saw(220) * np.exp(-T), "movement") < 0.5


def test_brightness_change_has_the_sign_of_the_change():
    dull, bright = sine(300), sine(2_400)
    fade = np.clip(T / 3, 0, 1)
    opening = dull * (1 - fade) + bright * fade
    assert of(opening, "brightness_change") > 1
    assert of(dull * fade + bright * (1 - fade), "brightness_change") < -1
    assert of(saw(220), "brightness_change") == pytest.approx(0, abs=0.1)
