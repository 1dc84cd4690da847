"""Hearing: what a recording becomes, and how well its pitch is followed."""

import numpy as np
import pytest

from benchmarks.pitch import PitchScore, judge, pitch_set
from core.errors import SoundError
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from core.sound_file import resample
from core.swift_tracker import SwiftStream, SwiftTracker
from sketching.hearing import hear_recording
from synths.engine import Note
from tests.server.sketch.voices import RATE, needs_espeak, noise, saw, sine

MEL = MelConfig()


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_a_sound_is_heard_the_same_at_any_rate(rate):
    """Band-limited, so that no rate lacks anything of it."""
    sound = np.concatenate([np.zeros(rate // 2), saw(147, 1.5, 8_000) if rate == 8_000 else saw_of(rate)])
    heard = hear_recording(sound, rate)
    assert heard.audio.shape == (4 * MEL.sample_rate,) and heard.audio.dtype == np.float32
    assert heard.mel.shape == MEL.shape and np.isfinite(heard.mel).all()
    np.testing.assert_array_equal(heard.mel, log_mel(heard.audio, MEL))
    assert momentary_loudness(heard.audio, MEL.sample_rate) == pytest.approx(-24.0, abs=0.3)
    assert heard.pitched and heard.note == 50 and abs(heard.cents) < 10
    assert heard.seconds == pytest.approx(1.5, abs=0.03) and heard.warnings == ()
    assert np.nanmedian(heard.pitch_hz) == pytest.approx(147, rel=0.01)
    assert np.isnan(heard.pitch_hz[40:]).all()  # 1.9 s and later: it is over


def saw_of(rate):
    return resample(saw(147, 1.5, 8_000), 8_000, rate)


def test_loudness_follows_the_sound():
    sound = np.concatenate([sine(300, 1.0), 0.1 * sine(300, 1.0), np.zeros(RATE, np.float32)])
    loudness = hear_recording(sound, RATE).loudness
    assert loudness.shape == (MEL.n_frames,) and loudness.dtype == np.float32
    assert loudness[10] - loudness[32] == pytest.approx(20.0, abs=0.5)
    assert loudness[10] == pytest.approx(-24.0, abs=2.0) and loudness[60] < -90.0


@pytest.mark.parametrize(("gain", "silence"), [(0.003, 0.0), (0.05, 1.5), (1.0, 0.123), (3.0, 0.0)])
def test_neither_level_nor_silence_before_matter(gain, silence):
    plain = hear_recording(saw(220), RATE)
    other = hear_recording(np.concatenate([np.zeros(round(silence * RATE)), gain * saw(220)]), RATE)
    assert other.note == plain.note and other.cents == pytest.approx(plain.cents, abs=3.0)
    assert np.abs(other.mel - plain.mel).mean() < 0.2


def test_the_same_recording_is_heard_the_same():
    sound = saw(180, 2.0) + noise(2.0, 0.02)
    first, again = hear_recording(sound, RATE), hear_recording(sound.copy(), RATE)
    for name in ("audio", "mel", "pitch_hz", "loudness"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert (first.note, first.cents, first.confidence) == (again.note, again.cents, again.confidence)


def glide(begin, end, seconds):
    t = np.arange(round(seconds * RATE)) / RATE
    turns = np.cumsum(begin * (end / begin) ** (t / seconds)) / RATE
    return 0.3 * sum(np.sin(2 * np.pi * k * turns) / k for k in range(1, 9))


@pytest.mark.parametrize(
    ("sound", "word"),
    [
        (saw(220, 0.1), "very short"),
        (noise(2.0), "no clear pitch"),
        (np.clip(30 * saw(220), -1, 1), "clips"),
        (saw(220, 6.0), "first 4 s"),
        (glide(220, 440, 2.0), "glides"),
    ],
    ids=["short", "noise", "clipping", "long", "glide"],
)
def test_what_a_singer_should_know_is_said(sound, word):
    heard = hear_recording(sound, RATE)
    assert word in " ".join(heard.warnings)
    if word == "no clear pitch":
        assert not heard.pitched and heard.note == 60 and heard.cents == 0.0
    if word == "glides":
        assert heard.pitched and heard.glides and heard.note + heard.cents / 100 == pytest.approx(63, abs=0.7)


@pytest.mark.parametrize(
    ("sound", "word"),
    [
        (np.zeros(0), "empty"),
        (np.zeros(RATE), "silent"),
        (noise(level=1e-6), "silent"),
        (np.r_[np.zeros(RATE), np.ones(30), np.zeros(RATE)], "too short"),
        (np.r_[saw(220), np.nan], "not finite"),
        (np.r_[saw(220), np.inf], "not finite"),
    ],
)
def test_what_cannot_be_heard_is_said(sound, word):
    with pytest.raises(SoundError, match=word):
        hear_recording(sound, RATE)


def test_the_note_of_the_model_is_played_where_there_is_no_pitch():
    assert hear_recording(noise(1.0), RATE, trained_note=Note(note=48)).note == 48


def test_following_while_recording_finds_what_following_the_whole_finds():
    rate = 48_000
    sound = np.concatenate([noise(0.4, 0.01, rate=rate), saw(130, 1.3, rate), saw(260, 1.1, rate)])
    sound *= 0.5 / np.abs(sound).max()  # where the whole is raised to
    stream = SwiftStream(rate)
    for k in range(0, len(sound), 14_400):
        stream.push(sound[k : k + 14_400])
    so_far, parts, whole = stream.so_far(), stream.finish(), SwiftTracker().track(sound, rate)
    assert 0.9 * len(parts.hz) < len(so_far.hz) <= len(parts.hz)
    np.testing.assert_array_equal(so_far.hz, parts.hz[: len(so_far.hz)])
    assert len(SwiftStream(rate).so_far().hz) == 0
    n = min(len(parts.hz), len(whole.hz))
    assert abs(len(parts.hz) - len(whole.hz)) <= 1
    np.testing.assert_allclose(parts.seconds[:n], whole.seconds[:n])
    np.testing.assert_allclose(parts.confidence[: n - 8], whole.confidence[: n - 8], atol=0.01)
    both = np.isfinite(parts.hz[: n - 8]) & np.isfinite(whole.hz[: n - 8])
    np.testing.assert_allclose(parts.hz[: n - 8][both], whole.hz[: n - 8][both], rtol=1e-3)
    quiet = hear_recording(0.003 * sound, rate, track=SwiftTracker().track(np.zeros(rate, np.float32), rate))
    assert quiet.note == hear_recording(sound, rate).note  # followed anew: a stream takes it for silence
    alone = hear_recording(sound, rate)
    streamed = hear_recording(sound, rate, track=parts)
    assert (alone.note, alone.pitched) == (streamed.note, streamed.pitched)
    assert streamed.cents == pytest.approx(alone.cents, abs=2.0)


@needs_espeak
def test_pitch_is_followed_in_noise():
    """95 % of the frames within 50 cents, 95 % rightly voiced or not. The whole set: benchmarks.pitch."""
    score = sum((judge(SwiftTracker(), sound) for sound in pitch_set(8)), PitchScore())
    assert score.n_pitch > 1500
    assert score.pitch >= 0.95 * score.n_pitch
    assert score.voicing >= 0.95 * score.n_voicing


@pytest.mark.parametrize("hz", [65.4, 130.8, 261.6, 523.3, 987.8])
def test_the_last_moment_has_a_note(hz):
    note, cents = SwiftTracker().note_now(saw(hz, 0.2, 48_000), 48_000)
    assert note + cents / 100 == pytest.approx(69 + 12 * np.log2(hz / 440), abs=0.3)
    assert SwiftTracker().note_now(np.zeros(9_600, np.float32), 48_000) is None
    assert SwiftTracker().note_now(np.zeros(0, np.float32), 48_000) is None
