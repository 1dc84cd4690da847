"""What is said to be kept is kept: answers to saves, and what is listed, seen by clients."""

import threading
import time

import pytest

from core.errors import ConfigError
from server.handling.model_handlers import load_model
from server.running.jobs import Job, Jobs
from tests.server.bridge_messages import addresses
from tests.support.live import ME, MY_PORT, OTHER, OTHER_PORT, Rig, only


def statuses(messages):
    return [m[1] for m in messages if m[0] == "/flow/status"]


def errors(messages):
    return [m[2] for m in messages if m[0] == "/flow/error"]


# -- a save while a model loads (row 1)


def test_a_save_over_a_preset_while_a_model_loads_plays_the_new_sound(rig):
    rig.send("/flow/preset/load", "Bass 0")
    rig.send("/flow/preset/save", "Monday")
    rig.put("/flow/model", "other")
    (loading,) = rig.jobs.waiting
    rig.jobs.waiting = []
    result = loading.work()  # it has read the presets by now
    rig.send("/flow/preset/load", "Pad 2")
    sound = rig.instrument.current_patch().copy()
    assert statuses(rig.send("/flow/preset/save", "Monday")[MY_PORT]) == ["'Monday' is saved"]
    loading.land(result)
    rig.turn()
    assert rig.instrument.model.name == "other"
    rig.send("/flow/vary", 1.0)
    rig.send("/flow/preset/load", "Monday")
    assert rig.instrument.current_patch() == pytest.approx(sound, abs=1e-6)


def test_a_deletion_while_a_model_loads_stays_one(rig):
    for name in ("Monday", "Tuesday"):
        rig.send("/flow/preset/save", name)
    rig.put("/flow/model", "other")
    (loading,) = rig.jobs.waiting
    rig.jobs.waiting = []
    result = loading.work()
    rig.send("/flow/preset/delete", "Monday")
    loading.land(result)
    rig.turn()
    assert "no preset 'Monday'" in errors(rig.send("/flow/preset/load", "Monday")[MY_PORT])[0]
    assert errors(rig.send("/flow/preset/load", "Tuesday")[MY_PORT]) == []


def test_a_save_that_waits_while_a_model_loads_can_be_loaded(rig):
    rig.put("/flow/model", "other")
    rig.put("/flow/preset/save", "Monday")
    loading, saving = rig.jobs.waiting
    rig.jobs.waiting = []
    loading.land(loading.work())
    assert errors(rig.send("/flow/preset/load", "Monday")[MY_PORT]) == []
    saving.land(saving.work())
    assert only(rig.sent()[MY_PORT], "/flow/status") == ("'Monday' is saved",)


# -- answered after the commit, listed after the answer (row 2)


def test_a_save_is_answered_and_listed_once_it_is_on_disk(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    rig.put("/flow/preset/save", "Monday")
    rig.bridge.finish(rig.now)
    assert rig.sent() == {} and len(list(rig.instrument.preset_map.items())) == 20
    sent = rig.turn()
    assert addresses(sent[MY_PORT]) == ["/flow/status", "/flow/preset"]
    assert addresses(sent[OTHER_PORT]) == ["/flow/preset"]


def test_a_save_that_fails_is_not_listed_and_can_be_loaded(rig, monkeypatch):
    rig.send("/flow/preset/load", "Bass 0")
    rig.send("/flow/preset/save", "Monday")
    rig.send("/flow/vary", 1.0)
    sound = rig.instrument.current_patch().copy()

    def full(preset):
        raise ConfigError("the disk is full; make room.")

    monkeypatch.setattr(rig.store.folder, "save", full)
    for name in ("Monday", "Tuesday"):
        assert errors(rig.send("/flow/preset/save", name)[MY_PORT]) == ["the disk is full; make room."]
    names = [m[2] for m in rig.send("/flow/presets")[MY_PORT]]
    assert len(names) == 21 and "Tuesday" not in names
    for name in ("Monday", "Tuesday"):
        rig.send("/flow/preset/load", "Pad 2")
        rig.send("/flow/preset/load", name)
        assert rig.instrument.current_patch() == pytest.approx(sound)
    assert sorted(rig.bridge.handlers.presets.unsaved) == ["Monday", "Tuesday"]
    monkeypatch.undo()
    rig.send("/flow/preset/save", "Tuesday")
    assert rig.bridge.handlers.presets.unsaved == ["Monday"]


def test_what_the_disk_refused_goes_with_its_preset_when_that_is_deleted(rig, monkeypatch):
    rig.send("/flow/preset/save", "Monday")

    def full(preset):
        raise ConfigError("the disk is full; make room.")

    monkeypatch.setattr(rig.store.folder, "save", full)
    rig.send("/flow/preset/save", "Monday")
    monkeypatch.undo()
    assert "in the bin" in statuses(rig.send("/flow/preset/delete", "Monday")[MY_PORT])[0]
    assert "no preset 'Monday'" in errors(rig.send("/flow/preset/load", "Monday")[MY_PORT])[0]
    assert rig.bridge.handlers.presets.unsaved == []


def test_a_save_after_a_deletion_that_still_waits_is_kept(rig):
    rig.send("/flow/preset/save", "Monday")
    rig.put("/flow/preset/save", "Monday")
    rig.put("/flow/preset/delete", "Monday")
    rig.put("/flow/preset/save", "Monday")
    for job in list(rig.jobs.waiting):  # as the worker does, one at a time
        job.land(job.work())
        rig.put("/flow/preset/load", "Monday")  # which at no time is gone
        assert "/flow/error" not in addresses(rig.sent().get(MY_PORT, []))
    rig.jobs.waiting = []
    assert errors(rig.send("/flow/preset/load", "Monday")[MY_PORT]) == []
    assert "Monday" in rig.store.presets and rig.bridge.handlers.presets.unsaved == []


def test_two_saves_of_one_name_are_both_answered_and_the_last_counts(rig):
    rig.put("/flow/preset/load", "Bass 0")
    rig.put("/flow/preset/save", "Monday")
    rig.put("/flow/preset/load", "Pad 2")
    rig.put("/flow/preset/save", "Monday")
    assert statuses(rig.turn()[MY_PORT]) == ["'Monday' is saved"] * 2
    assert rig.store.unsaved == {}
    rig.send("/flow/preset/load", "Monday")
    assert rig.instrument.latent == pytest.approx(rig.instrument.model.presets.latents[2], abs=1e-5)


class RealJobs:
    """The real workers, for a rig whose turns are short."""

    def __init__(self, rig):
        self.jobs = Jobs(lambda: None)
        rig.bridge._responder._jobs = self.jobs
        self.submit, self.waiting = self.jobs.submit, []

    def run(self):
        for land in self.jobs.landed():
            land()


def test_every_save_of_a_burst_is_answered_while_a_model_does_not_come(rig, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(
        "server.handling.model_handlers.load_model", lambda *a: (gate.wait(30), load_model(*a))[1]
    )
    rig.jobs = RealJobs(rig)
    rig.put("/flow/model", "other")
    for k in range(200):
        rig.put("/flow/preset/save", f"Burst {k}")
    answered, deadline = [], time.monotonic() + 60
    while len(answered) < 200 and time.monotonic() < deadline:
        time.sleep(0.02)
        answered += statuses(rig.turn().get(MY_PORT, []))
    assert sorted(answered) == sorted(f"'Burst {k}' is saved" for k in range(200))
    assert len(list(rig.store.folder.path.glob("*.json"))) == 200
    gate.set()
    assert rig.jobs.jobs.stop(10.0) == []


def test_every_save_that_is_refused_is_told_so(rig):
    rig.jobs.full = True
    for k in range(200):
        rig.put("/flow/preset/save", f"Burst {k}")
    found = errors(rig.turn()[MY_PORT])
    assert len(found) == 200 and all("try again" in text for text in found)


# -- what was not written at the end


def keep(jobs, name, work=lambda: None):
    return jobs.submit(Job(key="same", work=work, land=lambda _: None, fail=lambda _: None, keeps=name))


def test_what_was_not_written_at_the_end_is_named():
    gate, jobs = threading.Event(), Jobs(lambda: None)
    keep(jobs, "preset 'A'", lambda: gate.wait(20))
    for name in ("preset 'B'", "preset 'C'", "preset 'B'"):
        keep(jobs, name)
    keep(jobs, "")  # a look loses nothing
    began = time.monotonic()
    assert jobs.stop(0.2) == ["preset 'A'", "preset 'B'", "preset 'C'"]
    assert time.monotonic() - began < 2.0
    assert not keep(jobs, "preset 'D'")  # and nothing is accepted that would be lost
    gate.set()


def test_saves_end_in_time_whatever_else_works():
    gate, done, jobs = threading.Event(), [], Jobs(lambda: None)
    jobs.submit(Job(key="model", work=lambda: gate.wait(20), land=print, fail=print))
    for k in range(5):
        keep(jobs, str(k), lambda k=k: done.append(k))
    assert jobs.stop(2.0) == [] and done == [0, 1, 2, 3, 4]
    gate.set()


# -- rename, delete and restore, as clients see them (row 10)


def test_a_preset_is_renamed_deleted_and_restored_by_messages(rig, tiny, tmp_path):
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    rig.send("/flow/preset/save", "Monday")
    sent = rig.send("/flow/preset/rename", "Monday", "Tuesday")
    assert statuses(sent[MY_PORT]) == ["'Monday' is called 'Tuesday' now"]
    assert only(sent[OTHER_PORT], "/flow/preset/count") == (21,)
    assert [m[2] for m in rig.send("/flow/presets")[MY_PORT]][-1] == "Tuesday"
    sent = rig.send("/flow/preset/delete", "Tuesday")
    assert "restore" in statuses(sent[MY_PORT])[0] and only(sent[OTHER_PORT], "/flow/preset/count") == (20,)
    assert rig.send("/flow/preset/bin")[MY_PORT] == [("/flow/preset/binned", 0, 1, "Tuesday")]
    again = Rig(tiny, tmp_path)
    again.hello()
    assert "no preset" in errors(again.send("/flow/preset/load", "Tuesday")[MY_PORT])[0]
    sent = again.send("/flow/preset/restore", "Tuesday")
    assert (
        statuses(sent[MY_PORT]) == ["'Tuesday' is back"]
        and only(sent[MY_PORT], "/flow/preset")[1] == "Tuesday"
    )
    assert statuses(again.send("/flow/preset/bin")[MY_PORT]) == ["the bin is empty"]


def test_a_deleted_preset_that_hid_the_models_own_shows_it_again(rig):
    own = [m[1:] for m in rig.send("/flow/presets")[MY_PORT]]
    rig.send("/flow/latent", *[0.25] * 32)
    rig.send("/flow/preset/save", "Pad 2")
    rig.send("/flow/preset/delete", "Pad 2")
    assert [m[1:] for m in rig.send("/flow/presets")[MY_PORT]] == own
    assert "belongs to the model" in errors(rig.send("/flow/preset/delete", "Pad 2")[MY_PORT])[0]


def test_a_refusal_by_the_disk_reaches_who_asked(rig):
    for name in ("A", "B"):
        rig.send("/flow/preset/save", name)
    assert "already" in errors(rig.send("/flow/preset/rename", "A", "B")[MY_PORT])[0]
    assert "in the bin" in errors(rig.send("/flow/preset/restore", "C")[MY_PORT])[0]


def test_two_servers_learn_of_each_others_presets(tiny, tmp_path):
    ours, theirs = Rig(tiny, tmp_path), Rig(tiny, tmp_path)
    for rig in (ours, theirs):
        rig.hello(sender=ME)
    theirs.send("/flow/preset/save", "Monday")
    told = []
    for _ in range(8):
        told += ours.rest(0.5).get(MY_PORT, [])
    assert only(told, "/flow/preset")[1] == "Monday"
    theirs.send("/flow/preset/delete", "Monday")
    told = []
    for _ in range(8):
        told += ours.rest(0.5).get(MY_PORT, [])
    assert only(told, "/flow/preset/count") == (20,)
    assert "/flow/error" in addresses(ours.send("/flow/preset/load", "Monday")[MY_PORT])


def test_exports_overwrite_nothing(tmp_path):
    from synths.space_files import load_space
    from tests.support.tiny_model import write_tiny_model

    rig = Rig(write_tiny_model(tmp_path / "models" / "vital", space=load_space("vital-32")), tmp_path)
    rig.hello()
    for name in ("Bass?", "Bass*", "Bass?"):
        rig.send("/flow/preset/export", name)
    exports = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "exports").glob("*.vital")}
    assert set(exports) == {"Bass-.vital", "Bass- 2.vital", "Bass- 3.vital"}
    assert '"Bass*"' in exports["Bass- 2.vital"]
