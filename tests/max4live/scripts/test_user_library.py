"""The devices go where Live looks for them, on each system, and nothing else there is touched."""

import json
import os
import sys
from pathlib import Path

import pytest

from max4live import launch_file, user_library
from max4live.user_library import DEVICES, copy_devices, find_user_library, main

SETTINGS = {"darwin": "Library/Preferences/Ableton", "win32": "AppData/Roaming/Ableton"}
USUAL = {"darwin": "Music/Ableton/User Library", "win32": "Documents/Ableton/User Library"}
USUAL["linux"], SETTINGS["linux"] = USUAL["darwin"], SETTINGS["darwin"]  # Live through Wine, set up by hand
NAMES = sorted(path.name for path in DEVICES.glob("*.amxd"))


@pytest.fixture(params=["darwin", "win32", "linux"])
def home(request, tmp_path, monkeypatch):
    """An empty home folder on one of the systems, with spaces and accents in its name."""
    folder = tmp_path / "Zoë Müller & fils"
    folder.mkdir()
    monkeypatch.setattr(sys, "platform", request.param)
    monkeypatch.setattr(Path, "home", lambda: folder)
    monkeypatch.setenv("APPDATA", str(folder / "AppData" / "Roaming"))
    for name in ("LOCALAPPDATA", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(folder / "Données"))
    return folder


@pytest.fixture
def library(home):
    """The usual place of the library on that system."""
    folder = home / USUAL[sys.platform]
    folder.mkdir(parents=True)
    return folder


def settings_of(home, version, place, *, age_s=0):
    """Write the settings of a version of Live, which keeps its library at a place."""
    path = home / SETTINGS[sys.platform] / f"Live {version}" / "Preferences" / "Library.cfg"
    path.parent.mkdir(parents=True)
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><Ableton><ContentLibrary><UserLibrary><LibraryProject Id="0">'
        f'<ProjectName Value="{Path(place).name}"/><ProjectPath Value="{Path(place).parent}"/>'
        "</LibraryProject></UserLibrary></ContentLibrary></Ableton>".replace("&", "&amp;"),
        encoding="utf-8",
    )
    then = path.stat().st_mtime - age_s
    os.utime(path, (then, then))
    return path


def test_the_usual_place_gets_every_device_and_a_permission_to_start(library, capsys):
    assert main([]) == 0
    folder = library / "Flow Synth Live"
    assert str(folder) in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == NAMES and len(NAMES) == 6
    assert all((folder / name).read_bytes() == (DEVICES / name).read_bytes() for name in NAMES)
    assert json.loads(launch_file.launch_file().read_text("utf-8"))["script"] == str(launch_file.SERVER)


def test_the_settings_of_the_version_used_last_say_where(home, library):
    old, new = home / "Ableton alt", home / "Größe 2" / "Ma bibliothèque"
    for folder in (old, new):
        folder.mkdir(parents=True)
    settings_of(home, "11.3.25", old, age_s=3600)
    settings_of(home, "12.1", new)
    assert find_user_library() == new
    new.rmdir()  # on a drive that is not connected
    assert find_user_library() == old
    old.rmdir()
    assert find_user_library() == library


@pytest.mark.parametrize("place", ["", ".", "Music/Library"])
def test_settings_that_name_no_whole_path_are_passed_over(home, library, place, monkeypatch):
    (home / "Music/Library").mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(home)
    settings_of(home, "12", place)
    assert find_user_library() == library


def test_settings_that_cannot_be_read_are_passed_over(home, library):
    settings_of(home, "12", home).write_bytes(b"<Ableton><Content\xff")
    settings_of(home, "11", home).write_bytes(b'<?xml version="1.0" encoding="shift_jis"?><Ableton/>')
    if hasattr(os, "symlink") and os.name != "nt":
        (home / SETTINGS[sys.platform] / "Library.cfg").symlink_to(home / "gone")
    assert find_user_library() == library


def test_an_older_copy_is_replaced_and_the_player_keeps_what_is_theirs(library):
    folder = library / "Flow Synth Live"
    folder.mkdir()
    (folder / NAMES[0]).write_bytes(b"old")
    (folder / NAMES[0]).chmod(0o444)
    (folder / "My rack.adg").write_bytes(b"mine")
    (library / "Presets").mkdir()
    assert main([]) == main([]) == 0
    assert (folder / NAMES[0]).read_bytes() == (DEVICES / NAMES[0]).read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == sorted([*NAMES, "My rack.adg"])
    assert sorted(path.name for path in library.iterdir()) == ["Flow Synth Live", "Presets"]


def test_a_folder_that_cannot_be_written_is_said_with_a_way_out(library, monkeypatch, capsys):
    closed = library / "Flow Synth Live"
    closed.mkdir(mode=0o500)
    if os.access(closed, os.W_OK):  # this user may do all

        def refuse(path, content):
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(user_library, "write_atomically", refuse)
    assert main([]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(closed) in line and "Permission denied" in line and f"from {DEVICES}" in line
    assert not launch_file.launch_file().exists()
    closed.chmod(0o700)


def test_a_file_in_the_way_is_kept(library, capsys):
    (library / "Flow Synth Live").write_bytes(b"mine")
    assert main([]) == 2
    assert (library / "Flow Synth Live").read_bytes() == b"mine"
    assert "cannot be copied" in capsys.readouterr().err


def test_copied_devices_are_said_even_if_the_server_device_may_not_start_anything(library, capsys):
    data = launch_file.launch_file().parent
    data.parent.mkdir(parents=True, exist_ok=True)
    data.write_bytes(b"a file where the data folder should be")
    assert main([]) == 2
    said = capsys.readouterr()
    assert str(library) in said.out and "python run_server.py" in said.err
    assert launch_file.main([]) == 2


def test_without_live_it_asks_nothing_and_says_what_to_do(home, monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("asked"))
    assert main(["--ask"]) == 0 and capsys.readouterr().out == ""
    assert main([]) == 2
    assert "--to FOLDER" in capsys.readouterr().err
    assert main(["--to", str(home / "nowhere")]) == 2
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(("typed", "copies"), [("y", True), (" YES ", True), ("", False), ("n", False)])
def test_asked_it_copies_only_after_a_yes(library, typed, copies, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _: typed)
    assert main(["--ask"]) == 0
    assert (library / "Flow Synth Live").exists() is copies is launch_file.launch_file().exists()


def test_asked_where_nobody_can_type_it_copies_nothing(library, monkeypatch):
    def end(_):
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    assert main(["--ask"]) == 0 and not (library / "Flow Synth Live").exists()


def test_another_library_can_be_named_from_the_home_folder(home, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    (home / "Live Zwei").mkdir()
    assert main(["--to", "~/Live Zwei"]) == 0
    assert sorted(path.name for path in (home / "Live Zwei/Flow Synth Live").iterdir()) == NAMES


def test_a_disk_that_fills_up_leaves_whole_devices_only(library, monkeypatch):
    written = []

    def fill(path, content):
        if written:
            raise OSError(28, "No space left on device")
        written.append(path)
        path.write_bytes(content)

    monkeypatch.setattr(user_library, "write_atomically", fill)
    with pytest.raises(user_library.ConfigError, match="No space left"):
        copy_devices(library)
    assert [path.name for path in (library / "Flow Synth Live").iterdir()] == [NAMES[0]]
