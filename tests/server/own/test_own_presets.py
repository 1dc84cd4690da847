"""Presets of a player's own: found, played at once, their macros later, kept, and refused in a line."""

import os
import time

import numpy as np
import pytest

from adopting.kept import folder_for as real_folder_for
from server.handling.own_handlers import OwnHandlers
from server.own.adopting_process import COMMAND as REAL
from server.own.adopting_process import AdoptingProcess
from server.own.own_files import MAX_BYTES, find_own_files
from server.own.vital_folders import vital_folders
from synths.space_files import load_space
from synths.vital_preset import write_preset
from tests.server.bridge_messages import addresses
from tests.server.players import Device, panel
from tests.server.sketch.fake_processes import FakeProcesses
from tests.support.live import Rig, eventually, only
from tests.support.own_presets import COMMAND, P, folder_for, write_own


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "presets"
    write_own(folder / "Warm Pad.vital", author="Ann")
    write_own(folder / "Bank" / "Slow Bass.vital", author="slow")
    write_own(folder / "Bank" / "Dies.vital", author="dies")
    write_own(folder / "Bad.vital", author="bad", style="Lead")
    return folder


def start(tiny, tmp_path, folder, folder_for=folder_for, command=COMMAND, **options):
    def make_own(tracks, models, post):
        root = tmp_path / "adopted"
        return OwnHandlers(tracks, models, [folder], root, folder_for, post, command)

    return Rig(tiny, tmp_path, make_own=make_own, **options)


@pytest.fixture
def rig(tiny, tmp_path, folder):
    rig = start(tiny, tmp_path, folder)
    yield rig
    rig.bridge.handlers.own.kill()


def until(rig, device, word, limit_s=30.0):
    """Let turns go by until the clients are told of a state; all that the device is told."""
    told = []

    def is_there():
        told.extend(rig.turn().get(device.port, []))
        return any(m[0] == "/flow/own/progress" and m[2] == word for m in told)

    assert eventually(is_there, limit_s), told
    return told


def names(told):
    return [m[4] for m in told if m[0] == "/flow/own/file"]


def test_they_are_listed_with_what_their_files_say(rig):
    a = Device(rig, 0)
    listed = [m[1:] for m in a.send("/flow/owns")[a.port]]
    assert listed == [
        (0, 4, "Bad", "bad", "Lead", 0),
        (1, 4, "Dies", "dies", "Bass", 0),
        (2, 4, "Slow Bass", "slow", "Bass", 0),
        (3, 4, "Warm Pad", "Ann", "Bass", 0),
    ]


def test_one_plays_at_once_and_its_macros_come_while_the_sound_stays(rig, tmp_path, folder):
    a, b = Device(rig, 0), Device(rig, 1)
    told = a.send("/flow/own", "Slow Bass")[a.port]
    assert only(told, "/flow/own/progress")[:2] == ("Slow Bass", "begins")
    begun = told + until(rig, a, "macros")
    name = folder_for(tmp_path / "adopted", folder / "Bank" / "Slow Bass.vital").name
    assert eventually(lambda: begun.extend(rig.turn().get(a.port, [])) or a.instrument.model.name == name)
    assert b.instrument.model.name == "tiny" and len(a.instrument.model.macros) == 8
    for order in (("/flow/macro", 2, 0.8), ("/flow/path/add",), ("/flow/macro", 2, 0.3), ("/flow/path/add",)):
        begun += a.send(*order).get(a.port, [])
    begun += b.send("/flow/macro", 2, 0.6).get(a.port, [])
    patch, before = a.instrument.current_patch().copy(), b.instrument.latent.copy()
    (folder / "Bank" / "Slow Bass.vital").unlink()  # the double goes on
    told = until(rig, a, "ready")
    assert eventually(lambda: told.extend(rig.turn().get(a.port, [])) or len(a.instrument.dials) == 5)
    told += rig.turn().get(a.port, [])
    assert a.instrument.current_patch().tobytes() == patch.tobytes()  # exactly
    assert np.array_equal(b.instrument.latent, before)
    assert ("/flow/welcome", 5) in [(m[0], m[7]) for m in told if m[0] == "/flow/welcome"]
    assert "Own 0" in [m[2] for m in told if m[0] == "/flow/macroname"]
    assert len(a.instrument.path) == 2 and np.isfinite(a.instrument.path.at(0.5)).all()
    assert "its phases are random" in str([m for m in begun + told if m[0] == "/flow/status"])


def test_one_that_is_kept_opens_at_once_also_after_a_restart(rig, tiny, tmp_path, folder):
    a = Device(rig, 0)
    a.send("/flow/own", "Warm Pad")
    until(rig, a, "ready")
    rig.turn()
    listed = a.send("/flow/owns")[a.port]
    assert [m[3] for m in listed if m[6]] == ["Warm Pad"]
    again = start(tiny, tmp_path, folder)
    a, b = Device(again, 0), Device(again, 1)
    name = folder_for(tmp_path / "adopted", folder / "Warm Pad.vital").name
    assert a.instrument.model.name == name  # it comes back as it was
    told = b.send("/flow/own", "Warm Pad")[b.port]
    assert "/flow/own/progress" not in addresses(told) and b.instrument.model.name == name
    assert len(b.instrument.model.macros) == 5 and b.instrument.loaded is a.instrument.loaded
    assert name in [m[2] for m in b.send("/flow/models")[b.port]]
    b.send("/flow/model", "tiny")
    assert b.instrument.model.name == "tiny"
    b.send("/flow/model", name)
    assert b.instrument.model.name == name


def test_two_instruments_that_want_the_same_one_share_the_work(rig, monkeypatch):
    started = []
    begin = AdoptingProcess.start
    monkeypatch.setattr(AdoptingProcess, "start", lambda self: (started.append(self), begin(self)))
    a, b = Device(rig, 0), Device(rig, 1)
    a.send("/flow/own", "Warm Pad")
    b.send("/flow/own", "Warm Pad")
    until(rig, b, "ready")
    rig.turn()
    assert len(started) == 1
    assert a.instrument.loaded is b.instrument.loaded and len(a.instrument.loaded.model.space) == P


def test_the_last_one_that_was_asked_for_plays(rig, tmp_path):
    a = Device(rig, 0)
    rig.put("/flow/own", "Slow Bass", sender=a.sender)
    a.send("/flow/own", "Warm Pad")
    until(rig, a, "ready")
    rig.turn()
    assert a.instrument.model.name.startswith("Warm-Pad")


def test_a_model_that_is_chosen_meanwhile_stays(rig, folder):
    a = Device(rig, 0)
    a.send("/flow/own", "Warm Pad")
    a.send("/flow/model", "small")
    own = rig.bridge.handlers.own
    assert eventually(lambda: rig.turn() is not None and not own._adoptions._running, 30.0)
    rig.turn()
    assert a.instrument.model.name == "small"


def test_what_cannot_be_adopted_is_told_in_a_line_and_what_plays_stays(rig, folder):
    a = Device(rig, 0)
    a.send("/flow/own", "Bad")
    told = until(rig, a, "failed")
    assert "'Bad' cannot be played: it is no preset; choose another." in only(told, "/flow/error")
    assert a.instrument.model.name == "tiny"
    a.send("/flow/own", "Dies")
    told = until(rig, a, "failed")
    assert "its macros could not be made" in only(told, "/flow/error")[1]
    assert eventually(lambda: rig.turn() is not None and a.instrument.model.name.startswith("Dies"))
    assert [m[6] for m in a.send("/flow/owns")[a.port]] == [
        0,
        0,
        0,
        0,
    ]  # it is made again when it is asked for


@pytest.mark.parametrize("name", ["nowhere", "../Bad", "..", "a/b", "C:x", "🎹" * 70, "", "x\ny"])
def test_names_that_are_none_are_refused(rig, name):
    a = Device(rig, 0)
    error = only(a.send("/flow/own", name)[a.port], "/flow/error")
    assert error[0] == "/flow/own" and "\n" not in error[1] and a.instrument.model.name == "tiny"


def test_a_file_that_is_too_large_is_never_read(rig, folder):
    with (folder / "Huge.vital").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    a = Device(rig, 0)
    assert "50 MB" in only(a.send("/flow/own", "Huge")[a.port], "/flow/error")[1]


def test_files_with_strange_names_are_found_by_plain_ones(tmp_path):
    for k, stem in enumerate(["🎹 keys", "..hidden", "a\nb", "Bass", "x" * 90, "é"]):
        write_own(tmp_path / f"{k}" / f"{stem}.vital")
    write_own(tmp_path / "9" / "Bass.VITAL")
    (tmp_path / "._Bass.vital").write_text("")
    (tmp_path / "folder.vital").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.vital")
        (tmp_path / "loop").symlink_to(tmp_path)
    found = find_own_files([tmp_path, tmp_path / "0", tmp_path / "missing"])
    assert list(found) == ["🎹 keys", "hidden", "a b", "Bass", "x" * 64, "é", "Bass 2"]


def test_thousands_of_them_cost_the_loop_nothing_and_come_at_a_pace(rig, folder):
    for k in range(3_000):
        (folder / f"Many {k:04d}.vital").write_text('{"author": "A", "preset_style": "Pad"}')
    a = Device(rig, 0)
    rig.put("/flow/owns", sender=a.sender)
    began = time.thread_time()
    rig.bridge.finish(rig.now)
    assert time.thread_time() - began < 0.02  # the files are read in a worker
    rig.jobs.run()
    told = []
    for _ in range(200):
        rig.now += 0.004
        rig.bridge.tick(rig.now)
        told += rig.sent().get(a.port, [])
    assert len(told) == 3_004 and {m[4] for m in told} >= {"A", "Ann"}


def test_without_folders_it_is_said_what_to_do(tiny, tmp_path):
    rig = start(tiny, tmp_path, tmp_path / "nothing")
    a = Device(rig, 0)
    assert "--presets" in only(a.send("/flow/owns")[a.port], "/flow/status")[0]
    rig = Rig(tiny, tmp_path)
    a = Device(rig, 0)
    assert "takes no presets" in only(a.send("/flow/own", "Bass")[a.port], "/flow/error")[1]


def test_the_panel_hears_of_the_focus(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    panel(rig)
    a.send("/flow/own", "Warm Pad")
    heard = []

    def is_ready():
        sent = rig.turn()
        heard.extend(sent.get(53_000, []))
        assert "/flow/own/progress" not in addresses(sent.get(b.port, []))
        return any(m[0] == "/flow/own/progress" and m[2] == "ready" for m in heard)

    assert eventually(is_ready, 30.0)


def test_processes_end_with_the_server(rig):
    a = Device(rig, 0)
    a.send("/flow/own", "Slow Bass")
    until(rig, a, "macros")
    own = rig.bridge.handlers.own
    (adoption,) = own._adoptions._running.values()
    own.kill()
    assert adoption.process._process.wait(5.0) != 0


def test_presets_and_sketches_keep_to_the_preset_that_they_are_of(tiny, tmp_path, folder):
    rig = start(tiny, tmp_path, folder, processes=FakeProcesses())
    a, b = Device(rig, 0), Device(rig, 1)
    a.send("/flow/own", "Warm Pad")
    until(rig, a, "ready")
    rig.turn()
    a.send("/flow/preset/save", "Mine")
    write_own(folder / "Other.vital", author="Eve")
    b.send("/flow/own", "Other")
    until(rig, b, "ready")
    rig.turn()
    assert b.instrument.model.space.names == a.instrument.model.space.names
    assert "Mine" in a.instrument.preset_map.names and "Mine" not in b.instrument.preset_map.names
    b.send("/flow/macro", 0, 0.9)
    patch = b.instrument.current_patch().copy()
    b.send("/flow/model", a.instrument.model.name)  # the same values sound otherwise over another preset
    assert not np.array_equal(b.instrument.current_patch(), patch)
    assert np.array_equal(b.instrument.latent, b.instrument.model.macros.resting)
    error = only(a.send("/flow/sketch/record", 1)[a.port], "/flow/error")
    assert "answers no sketches" in error[1] and rig.bridge._sketcher._processes.told == []
    assert "/flow/said" in addresses(a.send("/flow/say", "darker, a bass")[a.port])
    for message in (("/flow/vary", 0.5), ("/flow/preset/step", 1), ("/flow/place", 0.3, 0.9)):
        assert "/flow/error" not in addresses(a.send(*message)[a.port])


def test_a_real_preset_plays_as_it_is(tiny, tmp_path):
    folder, space = tmp_path / "presets", load_space("vital-32")
    folder.mkdir()
    write_preset(folder / "Made Here.vital", space, space.neutral, "Made Here")
    rig = start(tiny, tmp_path, folder, folder_for=real_folder_for, command=REAL)
    a = Device(rig, 0)
    try:
        assert a.send("/flow/owns")[a.port][0][3] == "Made Here"
        a.send("/flow/own", "Made Here")
        assert eventually(lambda: rig.turn() is not None and a.instrument.model.name != "tiny", 120.0)
        instrument = a.instrument
        assert instrument.model.space.base is not None and len(instrument.model.space) == 64
        assert np.array_equal(instrument.current_patch(), instrument.model.space.neutral)
    finally:
        rig.bridge.handlers.own.kill()


def test_vitals_own_folders_are_found(tmp_path):
    for place in ("Music/Vital", "Documents/Vital", ".local/share/vital", "OneDrive/Documents/Vital"):
        (tmp_path / place).mkdir(parents=True)
    drive = {"OneDrive": str(tmp_path / "OneDrive")}
    assert vital_folders(tmp_path, "darwin", {})[0] == tmp_path / "Music/Vital"
    assert vital_folders(tmp_path, "win32", drive)[1] == tmp_path / "OneDrive/Documents/Vital"
    assert vital_folders(tmp_path, "linux", {})[0] == tmp_path / ".local/share/vital"
    assert vital_folders(tmp_path / "nobody", "linux", {}) == []
