"""A file that is written is there whole, and one that could not be written is as it was."""

import errno
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from core import atomic_file
from core.atomic_file import replacing, write_atomically, write_together

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "Ein Klang é.yaml"
    path.write_text("old", encoding="utf-8")
    return path


def alone(path):
    return list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "new\né\n", b"\x00\xff\r\n", "x" * 3_000_000])
def test_a_file_holds_what_was_written(file, content):
    write_atomically(file, content)
    assert file.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert alone(file)


def test_a_new_file_and_a_long_name(tmp_path):
    path = tmp_path / ("ü" * 120 + ".yaml")
    write_atomically(path, "new")
    assert path.read_text(encoding="utf-8") == "new" and alone(path)


@pytest.mark.parametrize("failing", ["write_bytes", "fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_whole_and_nothing_else(file, monkeypatch, failing):
    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(file) if failing == "write_bytes" else os, failing, fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(file, "new")
    monkeypatch.undo()
    assert file.read_text(encoding="utf-8") == "old" and alone(file)


def test_a_library_that_stops_half_way_leaves_the_old_file_whole(file):
    with pytest.raises(KeyboardInterrupt), replacing(file) as partial:
        partial.write_text("half of the ne", encoding="utf-8")
        raise KeyboardInterrupt
    assert file.read_text(encoding="utf-8") == "old" and alone(file)


def test_what_is_not_finished_yet_is_seen_by_nobody(file):
    with replacing(file) as partial:
        partial.write_text("new", encoding="utf-8")
        assert file.read_text(encoding="utf-8") == "old"
        assert list(file.parent.glob("*.yaml")) == [file]
    assert file.read_text(encoding="utf-8") == "new"


def test_a_missing_folder_is_an_error_and_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "none" / "file", "new")
    assert not list(tmp_path.iterdir())


def test_writers_at_once_never_mix(file):
    """Each reader sees what one writer wrote, whole."""
    letters, n, size = "abcdefgh", 40, 20_000
    begin, seen, failed = threading.Barrier(len(letters) + 1), set(), []

    def write(letter):
        begin.wait()
        try:
            for _ in range(n):
                write_atomically(file, letter * size)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(letter,)) for letter in letters]
    for thread in threads:
        thread.start()
    begin.wait()
    while any(thread.is_alive() for thread in threads):
        seen.add(file.read_bytes())
    for thread in threads:
        thread.join()
    assert not failed
    assert seen <= {letter.encode() * size for letter in letters} | {b"old"}
    assert file.read_bytes() in {letter.encode() * size for letter in letters} and alone(file)


@posix
def test_permissions_stay_and_private_files_are_private_from_the_first_byte(file, tmp_path):
    file.chmod(0o640)
    write_atomically(file, "new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    with replacing(tmp_path / "token", private=True) as partial:
        assert stat.S_IMODE(partial.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    umask = os.umask(0o022)
    try:
        write_atomically(tmp_path / "plain", "new")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "plain").stat().st_mode) == 0o644


@posix
def test_a_link_stays_a_link(file, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(file)
    write_atomically(link, "new")
    assert link.is_symlink() and file.read_text(encoding="utf-8") == "new"


def test_windows_holds_a_file_for_a_moment(file, monkeypatch):
    replace, refused = os.replace, []

    def held(source, target):
        if len(refused) < 2:
            refused.append(source)
            raise PermissionError(13, "Access is denied")
        replace(source, target)

    monkeypatch.setattr(atomic_file.sys, "platform", "win32")
    monkeypatch.setattr(atomic_file.os, "replace", held)
    write_atomically(file, "new")
    assert file.read_text(encoding="utf-8") == "new" and alone(file)


def test_files_written_together_all_change_or_none_does(tmp_path, monkeypatch):
    files = [tmp_path / name for name in ("a.bin", "b.bin", "c.yaml")]
    write_together({file: b"old" for file in files})
    assert [file.read_bytes() for file in files] == [b"old"] * 3
    real, seen = Path.write_bytes, []

    def full(path, data):
        seen.append(path)
        if len(seen) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_together({file: b"new" for file in files})
    monkeypatch.undo()
    assert [file.read_bytes() for file in files] == [b"old"] * 3 and len(list(tmp_path.iterdir())) == 3
