"""What goes through the pipe to the sound process, and what comes of one that ends."""

import os
import signal

import numpy as np
import pytest

from server.sound import sound_link
from server.sound.sound_link import SoundLink
from sounding.orders import SoundEnded, SoundOptions, SoundReport
from sounding.sound_process import QUIT
from synths.space_files import load_space
from tests.support.live import eventually

OPTIONS = SoundOptions(space=load_space("vital-16").to_dict(), speakers=False)


def test_a_process_that_cannot_play_is_reported_and_ends(monkeypatch):
    woken = []
    link = SoundLink(lambda: woken.append(1))
    assert not link.is_started
    link.stop()  # it never was
    space = {**load_space("vital-16").to_dict(), "name": "none-1", "synth": "plugin:None.vst3"}
    link.start(SoundOptions(space=space, speakers=False))
    link.set_patch(0, np.zeros(0, np.float32))
    assert eventually(lambda: link.waiting, 60.0) and woken
    reports = []
    assert eventually(lambda: reports.extend(link.collect()) or reports[-1].state == "failed", 60.0)
    assert "None.vst3" in reports[-1].text
    link.stop()
    assert not link._run._process.is_alive() and link.collect() == [] and QUIT is None


@pytest.fixture
def started():
    link = SoundLink(lambda: None)
    link.start(OPTIONS)
    assert eventually(lambda: link.waiting, 60.0)
    link.collect()
    yield link
    link.stop()


def ends(link):
    """How the process ended."""
    reports = []
    assert eventually(lambda: reports.extend(link.collect()) or SoundEnded in map(type, reports), 60.0)
    assert not link._run._process.is_alive() and type(reports[-1]) is SoundEnded
    return reports[-1]


def test_nothing_is_kept_for_a_process_that_was_killed_and_another_can_be_started(started):
    started._run._process.kill()
    assert ends(started) == SoundEnded()
    assert eventually(lambda: not started._run._thread.is_alive(), 10.0)
    for k in range(100):
        started.set_patch(k, np.zeros(16, np.float32))
    assert started._run._orders.take() == []
    started.start(OPTIONS)
    assert eventually(lambda: any(report.port for report in started.collect()), 60.0)


def test_a_process_that_cannot_be_started_has_ended(monkeypatch):
    def refused(self):
        raise OSError("no memory")

    monkeypatch.setattr("multiprocessing.context.SpawnProcess.start", refused)
    link = SoundLink(lambda: None)
    link.start(OPTIONS)
    assert eventually(lambda: link.collect() == [SoundEnded()])
    link.set_patch(0, np.zeros(16, np.float32))
    assert link._run._orders.take() == []
    link.stop()


def test_a_process_that_stands_still_is_ended(started, monkeypatch):
    monkeypatch.setattr(sound_link, "_LOOK_S", 0.2)
    monkeypatch.setattr(sound_link, "_SILENT_LOOKS", 10)
    reports = []
    assert eventually(lambda: reports.extend(started.collect()) or len(reports) > 1, 30.0)
    assert all(type(report) is SoundReport for report in reports)  # it says again what has not changed
    os.kill(started._run._process.pid, signal.SIGSTOP)
    assert ends(started) == SoundEnded(was_frozen=True)
