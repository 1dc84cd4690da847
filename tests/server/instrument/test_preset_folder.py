"""The folder of presets: nothing is lost, and nothing old comes back."""

import hashlib
import json
import multiprocessing
import os
import shutil
import sys
import threading
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError, ProtocolError
from server.instrument.preset_file import Preset, read_preset, text_of
from server.instrument.preset_folder import MAX_PRESETS, PresetFolder
from server.instrument.presets import PresetStore
from tests.server.instrument.test_presets import preset


def value_of(folder: PresetFolder, name: str) -> float:
    """What tells one save of a preset from another."""
    return fresh(folder)[name].latent[0]


def fresh(folder: PresetFolder) -> dict[str, Preset]:
    """What a server that starts now would read."""
    return dict(PresetFolder(folder.path).open().there)


def save(folder: PresetFolder, name: str, value: float = 0.5):
    return folder.save(preset(name, latent=[value] * 32))


@pytest.fixture
def folder(tmp_path):
    return PresetFolder(tmp_path / "presets")


def test_files_are_named_as_their_presets_are(folder):
    for name in ("Monday", "Étude — 1", "Bass?", "con", "家族の音"):
        save(folder, name)
    assert {path.name for path in folder.path.glob("*.json")} == {
        "Monday.json", "Étude — 1.json", "Bass-.json", "_con.json", "家族の音.json",
    }  # fmt: skip
    assert set(fresh(folder)) == {"Monday", "Étude — 1", "Bass?", "con", "家族の音"}


@given(st.lists(st.text(min_size=1, max_size=64), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_whatever_names_are_allowed_none_takes_the_file_of_another(tmp_path_factory, names):
    folder, kept = PresetFolder(tmp_path_factory.mktemp("presets")), {}
    for k, name in enumerate([*names, *(name.swapcase() for name in names)]):
        name = unicodedata.normalize("NFC", name)
        try:
            made = Preset(**{**vars(preset()), "name": name, "latent": [float(k)] * 32})
            read_back = PresetStore(folder.path)
            work = read_back.hold(made)
        except ProtocolError:
            continue
        work()
        kept[name] = float(k)
    assert {name: one.latent[0] for name, one in fresh(folder).items()} == kept


def test_two_spellings_of_an_accent_are_one_preset(rig):
    rig.send("/flow/preset/save", "E\u0301tude")
    rig.send("/flow/preset/save", "\u00c9tude")
    assert list(rig.store.presets) == ["\u00c9tude"]
    assert "/flow/error" not in str(rig.send("/flow/preset/load", "E\u0301tude"))


def test_names_with_joiners_are_names(folder):
    for name in ("👨‍👩‍👧", "می‌خواهم"):
        PresetStore(folder.path).hold(preset(name))()
    assert set(fresh(folder)) == {"👨‍👩‍👧", "می‌خواهم"}


# -- copies (row 3)


@pytest.mark.parametrize(
    "copy",
    ["Monday (1).json", "Monday copy.json", "Monday 2.json", "Monday.sync-conflict-20261128.json", "A.json"],
)
@pytest.mark.parametrize("newer", [False, True])
def test_a_copy_never_takes_the_place_of_a_save(folder, caplog, copy, newer):
    save(folder, "Monday", 0.25)
    shutil.copy(folder.path / "Monday.json", folder.path / copy)
    save(folder, "Monday", 0.75)
    now = 2_000_000_000 if newer else 1_000_000_000
    os.utime(folder.path / copy, (now, now))
    store = PresetStore(folder.path)
    assert store.presets["Monday"].latent[0] == 0.75
    assert "1 file is" in caplog.text and copy in caplog.text and "Monday.json as well" in caplog.text


def test_a_copy_with_unusable_values_leaves_the_good_one(folder):
    save(folder, "Monday", 0.25)
    data = json.loads((folder.path / "Monday.json").read_text())
    for k, bad in enumerate(({"patch": {}}, {"latent": ["x"]}, {"latent": [float("nan")]}, {"name": "a/b"})):
        (folder.path / f"Monday ({k}).json").write_text(json.dumps({**data, **bad}))
    assert value_of(folder, "Monday") == 0.25
    assert len(list((folder.path / "damaged").iterdir())) == 4


def test_a_deleted_preset_does_not_come_back_from_its_backup(folder):
    save(folder, "Monday")
    shutil.copy(folder.path / "Monday.json", folder.path / "Monday (backup).json")
    folder.refresh()
    folder.delete("Monday")
    assert fresh(folder) == {}


def test_files_of_earlier_versions_are_read_and_give_way(folder):
    old = {"format": 1, **{k: v for k, v in vars(preset("Monday")).items() if v is not None}}
    digest = hashlib.sha256(b"Monday").hexdigest()[:16]
    folder.path.mkdir()
    (folder.path / f"{digest}.yaml").write_text(yaml.safe_dump(old, sort_keys=False))
    (folder.path / "copy of it.yaml").write_text(yaml.safe_dump({**old, "latent": [9.0] * 32}))
    assert value_of(folder, "Monday") == 0.5
    save(folder, "Monday", 0.75)
    assert value_of(folder, "Monday") == 0.75
    assert not (folder.path / f"{digest}.yaml").exists()


# -- damaged files


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 1}', "\0", '{"format": "1"}'])
def test_a_damaged_file_is_set_aside_with_a_word_and_kept(folder, caplog, text):
    save(folder, "Monday")
    (folder.path / "Broken.json").write_text(text)
    store = PresetStore(folder.path)
    assert list(store.presets) == ["Monday"]
    assert "1 file is" in caplog.text and "damaged" in caplog.text and "Broken.json" in caplog.text
    assert (folder.path / "damaged" / "Broken.json").read_text() == text
    assert not (folder.path / "Broken.json").exists()


def test_a_file_of_a_later_version_stays_where_it_is(folder, caplog):
    save(folder, "Monday")
    later = folder.path / "Later.json"
    later.write_text('{"format": 2, "name": "Later"}')
    PresetStore(folder.path)
    assert later.exists() and "another version" in caplog.text
    save(folder, "Later")
    assert later.read_text().startswith('{"format": 2') and "Later" in fresh(folder)


def test_what_was_damaged_meanwhile_is_not_overwritten(folder):
    save(folder, "Monday")
    (folder.path / "Monday.json").write_text("{")
    save(folder, "Monday", 0.75)
    assert value_of(folder, "Monday") == 0.75
    assert [path.read_text() for path in (folder.path / "damaged").iterdir()] == ["{"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
def test_pipes_devices_and_laughs_are_left_out(folder, caplog):
    save(folder, "Monday")
    os.mkfifo(folder.path / "pipe.json")
    (folder.path / "zero.yaml").symlink_to("/dev/zero")
    (folder.path / "gone.json").symlink_to(folder.path / "nowhere")
    (folder.path / "folder.json").mkdir()
    laughs = "a: &a [x]\n" + "".join(f"b{k}: &b{k} [*a, *a]\n" for k in range(99))
    (folder.path / "laughs.yaml").write_text(laughs)
    assert list(PresetStore(folder.path).presets) == ["Monday"]
    assert "5 files are" in caplog.text


# -- many


def test_thousands_are_read_and_those_beyond_are_counted(tmp_path, monkeypatch, caplog):
    assert MAX_PRESETS >= 8000
    monkeypatch.setattr("server.instrument.preset_folder.MAX_PRESETS", 30)
    for k in range(40):
        (tmp_path / f"{k:03d}.json").write_text(text_of(preset(f"{k:03d}")))
    store = PresetStore(tmp_path)
    assert list(store.presets) == [f"{k:03d}" for k in range(30)]
    assert "10 files are" in caplog.text


# -- rename, delete, restore


def test_renamed_and_deleted_and_restored(folder):
    save(folder, "Monday", 0.25)
    change = folder.rename("Monday", "Tuesday")
    assert list(change.there) == ["Tuesday"] and change.gone == ("Monday",)
    assert [path.name for path in folder.path.glob("*.json")] == ["Tuesday.json"]
    assert folder.delete("Tuesday").gone == ("Tuesday",) and fresh(folder) == {}
    assert folder.binned() == ["Tuesday"]
    assert list(folder.restore("Tuesday").there) == ["Tuesday"]
    assert value_of(folder, "Tuesday") == 0.25 and folder.binned() == []


def test_the_bin_keeps_every_one_and_gives_the_newest_back(folder):
    for k in range(11):
        save(folder, "Monday", float(k))
        folder.delete("Monday")
    for k in reversed(range(11)):
        folder.restore("Monday")
        assert value_of(folder, "Monday") == float(k)
        folder.rename("Monday", f"Monday of {k}")
    assert len(fresh(folder)) == 11


def test_presets_that_share_a_file_name_do_not_share_a_bin(folder):
    for value, name in enumerate(("Bass?", "Bass*", "Bass?", "Bass*")):
        save(folder, name, float(value))
        if value > 1:
            folder.delete(name)
    for name, value in (("Bass?", 2.0), ("Bass*", 3.0)):
        folder.restore(name)
        assert value_of(folder, name) == value


def test_a_name_that_is_taken_is_refused_and_nothing_moves(folder):
    for value, name in ((0.1, "A"), (0.2, "B")):
        save(folder, name, value)
    with pytest.raises(ProtocolError, match="already"):
        folder.rename("A", "B")
    folder.delete("A")
    save(folder, "A", 0.3)
    with pytest.raises(ProtocolError, match="again"):
        folder.restore("A")
    for what in (folder.delete, folder.restore, lambda name: folder.rename(name, "C")):
        with pytest.raises(ProtocolError, match="there is no"):
            what("nobody")
    assert value_of(folder, "A") == 0.3 and value_of(folder, "B") == 0.2


def test_a_new_name_that_differs_in_case_only(folder):
    save(folder, "bass", 0.25)
    folder.rename("bass", "Bass")
    assert value_of(folder, "Bass") == 0.25 and list(fresh(folder)) == ["Bass"]


# -- two servers (row 11)


def test_each_of_two_servers_sees_what_the_other_keeps(tmp_path):
    ours, theirs = PresetFolder(tmp_path / "presets"), PresetFolder(tmp_path / "presets")
    save(ours, "Bass?")
    assert set(save(theirs, "Bass*").there) == {"Bass?", "Bass*"}
    assert set(ours.refresh_if_touched().there) == {"Bass*"}
    theirs.rename("Bass?", "Lead")
    change = ours.refresh_if_touched()
    assert set(change.there) == {"Lead"} and change.gone == ("Bass?",)
    assert not ours.refresh_if_touched()


def keep_saving(path: str, who: str, names: list[str]):
    folder = PresetFolder(Path(path))
    for name in names:
        folder.save(preset(name, model=who))


def test_two_servers_at_once_lose_nothing_and_no_reader_sees_a_part(tmp_path):
    path, context = tmp_path / "presets", multiprocessing.get_context("spawn")
    path.mkdir()
    shared = [f"Both {k % 7}" for k in range(30)]
    writers = [
        context.Process(
            target=keep_saving, args=(str(path), who, [*shared, *(f"{who}? {k}" for k in range(15))])
        )
        for who in "ab"
    ]
    stop, wrong = threading.Event(), []

    def read():
        while not stop.is_set():
            for file in path.glob("*.json"):
                try:
                    read_preset(file)
                except FileNotFoundError:
                    pass
                except (OSError, ConfigError) as error:
                    wrong.append(repr(error))

    reader = threading.Thread(target=read)
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    stop.set()
    reader.join()
    assert wrong == [] and [writer.exitcode for writer in writers] == [0, 0]
    assert len(fresh(PresetFolder(path))) == 7 + 2 * 15
    assert not list(path.glob(".*.partial"))


# -- a disk that fails


def test_a_full_disk_leaves_the_old_one_and_no_partial(folder, monkeypatch):
    save(folder, "Monday", 0.25)
    monkeypatch.setattr(
        "core.atomic_file.os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with pytest.raises(ConfigError, match="No space left"):
        save(folder, "Monday", 0.75)
    monkeypatch.undo()
    assert value_of(folder, "Monday") == 0.25 and not list(folder.path.glob(".*.partial"))


def test_a_folder_that_is_read_only_is_read(folder, monkeypatch):
    save(folder, "Monday")

    def refuse(*_, **__):  # as the system does for anybody but root
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("core.atomic_file.os.replace", refuse)
    monkeypatch.setattr(Path, "write_bytes", refuse)
    assert list(fresh(folder)) == ["Monday"]
    with pytest.raises(ConfigError, match="--data"):
        save(folder, "Tuesday")
