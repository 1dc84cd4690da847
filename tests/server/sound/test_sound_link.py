"""What goes through the pipe to the sound process."""

import numpy as np

from server.sound.sound_link import SoundLink, without_superseded
from sounding.orders import Panic, Release, SetPatch, SoundOptions
from sounding.sound_process import QUIT
from synths.space_files import load_space
from tests.support.live import eventually


def test_of_patches_the_newest_is_sent_and_none_passes_a_note():
    a, b, c, d = (SetPatch(instrument, np.zeros(1)) for instrument in (0, 0, 1, 0))
    note, panic = Release("me", 60), Panic()
    assert list(without_superseded([a, b, note, c, d, panic])) == [b, note, c, d, panic]
    assert list(without_superseded([a, c, b])) == [b, c]
    assert list(without_superseded([])) == []


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
