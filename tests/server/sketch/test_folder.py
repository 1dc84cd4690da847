"""Names in the sketch folder: which are accepted, and which files are deleted."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sketch.folder import check_file_name, is_take_file, sketch_folder


@given(st.text(max_size=200))
def test_no_name_leads_out_of_the_folder(name):
    try:
        assert check_file_name(name) == name
    except Exception as error:
        assert type(error).__name__ == "ProtocolError"
        return
    assert not {"/", "\\", ":", "\0"} & set(name) and name not in (".", "..") and len(name) <= 128


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("sketch-1-2.wav", True),
        ("sketch-123456-15.flac", True),
        ("sketch-1.wav", False),
        ("my sketch-1-2.wav", False),
        ("sketch-1-2.wav.wav", False),
        ("sketch-a-b.wav", False),
    ],
)
def test_only_what_devices_call_their_takes_is_deleted(name, is_one):
    assert is_take_file(name) == is_one


def test_forgotten_takes_are_cleared_away_at_the_start(tmp_path):
    folder = sketch_folder(tmp_path)
    for name in ("sketch-1-1.wav", "sketch-1-2.wav", "mine.wav"):
        (folder / name).touch()
    for name in ("sketch-1-1.wav", "mine.wav"):
        os.utime(folder / name, (1, 1))
    sketch_folder(tmp_path)
    assert sorted(p.name for p in folder.iterdir()) == ["mine.wav", "sketch-1-2.wav"]
