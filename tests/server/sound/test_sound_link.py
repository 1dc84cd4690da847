"""What goes through the pipe to the sound process."""

import numpy as np

from server.sound.sound_link import SoundLink
from sounding.orders import SoundOptions
from sounding.sound_process import QUIT
from synths.space_files import load_space
from tests.support.live import eventually


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
    assert not link._process.is_alive() and link.collect() == [] and QUIT is None


def test_nothing_is_kept_for_a_process_that_was_killed():
    link = SoundLink(lambda: None)
    link.start(SoundOptions(space=load_space("vital-16").to_dict(), speakers=False))
    assert eventually(lambda: link.waiting, 60.0)
    link._process.kill()
    assert eventually(lambda: any(r.state == "failed" for r in link.collect()), 60.0)

    def closed():
        link.set_patch(0, np.zeros(16, np.float32))
        return not link._thread.is_alive()

    assert eventually(closed, 10.0)
    for k in range(100):
        link.set_patch(k, np.zeros(16, np.float32))
    assert link._orders.take() == []
    link.stop()
