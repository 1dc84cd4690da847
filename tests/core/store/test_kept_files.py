"""Names of files that never collide, the folder's lock, and what is moved rather than deleted."""

import multiprocessing
import os
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.atomic_file import write_atomically
from core.store.folder_lock import locked
from core.store.kept_files import distance, folded, free_path, move_into, set_aside, stem_of, sweep


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="/\\:\0"), min_size=1, max_size=64))
def test_a_stem_fits_every_file_system_and_is_its_names_own(name):
    stem = stem_of(name)
    assert 0 < len(stem.encode()) <= 180
    assert (
        distance(stem, name) == 0 and distance(f"{stem} 7", name) == 7 and distance(f"x{stem}", name) is None
    )


def test_what_differs_in_case_or_accents_only_is_one_file_on_some_systems():
    assert folded("E\u0301tude.json") == folded("\u00c9TUDE.json")


def test_a_taken_name_gets_a_number(tmp_path):
    for expected in ("Bass-.vital", "Bass- 2.vital", "Bass- 3.vital"):
        path = free_path(tmp_path, stem_of("Bass?"), ".vital")
        assert path.name == expected
        path.write_text("x")


def test_a_link_that_leads_nowhere_takes_a_name_too(tmp_path):
    (tmp_path / "a.json").symlink_to(tmp_path / "gone")
    assert free_path(tmp_path, "a", ".json").name == "a 2.json"


def test_what_is_moved_overwrites_nothing_and_the_newest_has_the_highest_number(tmp_path):
    for k in range(12):
        (tmp_path / "Monday.json").write_text(str(k))
        move_into(tmp_path / "bin", tmp_path / "Monday.json")
    numbers = {distance(path.stem, "Monday"): path.read_text() for path in (tmp_path / "bin").iterdir()}
    assert len(numbers) == 12 and numbers[max(numbers)] == "11"


def test_a_damaged_file_is_set_aside_each_time(tmp_path):
    for text in "ab":
        (tmp_path / "x.json").write_text(text)
        set_aside(tmp_path / "x.json")
    assert sorted(path.read_text() for path in (tmp_path / "damaged").iterdir()) == ["a", "b"]
    assert set_aside(tmp_path / "not there") is None


def test_old_partial_files_are_swept_and_new_ones_are_not(tmp_path):
    old, new, other = (tmp_path / name for name in (".a.1.partial", ".b.2.partial", "c.json"))
    for path in (old, new, other):
        path.write_text("x")
    long_ago = time.time() - 7200
    for path in (old, other):
        os.utime(path, (long_ago, long_ago))
    sweep(tmp_path)
    assert not old.exists() and new.exists() and other.exists()


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "core.atomic_file.os.fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "full"))
    )
    with pytest.raises(OSError, match="full"):
        write_atomically(tmp_path / "x.json", "{}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps names by itself")
def test_the_file_and_then_its_name_are_synced(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("core.atomic_file.os.fsync", lambda handle: synced.append(os.fstat(handle).st_mode))
    write_atomically(tmp_path / "x.json", "{}")
    assert [mode & 0o170000 for mode in synced] == [0o100000, 0o040000]


def hold(folder, held, leave):
    with locked(folder):
        held.set()
        leave.wait(20)


def test_another_process_waits_for_the_lock_but_not_for_ever(tmp_path):
    context = multiprocessing.get_context("spawn")
    held, leave = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path, held, leave))
    other.start()
    assert held.wait(20)
    began = time.monotonic()
    with pytest.raises(TimeoutError, match="another program"), locked(tmp_path, 0.2):
        pass
    assert 0.15 < time.monotonic() - began < 5.0
    threading.Timer(0.2, leave.set).start()
    with locked(tmp_path, 10.0):
        assert leave.is_set()
    other.join(20)


def test_a_program_that_is_killed_lets_go(tmp_path):
    context = multiprocessing.get_context("spawn")
    held, leave = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path, held, leave))
    other.start()
    assert held.wait(20)
    other.kill()
    other.join(20)
    with locked(tmp_path, 1.0):
        pass


def test_a_lock_counts_within_a_process_too(tmp_path):
    with locked(tmp_path), pytest.raises(TimeoutError), locked(tmp_path, 0.05):
        pass
