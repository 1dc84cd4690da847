"""Sound files, onsets and notes: sounds made on the spot, and everything a folder may hold besides sounds."""

import numpy as np
import pytest
import soundfile

from core.errors import SoundError
from core.loudness import momentary_loudness
from core.onset import cut_to_note, find_onset
from core.pitch import PitchTrack, hear_note
from core.sound_file import read_sound, sound_files, write_sound

RATE = 22_050


def saw(hz, seconds=1.0, rate=RATE):
    t = np.arange(int(seconds * rate)) / rate
    n = int(min(20, 0.45 * rate / hz))
    return (0.2 * sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, n + 1))).astype(np.float32)


@pytest.mark.parametrize(
    ("suffix", "rate", "channels"),
    [
        ("wav", 22_050, 1),
        ("wav", 48_000, 6),
        ("aiff", 44_100, 2),
        ("flac", 96_000, 2),
        ("flac", 8_000, 1),
        ("mp3", 44_100, 2),
        ("mp3", 22_050, 1),
        ("ogg", 48_000, 2),
    ],
)
def test_every_kind_of_file_sounds_the_same(tmp_path, suffix, rate, channels):
    path = tmp_path / f"son d'été.{suffix}"
    soundfile.write(path, np.repeat(saw(440, rate=rate)[:, None], channels, axis=1), rate)
    audio = read_sound(path, RATE)
    assert audio.dtype == np.float32 and audio.ndim == 1
    assert len(audio) == pytest.approx(RATE, abs=3_000)  # mp3 pads
    assert momentary_loudness(audio, RATE) == pytest.approx(momentary_loudness(saw(440), RATE), abs=1.0)


def test_mono_is_the_mean_of_the_channels(tmp_path):
    stereo = np.stack([saw(440), np.zeros(RATE, np.float32)], axis=1)
    soundfile.write(tmp_path / "a.wav", stereo, RATE, subtype="FLOAT")
    np.testing.assert_allclose(read_sound(tmp_path / "a.wav", RATE), saw(440) / 2, atol=1e-6)


def test_a_long_file_is_not_read_to_its_end(tmp_path):
    soundfile.write(tmp_path / "long.flac", np.zeros(70 * 8_000), 8_000)
    assert len(read_sound(tmp_path / "long.flac", 8_000)) == 60 * 8_000


def bad_files(folder):
    (folder / "text.wav").write_text("not a sound")
    (folder / "empty.wav").write_bytes(b"")
    soundfile.write(folder / "nothing.wav", np.zeros(0), RATE)
    soundfile.write(folder / "nan.wav", np.array([0.1, np.nan]), RATE, subtype="FLOAT")
    soundfile.write(folder / "whole.flac", saw(440), RATE)
    whole = (folder / "whole.flac").read_bytes()
    (folder / "whole.flac").unlink()
    (folder / "cut.flac").write_bytes(whole[:60])
    return ["text.wav", "empty.wav", "nothing.wav", "nan.wav", "cut.flac", "missing.wav"]


@pytest.mark.parametrize("k", range(6))
def test_a_bad_file_is_named(tmp_path, k):
    name = bad_files(tmp_path)[k]
    with pytest.raises(SoundError, match=name):
        read_sound(tmp_path / name, RATE)


def test_a_folder_lists_its_sounds(tmp_path):
    for name, kind in (("b.WAV", "WAV"), ("a.flac", "FLAC"), ("really.txt", "WAV"), (".hidden.wav", "WAV")):
        soundfile.write(tmp_path / name, saw(300), RATE, format=kind)
    (tmp_path / "notes.wav").write_text("no sound")
    (tmp_path / "folder.wav").mkdir()
    found, left_out = sound_files(tmp_path)
    assert [p.name for p in found] == ["a.flac", "b.WAV", "really.txt"]
    ((path, reason),) = left_out
    assert path.name == "notes.wav" and "notes.wav is no sound file" in reason
    with pytest.raises(SoundError, match="no folder"):
        sound_files(tmp_path / "none")


def test_writing_and_reading(tmp_path):
    write_sound(tmp_path / "a b.wav", saw(300), RATE)
    np.testing.assert_allclose(read_sound(tmp_path / "a b.wav", RATE), saw(300), atol=1e-4)
    write_sound(tmp_path / "loud.wav", 10 * saw(300), RATE)
    assert np.abs(read_sound(tmp_path / "loud.wav", RATE)).max() == pytest.approx(1.0, abs=1e-3)
    with pytest.raises(SoundError, match="cannot be written"):
        write_sound(tmp_path / "no" / "a.wav", saw(300), RATE)
    assert [p.name for p in tmp_path.iterdir()] != [] and not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("silence", [0.0, 0.3, 2.0])
def test_the_onset_is_found(silence):
    n = int(silence * RATE)
    noise = 1e-4 * np.random.default_rng(0).normal(size=n)
    onset = find_onset(np.concatenate([noise, saw(440)]), RATE)
    assert onset == pytest.approx(n, abs=0.016 * RATE)


def test_a_swell_begins_early():
    swell = saw(440, 2.0) * np.linspace(0, 1, 2 * RATE)
    assert find_onset(swell, RATE) < 0.05 * RATE


def test_scraps_begin_at_once():
    assert (
        find_onset(np.zeros(0), RATE) == find_onset(np.zeros(RATE), RATE) == find_onset(np.ones(3), RATE) == 0
    )


def test_a_cut_sound_has_the_length_and_loudness_asked_for():
    for seconds in (0.1, 4.0, 9.0):
        cut = cut_to_note(np.concatenate([np.zeros(RATE), saw(220, seconds)]), RATE)
        assert cut.shape == (4 * RATE,) and cut.dtype == np.float32
        if seconds > 1:
            assert momentary_loudness(cut, RATE) == pytest.approx(-24.0, abs=0.1)


def test_a_long_sound_is_let_go_and_a_short_one_is_not():
    long, short = cut_to_note(saw(220, 9.0), RATE), cut_to_note(saw(220, 3.9), RATE)
    late = slice(int(3.7 * RATE), int(3.8 * RATE))
    assert np.abs(long[late]).max() < 0.4 * np.abs(short[late]).max()


def test_level_does_not_change_the_cut():
    np.testing.assert_allclose(cut_to_note(saw(220), RATE), cut_to_note(0.01 * saw(220), RATE), atol=1e-5)


@pytest.mark.parametrize("sound", [np.zeros(RATE), np.full(RATE, 1e-6), np.zeros(0)])
def test_silence_is_said(sound):
    with pytest.raises(SoundError, match="silent"):
        cut_to_note(sound, RATE)


@pytest.mark.parametrize("note", [31, 40, 60, 72, 84])
def test_the_note_of_a_saw(note):
    heard = hear_note(saw(440 * 2 ** ((note - 69) / 12), 1.5), RATE)
    assert heard.note == note
    assert abs(heard.cents) < 15
    assert heard.confidence > 0.8


@pytest.mark.parametrize("octaves", [0.75, -1.5])
def test_a_glide_is_at_the_middle_of_its_way(octaves):
    t = np.arange(2 * RATE) / RATE
    phase = 2 * np.pi * np.cumsum(220.0 * 2.0 ** (octaves * (t / 2.0 - 0.5))) / RATE
    heard = hear_note(np.sin(phase) + 0.5 * np.sin(2 * phase), RATE)
    assert heard.glides and heard.confidence < 0.5
    assert abs(heard.note + heard.cents / 100 - 57) < 0.6
    assert not hear_note(np.sin(2 * np.pi * 220 * t), RATE).glides


@pytest.mark.parametrize(
    "sound",
    [np.random.default_rng(0).normal(0, 0.1, RATE), np.zeros(RATE), np.zeros(0), np.ones(5)],
    ids=["noise", "silence", "nothing", "scrap"],
)
def test_no_pitch_is_an_answer(sound):
    assert hear_note(sound, RATE).note is None


def test_another_tracker_slots_in():
    class Always:
        def track(self, audio, sample_rate):
            seconds = np.arange(0, len(audio) / sample_rate, 0.01)
            return PitchTrack(seconds, np.full(len(seconds), 451.0), np.ones(len(seconds)))

    heard = hear_note(saw(440), RATE, Always())
    assert heard.note == 69 and heard.cents == pytest.approx(42.7, abs=0.1)
