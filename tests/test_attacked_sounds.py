"""Sound files that a user can bring, damaged and larger than they look: read, or refused in one sentence."""

import io
import tracemalloc

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sound_file import read_sound
from panel.sound.uploads import read_upload
from tests.support.attacks import attack, holds, mutated

# -- sounds


def sound(kind, channels=1, rate=8000, n=400):
    out = io.BytesIO()
    audio = np.sin(np.arange(n * channels)).reshape(n, channels) * 0.5
    soundfile.write(out, audio, rate, format=kind, subtype="PCM_16")
    return out.getvalue()


def check_sound(path, data):
    path.write_bytes(data)
    audio = holds(read_sound, path, 22_050)
    assert audio is None or (audio.ndim == 1 and np.isfinite(audio).all() and len(audio) <= 61 * 22_050)
    holds(read_upload, data)


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_sounds_cut_at_every_length(tmp_path, kind):
    data = sound(kind)
    for n in range(0, len(data), 3):
        check_sound(tmp_path / f"x.{kind.lower()}", data[:n])


@settings(attack, max_examples=60)
@given(data=st.data(), kind=st.sampled_from(["WAV", "FLAC", "AIFF"]))
def test_sounds_attacked(tmp_path, data, kind):
    check_sound(tmp_path / f"x.{kind.lower()}", data.draw(mutated(sound(kind, 2, n=100))))


def blocks_read(monkeypatch, measure):
    """A list that grows by what is measured of each block that is read of a sound file."""
    found, read = [], soundfile.SoundFile.read

    def noted(self, frames=-1, *given, **options):
        block = read(self, frames, *given, **options)
        found.append(measure(block))
        return block

    monkeypatch.setattr(soundfile.SoundFile, "read", noted)
    return found


def test_channels_cost_time_and_not_memory(tmp_path, monkeypatch):
    taken = blocks_read(monkeypatch, lambda block: block.nbytes)
    (tmp_path / "wide.wav").write_bytes(sound("WAV", channels=8, rate=192_000, n=400_000))
    assert read_sound(tmp_path / "wide.wav", 22_050) is not None
    assert max(taken) <= 65_536 * 8 * 4 and len(taken) > 5
    (tmp_path / "fast.wav").write_bytes(sound("WAV", channels=8, rate=655_350))
    assert holds(read_sound, tmp_path / "fast.wav", 22_050) is None


# -- sounds that are larger than their files


def flac(channels, rate, seconds, loud_from_s=0.0):
    """A file of some kilobytes that holds minutes of many channels."""
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", rate, channels, subtype="PCM_16", format="FLAC") as file:
        for k in range(round(seconds * 10)):
            block = np.zeros((rate // 10, channels), np.int16)
            if k >= loud_from_s * 10:
                block[:, 0] = 8_000 * np.sign(np.sin(np.arange(rate // 10) * 0.05))
            file.write(block)
    return out.getvalue()


@pytest.mark.parametrize(
    ("channels", "rate", "seconds", "loud_from_s"),
    [(8, 192_000, 30.0, 0.0), (1, 384_000, 25.0, 5.0), (8, 96_000, 20.0, 10.0)],
)
def test_a_small_file_does_not_fill_the_memory(tmp_path, monkeypatch, channels, rate, seconds, loud_from_s):
    """A FLAC of 590 kB took 2 GB: eight channels of 655 kHz."""
    monkeypatch.setattr("core.sound_file.MOST_DECODED", 96_000 * 8 * 12)
    monkeypatch.setattr("core.sound_file.MOST_KEPT", 4 * 96_000)
    data = flac(channels, rate, seconds, loud_from_s)
    tracemalloc.start()
    try:
        audio, _ = read_upload(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(audio) <= 4 * 96_000 and np.abs(audio).max() > 0.1
    assert most < 24 * 2**20


def test_what_is_decoded_of_a_sound_is_bounded_whatever_its_channels(tmp_path, monkeypatch):
    monkeypatch.setattr("core.sound_file.MOST_DECODED", 100_000)
    n_read = blocks_read(monkeypatch, lambda block: block.size)
    for channels in (1, 8):
        n_read.clear()
        (tmp_path / "x.wav").write_bytes(sound("WAV", channels, rate=48_000, n=200_000))
        assert len(read_sound(tmp_path / "x.wav", 48_000)) == 100_000 // channels
        assert sum(n_read) <= 2 * (100_000 + 4_800 * channels)  # once to find it, once to hear it
