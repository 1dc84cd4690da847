"""The command that writes Vital's controllers: what is in its way, where it looks, and what it leaves."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from calibration import vital_midi
from calibration.running_programs import running_programs
from calibration.settings_file import write_settings
from calibration.vital_midi import backup_of, candidates, find_config, in_the_way, main
from core.errors import ConfigError
from tests.calibration.test_vital_midi import REAL, command, config, nothing_runs, vital_reads

__all__ = ["config", "nothing_runs"]

# -- the command


def test_what_is_in_the_way_is_said_and_comes_back(config, capsys):
    assert command(config) == 0
    said = capsys.readouterr().out
    assert "controller 30 moved filter_2_cutoff; now filter_1_cutoff" in said
    assert "32 controllers for vital-32; 1 of your own stay" in said
    assert backup_of(config).read_bytes() == REAL.encode()
    assert command(config, "--undo") == 0
    assert config.read_bytes() == REAL.encode()
    assert not backup_of(config).exists()


def test_a_dry_run_writes_nothing(config, capsys):
    assert command(config, "--dry-run") == 0
    assert "32 controllers" in capsys.readouterr().out
    assert config.read_bytes() == REAL.encode()
    assert list(config.parent.iterdir()) == [config]
    command(config)
    changed = config.read_bytes()
    assert command(config, "--undo", "--dry-run") == 0
    assert config.read_bytes() == changed and backup_of(config).exists()


def test_twice_is_once_and_the_first_backup_stays(config, capsys):
    command(config)
    once = config.read_bytes()
    command(config)
    assert config.read_bytes() == once
    assert "already" in capsys.readouterr().out
    command(config, "--space", "vital-64")
    assert backup_of(config).read_bytes() == REAL.encode()
    command(config, "--undo")
    assert config.read_bytes() == REAL.encode()


def test_undo_keeps_what_was_taught_and_set_since(config, capsys):
    command(config)
    data = json.loads(config.read_text(encoding="utf-8"))
    data["window_size"] = 1.5
    for entry in data["midi_learn"]:
        if entry["source"] == 20:
            entry["destinations"] = [{"destination": "osc_1_pan", "max_range": 1.0, "min_range": -1.0}]
    data["midi_learn"].append({"destinations": [{"destination": "osc_2_pan"}], "source": 90})
    config.write_text(json.dumps(data, sort_keys=True), encoding="utf-8")
    assert command(config, "--undo") == 0
    assert "controller 20 was taught something else since" in capsys.readouterr().out
    heard = vital_reads(config.read_text(encoding="utf-8"))
    assert heard == {1: {"macro_control_1"}, 20: {"osc_1_pan"}, 30: {"filter_2_cutoff"}, 90: {"osc_2_pan"}}
    assert json.loads(config.read_text(encoding="utf-8"))["window_size"] == 1.5


def test_undo_without_a_backup(config, capsys):
    assert command(config, "--undo") == 2
    assert "nothing to undo" in capsys.readouterr().err
    assert config.read_bytes() == REAL.encode()


@pytest.mark.parametrize(
    "program", ["Vital", "VITAL", "Live", "Ableton Live 12 Suite", "Ableton Live 11 Trial"]
)
def test_refused_while_vital_may_be_open(program, config, monkeypatch, capsys):
    monkeypatch.setattr(vital_midi, "running_programs", lambda: {"bash", program})
    assert command(config) == 2
    assert f"{program} is running" in capsys.readouterr().err
    assert config.read_bytes() == REAL.encode()
    assert command(config, "--dry-run") == 0
    assert command(config, "--anyway") == 0
    assert config.read_bytes() != REAL.encode()


def test_other_programs_are_not_in_the_way():
    assert in_the_way({"bash", "livecd", "Vitality", "python3", "Vital2"}) == []


def test_a_system_that_does_not_say_what_runs(config, monkeypatch, capsys):
    monkeypatch.setattr(vital_midi, "running_programs", lambda: None)
    assert command(config) == 0
    assert "make sure that Vital is closed" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="makes a program of that name by copying sleep")
def test_a_real_program_of_that_name_is_seen(tmp_path):
    program = tmp_path / "Vital"
    shutil.copy(shutil.which("sleep"), program)
    process = subprocess.Popen([str(program), "30"])
    try:
        assert "Vital" in running_programs()
    finally:
        process.kill()
        process.wait()


def test_this_very_interpreter_is_seen():
    assert any("python" in name.lower() or "pytest" in name.lower() for name in running_programs())


def test_no_settings_says_where_was_looked(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("APPDATA", str(tmp_path))
    assert main([]) == 2
    said = capsys.readouterr().err
    assert "Vital.config" in said and "Open Vital once" in said


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux"])
def test_the_usual_places(platform, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("APPDATA", str(tmp_path / "AppData" / "Roaming"))
    parts = {
        "win32": ("AppData", "Roaming", "vital"),
        "darwin": ("Library", "Application Support", "vital"),
        "linux": (".vital",),
    }[platform]
    assert candidates(platform)[0] == tmp_path.joinpath(*parts, "Vital.config")
    assert candidates(platform)[1].name == "Vial.config"


def test_found_in_its_usual_place(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("APPDATA", raising=False)
    place = candidates()[1]
    place.parent.mkdir(parents=True)
    place.write_text("{}")
    assert find_config() == place


# -- writing


def test_a_link_stays_a_link_and_permissions_stay(config, tmp_path):
    if sys.platform == "win32":
        pytest.skip("links need a right there that few have")
    config.chmod(0o640)
    link = tmp_path / "link.config"
    link.symlink_to(config)
    assert command(link) == 0
    assert link.is_symlink()
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert vital_reads(config.read_text(encoding="utf-8"))[20] == {"volume"}


def test_a_write_that_fails_leaves_the_file_and_no_crumbs(config, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ConfigError, match="No space left on device. It is as before"):
        write_settings(config, "x")
    assert config.read_bytes() == REAL.encode()
    assert list(config.parent.iterdir()) == [config]


def test_as_a_command(config):
    done = subprocess.run(
        [sys.executable, "-m", "calibration.vital_midi", "--config", str(config), "--anyway"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
    )
    assert str(config).encode() in done.stdout or b"wrote" in done.stdout
    assert vital_reads(config.read_text(encoding="utf-8"))[20] == {"volume"}
