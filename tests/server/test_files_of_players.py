"""Files that a folder of a player may hold and nobody can read to the end: pipes, devices, endless YAML."""

import os
import sys
import time

import pytest

from core.errors import BridgeError, ConfigError, SoundError
from models.folder import ModelFolder
from panel.sound.uploads import read_exported_take
from server.instrument.macro_choice import choice_path, read_choice
from server.midi.profiles.profile import profile_path, read_profile, write_profile
from tests.support.tiny_model import write_tiny_model

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")

LAUGHS = "a: &a [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


def put_pipe(path):
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def put_zero(path):
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


def put_laughs(path):
    path.write_text(LAUGHS, encoding="utf-8")


PUT = [put_pipe, put_zero, put_laughs]


@pytest.fixture(autouse=True)
def at_once():
    start = time.thread_time()
    yield
    assert time.thread_time() - start < 5.0


@pytest.mark.parametrize("put", PUT)
def test_a_choice_of_macros(tmp_path, put, caplog):
    put(choice_path(tmp_path, "tiny"))
    assert read_choice(tmp_path, "tiny").dials == () and "left out" in caplog.text


@pytest.mark.parametrize("put", PUT)
@pytest.mark.parametrize("name", ["model.yaml", "macros.yaml", "presets.yaml"])
def test_a_file_of_a_model(tmp_path, put, name):
    folder = write_tiny_model(tmp_path / "tiny")
    put(folder / name)
    with pytest.raises(BridgeError):
        ModelFolder.load(folder)


@pytest.mark.parametrize("put", PUT)
def test_a_profile(tmp_path, put):
    put(profile_path(tmp_path, "nanoKONTROL"))
    profile = read_profile(tmp_path, "nanoKONTROL")
    assert profile.bindings == () and len(profile.problems) == 1
    with pytest.raises(ConfigError):
        write_profile(tmp_path, profile)


@pytest.mark.parametrize("put", PUT[:2])
def test_a_take(tmp_path, put):
    put(tmp_path / "sketch-1-2.wav")
    with pytest.raises(SoundError):
        read_exported_take(tmp_path / "sketch-1-2.wav")
