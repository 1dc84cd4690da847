"""Sounds as people have them: of any kind whatever they are called, one-sided, out of phase, late."""

import importlib.util
import io
import struct
import time

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import SoundError
from core.sound_decoding import SoundSource
from core.sound_file import mono_channel, read_sound, read_source, sound_files
from tests.support.needs import needs_pyav

RATE = 16_000


def tone(seconds=1.0, rate=RATE, level=0.3, hz=220.0):
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def rms(audio):
    return float(np.sqrt((np.asarray(audio, np.float64) ** 2).mean()))


def written(path, audio, rate=RATE, **options):
    soundfile.write(path, audio, rate, **options)
    return path


def encoded(path, codec, form, rate=48_000, layout="mono"):
    """A second of a tone, as PyAV writes it."""
    import av

    channels = {"mono": 1, "stereo": 2}[layout]
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.repeat(tone(1.0, rate)[None], channels, 0), "fltp", layout)
        frame.sample_rate = rate
        fifo = av.AudioFifo()
        fifo.write(frame)
        while (piece := fifo.read(1024, partial=True)) is not None:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


# -- kinds


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("CAF", None), ("W64", None), ("AU", None), ("RF64", None), ("OGG", "OPUS"), ("OGG", "VORBIS"),
     ("CAF", "ALAC_16"), ("AIFF", "PCM_24"), ("MP3", None), ("FLAC", None), ("WAV", "IMA_ADPCM")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a sound", "memo.m4a", "really.raw", "x.txt"])
def test_a_sound_is_known_by_its_content(tmp_path, kind, subtype, name):
    path = written(tmp_path / name, tone(1.0, 48_000), 48_000, format=kind, subtype=subtype)
    assert rms(read_sound(path, RATE)) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)
    assert sound_files(tmp_path) == ([path], [])


@needs_pyav
@pytest.mark.parametrize(
    ("codec", "form", "layout"),
    [("aac", "ipod", "mono"), ("aac", "ipod", "stereo"), ("alac", "ipod", "mono"),
     ("aac", "adts", "stereo"), ("libopus", "webm", "mono"), ("wavpack", "wv", "stereo")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["memo.m4a", "memo.wav"])
def test_memos_of_phones_are_read(tmp_path, codec, form, layout, name):
    path = encoded(tmp_path / name, codec, form, layout=layout)
    audio = read_sound(path, RATE)
    assert len(audio) == pytest.approx(RATE, abs=1_500)
    assert rms(audio[2_000:14_000]) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)
    same, rate = read_source(SoundSource(path.read_bytes(), "an upload"))
    assert rate == 48_000 and len(same) == pytest.approx(48_000, abs=4_500)


def test_a_folder_of_many_kinds_is_read_and_the_rest_is_named(tmp_path):
    for name, kind, subtype in (("a.wav", "WAV", None), ("b.opus", "OGG", "OPUS"), ("c.caf", "CAF", None)):
        written(tmp_path / name, tone(1.0, 48_000), 48_000, format=kind, subtype=subtype)
    (tmp_path / "memo.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    (tmp_path / "notes.md").write_text("# notes")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    found, left_out = sound_files(tmp_path)
    assert [path.name for path in found] == ["a.wav", "b.opus", "c.caf"]
    assert [path.name for path, _ in left_out] == ["memo.m4a", "notes.md", "picture.png"]
    for path, reason in left_out:
        assert path.name in reason and len(reason) > 30


def test_without_pyav_a_memo_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (tmp_path / "memo.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    with pytest.raises(SoundError, match="memo.m4a is m4a, which needs PyAV. Install it"):
        read_sound(tmp_path / "memo.m4a", RATE)


# -- hostile files


LISTS = {
    "hls": b"#EXTM3U\nhttp://127.0.0.1:9/x.ts\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "sdp": b"v=0\nm=audio 9 RTP/AVP 0\n",
    "pls": b"[playlist]\nFile1=/etc/passwd\n",
    "zeros": bytes(2_000),
    "mp4": b"\0\0\0\x20ftypM4A ",
    "riff": b"RIFF" + bytes(50),
}


@pytest.mark.parametrize("content", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("name", ["x.m4a", "x.wav", "x.caf"])
def test_what_names_other_files_or_addresses_opens_none(tmp_path, monkeypatch, content, name):
    import socket

    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("it was opened"))
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SoundError, match=name):
        read_sound(tmp_path / name, RATE)


def test_many_channels_and_enormous_rates_are_refused_before_they_are_decoded(tmp_path):
    written(tmp_path / "wide.wav", np.zeros((10, 200)), RATE)
    written(tmp_path / "fast.wav", np.zeros(10), 655_000)
    start = time.thread_time()
    for name in ("wide.wav", "fast.wav"):
        with pytest.raises(SoundError, match=f"{name} has .* more than is read"):
            read_sound(tmp_path / name, RATE)
    assert time.thread_time() - start < 1.0


def test_a_header_that_promises_hours_is_read_as_long_as_there_is_sound(tmp_path):
    data = bytearray(written(tmp_path / "x.wav", tone()).read_bytes())
    data[40:44] = struct.pack("<I", 2**32 - 100)
    (tmp_path / "x.wav").write_bytes(data)
    assert len(read_sound(tmp_path / "x.wav", RATE)) == pytest.approx(RATE, abs=20)


@settings(max_examples=60)
@given(st.data())
def test_any_damage_is_read_or_refused(data):
    whole = io.BytesIO()
    kind = data.draw(st.sampled_from(["WAV", "FLAC", "OGG", "CAF", "AIFF", "MP3"]))
    soundfile.write(whole, tone(0.2), RATE, format=kind)
    raw = bytearray(whole.getvalue())
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, min(len(raw), 200) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    try:
        audio, _ = read_source(SoundSource(bytes(raw), "it"))
        assert np.isfinite(audio).all()
    except SoundError as error:
        assert "it" in str(error)


# -- channels


@pytest.mark.parametrize(
    ("gains", "expected"),
    [((1, -1), 1.0), ((1, 1), 1.0), ((1, 0), 0.5), ((0.3, -1), 1.0), ((0, 0, 0, 0, 1, 0), 1.0),
     ((1, -0.6), 1.0), ((0, 0, 0.8), 0.8), ((-1, -1), 1.0)],
)  # fmt: skip
def test_what_cancels_in_the_mean_is_heard_on_its_loudest_channel(tmp_path, gains, expected):
    written(tmp_path / "a.wav", np.outer(tone(), gains), subtype="FLOAT")
    assert rms(read_sound(tmp_path / "a.wav", RATE)) == pytest.approx(expected * 0.3 / np.sqrt(2), rel=1e-3)


def test_a_stereo_sound_of_two_different_sides_stays_their_mean():
    assert mono_channel(np.array([1.0, 1.0, 0.5])) is None  # nothing in common
    assert mono_channel(np.array([0.0, 0.0, 0.0])) is None
    assert mono_channel(np.array([1.0, 4.0, 0.0])) == 1


# -- late beginnings


@pytest.mark.parametrize("before_s", [75.0, 200.0])
@pytest.mark.parametrize("room", [0.0, 0.0005])
def test_a_sound_that_begins_late_is_found(tmp_path, before_s, room):
    rng = np.random.default_rng(0)
    silence = (room * rng.standard_normal(round(before_s * RATE))).astype(np.float32)
    written(tmp_path / "late.wav", np.concatenate([silence, tone(2.0)]))
    audio = read_sound(tmp_path / "late.wav", RATE)
    assert rms(audio[RATE : 2 * RATE]) == pytest.approx(0.3 / np.sqrt(2), rel=0.02)
    assert 2.0 <= len(audio) / RATE < 3.0


def test_a_long_sound_that_begins_at_once_is_read_from_there(tmp_path):
    sound = np.concatenate([tone(30.0), tone(60.0, hz=440.0)])
    written(tmp_path / "long.wav", sound)
    np.testing.assert_allclose(read_sound(tmp_path / "long.wav", RATE), sound[: 60 * RATE], atol=1e-4)


def test_a_channel_is_chosen_where_the_sound_is(tmp_path):
    first = np.concatenate([np.zeros(80 * RATE, np.float32), tone(2.0)])
    hiss = np.concatenate([1e-3 * tone(80.0), np.zeros(2 * RATE, np.float32)])
    written(tmp_path / "late.wav", np.stack([hiss, first], axis=1))
    assert rms(read_sound(tmp_path / "late.wav", RATE)[RATE:]) > 0.1


def test_ten_silent_minutes_are_told(tmp_path):
    written(tmp_path / "silent.flac", np.zeros(630 * 8_000, np.int16), 8_000)
    with pytest.raises(SoundError, match="the first 10 minutes of silent.flac are silent; cut it"):
        read_sound(tmp_path / "silent.flac", RATE)
