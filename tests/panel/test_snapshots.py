"""Snapshots on disk: a damaged file is set aside, and two panels lose nothing of each other's."""

import json
import threading

import pytest

from panel.state.panel_state import PanelSettings, PanelState
from panel.state.snapshots import SLOTS, Snapshots


def test_a_file_that_lost_its_end_is_set_aside_with_a_word_and_not_overwritten(tmp_path):
    path = tmp_path / "s.json"
    first = Snapshots(path)
    for k, slot in enumerate(SLOTS):
        first.store("m", slot, (float(k), 0.5))
    whole = path.read_text()
    path.write_text(whole[:-20])
    second = Snapshots(path)
    assert "damaged" in second.problem and "s.json" in second.problem
    second.store("m", "A", (9.0, 9.0))
    assert (tmp_path / "damaged" / "s.json").read_text() == whole[:-20]
    assert json.loads(path.read_text()) == {"m": {"A": [9.0, 9.0]}}


def test_a_file_damaged_while_the_panel_runs_is_written_again_whole(tmp_path):
    snapshots = Snapshots(tmp_path / "s.json")
    for k, slot in enumerate(SLOTS):
        snapshots.store("m", slot, (float(k), 0.5))
    (tmp_path / "s.json").write_text("{")
    snapshots.store("m", "A", (9.0, 9.0))
    again = Snapshots(tmp_path / "s.json")
    assert again.filled("m") == set(SLOTS) and again.point("m", "A", 2) == (9.0, 9.0)
    assert again.point("m", "H", 2) == (7.0, 0.5)


def test_two_panels_keep_each_others_slots(tmp_path):
    ours, theirs = Snapshots(tmp_path / "s.json"), Snapshots(tmp_path / "s.json")
    ours.store("m", "A", (1.0,))
    theirs.store("m", "B", (2.0,))
    ours.store("other", "A", (3.0,))
    assert ours.point("m", "B", 1) == (2.0,)
    again = Snapshots(tmp_path / "s.json")
    assert again.filled("m") == {"A", "B"} and again.filled("other") == {"A"}


def test_panels_that_store_at_once_lose_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("panel.state.snapshots._WAIT_S", 60.0)

    def store(slot):
        mine = Snapshots(tmp_path / "s.json")
        for k in range(10):
            mine.store(f"m{k}", slot, (float(k),))

    threads = [threading.Thread(target=store, args=(slot,)) for slot in "ABCD"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = Snapshots(tmp_path / "s.json")
    assert all(again.filled(f"m{k}") == set("ABCD") for k in range(10))


def test_what_could_not_be_written_is_kept_and_written_with_the_next(tmp_path, monkeypatch):
    snapshots = Snapshots(tmp_path / "s.json")
    with monkeypatch.context() as patch:
        patch.setattr("core.atomic_file.os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(OSError, match="full"):
            snapshots.store("m", "A", (1.0,))
    assert snapshots.point("m", "A", 1) == (1.0,)
    snapshots.store("m", "B", (2.0,))
    assert Snapshots(tmp_path / "s.json").filled("m") == {"A", "B"}


def test_the_page_is_told_of_a_damaged_file(tmp_path):
    (tmp_path / "panel-snapshots.json").write_text("[")
    state = PanelState(PanelSettings(data=tmp_path))
    assert "panel-snapshots.json" in state._snapshots.problem
    state.close()
