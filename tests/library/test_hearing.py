"""Real presets heard by the real engine: once each, whatever else lies in the folder."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.loudness import momentary_loudness
from library import hearing, renderer
from library.heard import hear_preset
from library.hearing import hear_folders
from library.index import read_index
from library.places import alike
from library.renderer import Renderer
from synths.base_patch import BASE_PATCH
from synths.vital_preset import read_checked
from tests.adopting.conftest import softer_later
from tests.adopting.test_own_preset import notes
from tests.library.presets import SILENT, some, write
from tests.synths.preset_files import PEOPLE

ROOT = Path(__file__).resolve().parents[2]


class Told(list):
    """What was told of the progress."""

    @property
    def left_out(self):
        return {item.left_out.path.name: item.left_out.reason for item in self if item.left_out}


def hear(folder, index):
    told = Told()
    return hear_folders([folder], index, told.append), told


def damaged(folder):
    """Write files that are no presets, or none that can be heard."""
    whole = BASE_PATCH.read_bytes()
    (folder / "cut.vital").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.vital").write_bytes(b"")
    (folder / "list.vital").write_bytes(b"[1, 2]")
    write(folder / "text.vital", osc_1_level="loud")
    write(folder / "many.vital", modulations=[{"source": "", "destination": ""}] * 65)
    content = json.loads(whole)
    (folder / "refused.vital").write_text(json.dumps({**content, "synth_version": "zero"}))
    return {"cut.vital", "empty.vital", "list.vital", "text.vital", "many.vital", "refused.vital"}


def files_of(folder):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """A folder of good and bad presets that was heard, its index, and what was told."""
    folder = tmp_path_factory.mktemp("presets")
    some(folder)
    write(folder / "Nothing.vital", **SILENT)
    whole = BASE_PATCH.read_text("utf-8")
    (folder / "Marked.vital").write_text(whole, "utf-8-sig")
    newer = {**json.loads(whole), "synth_version": "9.9.9", "what_is_this": [1]}
    (folder / "Newer.vital").write_text(json.dumps(newer))
    bad = damaged(folder)
    before = files_of(folder)
    path = tmp_path_factory.mktemp("data") / "heard"
    index, told = hear(folder, path)
    assert files_of(folder) == before, "a player's file was written"
    return folder, path, index, told, bad


def by_name(index):
    return {
        Path(path).stem: index.heard[known.digest]
        for path, known in index.files.items()
        if known.digest in index.heard
    }


def test_all_that_can_be_heard_is(heard):
    folder, path, index, told, bad = heard
    names = by_name(index)
    assert set(names) == {"Low", "Lower", "High 🎹", "Slow", "Nothing", "Marked", "Newer"}
    assert [name for name, one in names.items() if one.is_silent] == ["Nothing"]
    assert (names["Low"].author, names["Low"].style) == ("Ann", "Bass")
    assert names["Slow"].descriptors[6] > names["Low"].descriptors[6]  # attack
    assert all(one.repeat_db < 1.5 for one in names.values())
    assert alike(names, "Low", 1)[0].key == "Lower"


def test_what_cannot_be_heard_is_told_in_a_line(heard):
    folder, path, index, told, bad = heard
    assert set(told.left_out) == bad
    assert all(10 < len(reason) < 300 and "\n" not in reason for reason in told.left_out.values())
    assert told[-1].done == told[-1].total == 7 + len(bad) and told[-1].saved


def test_nothing_is_heard_twice(heard, tmp_path, monkeypatch):
    folder, path, index, told, bad = heard
    copy = tmp_path / "elsewhere"
    shutil.copytree(folder, copy)
    (copy / "Low.vital").rename(copy / "Renamed.vital")
    os.utime(copy / "Lower.vital")
    monkeypatch.setattr(renderer.Renderer, "hear", lambda *_: pytest.fail("it was heard before"))
    again, told = hear(copy, shutil.copy(path, tmp_path / "heard"))
    assert "Renamed" in by_name(again) and set(told.left_out) == bad
    monkeypatch.setattr(hearing, "digest_of", lambda *_: pytest.fail("it was read before"))
    hear(copy, tmp_path / "heard")


def test_a_stop_keeps_what_was_heard(tmp_path, heard):
    folder = tmp_path / "presets"
    some(folder)
    told = Told()
    hear_folders([folder], tmp_path / "heard", told.append, stopping=lambda: len(told) >= 2)
    assert len(read_index(tmp_path / "heard").heard) == 2


def crash(path):
    if path.stem == "Low":
        os._exit(1)
    if path.stem == "Slow":
        raise TypeError("the engine's own")
    return path.stem


@pytest.mark.skipif(sys.platform == "win32", reason="the process is forked here, to have the engine replaced")
def test_a_preset_that_crashes_the_engine_is_refused_and_the_next_is_heard(monkeypatch):
    import multiprocessing

    monkeypatch.setattr(
        multiprocessing, "get_context", lambda kind, of=multiprocessing.get_context: of("fork")
    )
    monkeypatch.setattr("library.heard.hear_preset", crash)
    monkeypatch.setattr(renderer, "lower_priority", lambda: None)
    one = Renderer()
    try:
        with pytest.raises(renderer.RenderError, match="Low.vital crashes"):
            one.hear(Path("Low.vital"))
        with pytest.raises(renderer.RenderError, match="TypeError"):
            one.hear(Path("Slow.vital"))
        assert one.hear(Path("High.vital")) == "High"
    finally:
        one.stop()


def test_the_command_prints_a_line_of_json_for_each_preset(heard):
    folder, path, *_ = heard
    command = [sys.executable, "-m", "library", str(folder), "--index", str(path), "--lines"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        lines = [json.loads(line) for line in running.stdout]
    assert running.returncode == 0 and lines[-1]["saved"]
    assert {"done", "total", "name", "saved"} <= set(lines[0])
    assert any("cut.vital" in line.get("left_out", "") for line in lines)


def test_a_preset_is_heard_as_its_later_notes_sound(tmp_path):
    file = softer_later(tmp_path / "softer.vital")
    content = read_checked(file)
    first, later = (momentary_loudness(audio.mean(axis=0), 22_050) for audio in notes(content, [3.0] * 2))
    assert hear_preset(file).loudness == pytest.approx(later, abs=0.1) and first > later + 3.0


@pytest.mark.skipif(not PEOPLE.is_dir(), reason="no ../shared/presets/vital beside the checkout")
def test_a_person_s_preset_is_heard():
    one = hear_preset(PEOPLE / "IceRain.vital")
    assert not one.is_silent and one.author and np.isfinite(one.descriptors).all()
