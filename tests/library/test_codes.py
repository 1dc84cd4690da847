"""Codes: what soft MSS says, in a few bytes."""

import numpy as np
import pytest

from core.ruler.soft_mss import soft_multi_scale_mel_distance
from library.codes import CODE_BYTES, code_distances, sound_code

RATE = 22_050


def tone(hz, seconds=4.0, decay=0.0, partials=8):
    t = np.arange(round(seconds * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, partials + 1))
    return (0.1 * sound * np.exp(-decay * t)).astype(np.float32)


SOUNDS = [tone(110), tone(220), tone(220, decay=2.0), tone(440, partials=2), tone(220, partials=30)]


def test_a_distance_is_soft_mss():
    codes = np.stack([sound_code(sound, RATE) for sound in SOUNDS])
    assert codes.dtype == np.uint8 and codes.shape == (len(SOUNDS), CODE_BYTES)
    for k, sound in enumerate(SOUNDS):
        exact = [soft_multi_scale_mel_distance(sound, other, RATE) for other in SOUNDS]
        assert code_distances(codes[k], codes) == pytest.approx(exact, abs=0.5)


def test_level_does_not_count_and_silence_is_a_code():
    near = code_distances(sound_code(SOUNDS[0], RATE), sound_code(SOUNDS[0] * 0.1, RATE)[None])
    assert near[0] < 0.1
    assert len(sound_code(np.zeros(0), RATE)) == CODE_BYTES


@pytest.mark.parametrize("note", [36, 53, 67, 84])
def test_a_sound_at_another_note_is_like_itself(note):
    codes = np.stack(
        [sound_code(tone(261.6 * f, decay=d), RATE) for f, d in ((1, 0), (1, 2), (0.5, 0), (2, 1))]
    )
    heard = tone(261.6 * 2 ** ((note - 60) / 12), decay=2)
    assert code_distances(sound_code(heard, RATE, note), codes).argmin() == 1


def test_many_rows_are_as_few():
    codes = np.random.default_rng(1).integers(0, 256, (1_300, CODE_BYTES), np.uint8)
    far = code_distances(codes[3], codes)
    assert far[3] == 0.0 and far[1_200] == pytest.approx(code_distances(codes[3], codes[1_200:1_201])[0])
