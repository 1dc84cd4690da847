"""The one file that lets the Flow Server device start the server."""

import json
import sys
from pathlib import Path

import pytest

from max4live.launch_file import launch_file, main, write_launch_file


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "Données d'été"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Données d'été"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)


def test_it_names_this_python_and_this_server():
    assert main([]) == 0
    said = json.loads(launch_file().read_text(encoding="utf-8"))
    assert Path(said["script"]).name == "run_server.py" and Path(said["script"]).is_file()
    assert Path(said["python"]).is_absolute() and Path(said["python"]).samefile(sys.executable)
    assert set(said) == {"format", "python", "script"}


def test_only_the_user_may_write_it():
    if sys.platform == "win32":
        pytest.skip("permissions are another matter there")
    assert write_launch_file().stat().st_mode & 0o077 == 0


def test_a_virtual_environment_keeps_its_own_python(tmp_path):
    if sys.platform == "win32":
        pytest.skip("links need a right there that few have")
    link = tmp_path / "venv" / "python"
    link.parent.mkdir()
    link.symlink_to(sys.executable)
    write_launch_file(link)
    assert json.loads(launch_file().read_text(encoding="utf-8"))["python"] == str(link)


def test_forget_takes_it_back_also_twice():
    main([])
    assert main(["--forget"]) == 0 and not launch_file().exists()
    assert main(["--forget"]) == 0


def test_again_replaces_it_whole():
    write_launch_file()
    write_launch_file()
    assert [path.name for path in launch_file().parent.iterdir()] == ["launch.json"]
