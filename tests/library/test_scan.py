"""Which files are found in folders, and what is left out."""

import os
import sys

import pytest

from library import scan as module
from library.scan import scan


def touched(path, content=b"{}"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(result):
    return [file.path.name for file in result.found]


def reasons(result):
    return {item.path.name: item.reason for item in result.left_out}


def test_presets_are_found_at_any_depth_whatever_they_are_called(tmp_path):
    for name in ("b.vital", "a/../A.VITAL", "x/y/🎹 ...vital", "x/..z.vital", "notes.txt", "x/._b.vital"):
        (tmp_path / "a").mkdir(exist_ok=True)
        touched(tmp_path / name)
    found = scan([tmp_path, tmp_path / "x"])
    assert sorted(names(found)) == ["..z.vital", "A.VITAL", "b.vital", "🎹 ...vital"] and not found.left_out
    assert found.found == tuple(sorted(found.found)) and all(file.path.is_absolute() for file in found.found)


def test_a_folder_that_is_missing_is_told_and_the_others_are_looked_at(tmp_path):
    touched(tmp_path / "there" / "a.vital")
    result = scan([tmp_path / "gone", tmp_path / "there"])
    assert names(result) == ["a.vital"] and "cannot be read" in reasons(result)["gone"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_out_of_the_folder_are_not_followed(tmp_path):
    elsewhere = touched(tmp_path / "elsewhere" / "a.vital")
    inside = touched(tmp_path / "mine" / "b.vital")
    (tmp_path / "mine" / "link.vital").symlink_to(elsewhere)
    (tmp_path / "mine" / "folder").symlink_to(elsewhere.parent, target_is_directory=True)
    (tmp_path / "mine" / "same.vital").symlink_to(inside)
    (tmp_path / "mine" / "round").symlink_to(tmp_path / "mine", target_is_directory=True)
    result = scan([tmp_path / "mine"])
    assert names(result) == ["b.vital"] and set(reasons(result)) == {"link.vital", "folder"}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files there")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.vital")
    assert reasons(scan([tmp_path])) == {"pipe.vital": "it is not a regular file"}


def test_depth_size_and_number_are_bounded(tmp_path, monkeypatch):
    deep = tmp_path
    for k in range(module.MAX_DEPTH + 2):
        deep = deep / str(k)
    touched(deep / "deep.vital")
    with touched(tmp_path / "large.vital").open("r+b") as file:
        file.truncate(module.MAX_BYTES + 1)
    for name in "abc":
        touched(tmp_path / f"{name}.vital")
    monkeypatch.setattr(module, "MAX_FILES", 2)
    result = scan([tmp_path])
    assert names(result) == ["a.vital", "b.vital"]
    assert "50 MB" in reasons(result)["large.vital"] and "more than 2" in reasons(result)["c.vital"]
    assert any("folders deep" in reason for reason in reasons(result).values())


def test_a_huge_folder_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MAX_ENTRIES", 5)
    for k in range(9):
        touched(tmp_path / f"{k}.vital")
    result = scan([tmp_path])
    assert len(result.found) == 5 and "smaller folder" in reasons(result)[tmp_path.name]
