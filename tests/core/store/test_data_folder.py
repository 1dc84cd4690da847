"""The user's data is closed to the other users of a computer."""

import os
import stat
import sys

import pytest

from core.store.data_folder import data_folder, make_private, open_data_folder
from core.store.folder_lock import locked
from core.store.kept_files import move_into

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the user's folders closed")


@pytest.fixture(autouse=True)
def usual_mask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return data_folder()


def test_the_folder_of_the_system_is_closed(home):
    assert open_data_folder(None) == home and mode(home) == 0o700


def test_one_that_an_earlier_version_made_is_closed_now(home):
    home.mkdir(parents=True)
    assert mode(home) == 0o755
    open_data_folder(None)
    assert mode(home) == 0o700


def test_one_that_the_user_has_shared_stays_so_and_what_is_made_in_it_is_closed(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    assert open_data_folder(shared) == shared and mode(shared) == 0o755
    with locked(shared / "presets"):
        (shared / "presets" / "x.json").write_text("{}")
    move_into(shared / "presets" / "bin", shared / "presets" / "x.json")
    make_private(shared / "sketches")
    assert [mode(shared / name) for name in ("presets", "presets/bin", "sketches")] == [0o700] * 3


def test_a_new_one_that_the_user_names_is_closed(tmp_path):
    assert mode(open_data_folder(tmp_path / "new")) == 0o700
