"""What a player made, and sang, can be read by nobody else on the computer."""

import os
import stat
import sys

import pytest

from core.store.data_folder import make_private
from core.store.folder_lock import locked
from core.store.kept_files import move_into
from panel.web.access import load_token
from server.instrument.macro_choice import MacroChoice, write_choice
from server.instrument.preset_folder import PresetFolder
from tests.server.instrument.test_presets import preset

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a user's folders to the user")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def everybody_reads():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_each_folder_that_is_made_on_the_way_is_private(tmp_path):
    make_private(tmp_path / "a" / "b" / "c")
    assert {mode(tmp_path / name) for name in ("a", "a/b", "a/b/c")} == {0o700}


def test_a_folder_that_is_there_stays_as_it_is(tmp_path):
    (tmp_path / "shared").mkdir(mode=0o755)
    make_private(tmp_path / "shared" / "own")
    assert mode(tmp_path / "shared") == 0o755 and mode(tmp_path / "shared" / "own") == 0o700


def lock(folder):
    with locked(folder):
        pass


MAKERS = {
    "presets": lambda folder: PresetFolder(folder).save(preset(name="Mine")),
    "a lock": lock,
    "macros": lambda folder: write_choice(folder, MacroChoice(model="tiny", names={})),
    "a token": load_token,
}


@pytest.mark.parametrize("what", MAKERS)
def test_what_makes_folders_makes_private_ones(tmp_path, what):
    MAKERS[what](tmp_path / "data" / "x")
    assert mode(tmp_path / "data") == mode(tmp_path / "data" / "x") == 0o700


def test_bins_are_private_too(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    move_into(tmp_path / "bin", tmp_path / "x.json")
    assert mode(tmp_path / "bin") == 0o700
