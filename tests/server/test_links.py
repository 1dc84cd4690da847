"""Two clients that want one sound, and clients that go from one instrument to another."""

import numpy as np
import pytest

from tests.server.players import PANEL, PANEL_PORT, Device, panel
from tests.support.live import Rig, only


@pytest.fixture
def rig(tiny, tmp_path):
    return Rig(tiny, tmp_path)


class Linked(Device):
    """A device that asks for the sound of another."""

    def __init__(self, rig, k, link="", identity=None):
        self.link = link
        super().__init__(rig, k, identity)

    def hello(self, nonce=None):
        own = self.k if nonce is None else nonce, self.port, 2, self.kind, f"Track {self.k}", self.identity
        self.told = self.rig.send("/flow/hello", *own, self.link, sender=self.sender)[self.port]
        self.identity, self.shares = only(self.told, "/flow/welcome")[10:]

    def share(self, link):
        self.link = link
        self.hello()


def listed(rig):
    told = rig.send("/flow/instruments", sender=PANEL)[9131]
    return {m[3]: (m[5], m[7]) for m in told}


def frames(messages):
    return [m[1] for m in messages if m[0] == "/flow/params"]


def test_linked_devices_play_one_sound(rig):
    a, b = Linked(rig, 0), Linked(rig, 1)
    b.share("id-0")
    assert (b.identity, b.shares) == ("id-1", "id-0")
    assert listed(rig) == {"id-0": (1, ""), "id-1": (0, "id-0")}
    sent = b.send("/flow/macro", 2, 0.9)
    assert a.instrument.dials[2] == pytest.approx(0.9)
    assert frames(sent[a.port]) == frames(sent[b.port]) != []
    untouched = b.instrument.latent.copy()
    a.send("/flow/preset/load", "Pad 2")
    assert np.array_equal(b.instrument.latent, untouched)


def test_a_device_that_is_linked_hears_at_once_what_plays(rig):
    a, b = Linked(rig, 0), Linked(rig, 1)
    for k in range(5):
        b.send("/flow/macro", 0, k / 9)
    a.send("/flow/freeze", 3, 1)
    a.send("/flow/macro", 1, 0.7)
    newest = b.instrument.sequence
    b.share("id-0")
    (number,) = frames(b.told)
    assert number > newest, "its frames go on counting upwards"
    assert only(b.told, "/flow/macros") == pytest.approx(a.instrument.dials.tolist(), abs=1e-6)
    assert ("/flow/frozen", 3, 1) in b.told and ("/flow/frozen", 0, 0) in b.told
    newest = a.instrument.sequence
    b.share("")
    assert min(frames(b.told)) > newest


def test_of_a_sound_that_has_just_been_set_only_the_new_frame_is_heard(rig):
    """As when the server has started anew, and linked devices come back in one moment."""
    a, b = Linked(rig, 0), Linked(rig, 1)
    newest = b.instrument.sequence
    rig.put("/flow/latent", *np.full_like(a.instrument.latent, 0.5).tolist(), sender=a.sender)
    b.share("id-0")
    (frame,) = [m for m in b.told if m[0] == "/flow/params"]
    assert frame[1] > newest
    np.testing.assert_allclose(frame[2:], a.instrument.current_patch(), atol=1e-6)


def test_a_sound_that_a_device_has_yet_to_send_is_not_heard_as_it_stands(rig):
    b, a = Linked(rig, 1), Linked(rig, 0)
    newest = b.instrument.sequence
    b.share("id-0")
    assert b.shares == "id-0" and frames(b.told) == []
    assert not {"/flow/macros", "/flow/latent"} & {m[0] for m in b.told}
    sent = a.send("/flow/latent", *np.full_like(a.instrument.latent, 0.5).tolist())
    assert frames(sent[a.port]) == frames(sent[b.port]) and frames(sent[b.port])[0] > newest


def test_a_link_that_ends_leaves_a_copy(rig):
    a, b = Linked(rig, 0), Linked(rig, 1, "id-0")
    a.send("/flow/macro", 4, 0.8)
    b.share("")
    assert b.shares == "" and np.array_equal(a.instrument.latent, b.instrument.latent)
    b.send("/flow/macro", 4, 0.1)
    assert a.instrument.dials[4] == pytest.approx(0.8)


def test_what_is_not_there_cannot_be_linked_and_ones_own_sound_stays(rig):
    b = Linked(rig, 1)
    b.send("/flow/macro", 0, 0.9)
    for absent in ("id-0", "id-1"):
        b.share(absent)
        assert b.shares == "" and b.instrument.dials[0] == pytest.approx(0.9)
    Linked(rig, 0)
    b.share("id-0")
    assert b.shares == "id-0"


def test_an_owner_that_leaves_leaves_a_copy(rig):
    a, b = Linked(rig, 0), Linked(rig, 1, "id-0")
    a.send("/flow/macro", 4, 0.8)
    sent = a.send("/flow/bye", 0)
    assert [m[5] for m in sent[b.port] if m[3] == "id-0"] == [0]
    b.hello()
    assert b.shares == "" and b.instrument.dials[4] == pytest.approx(0.8)


def test_two_devices_cannot_be_linked_to_each_other(rig):
    a, b = Linked(rig, 0), Linked(rig, 1, "id-0")
    a.share("id-1")
    assert (a.shares, b.shares) == ("", "id-0")


def test_a_duplicate_of_a_linked_device_is_linked_too(rig):
    Linked(rig, 0)
    b = Linked(rig, 1, "id-0")
    copy = Linked(rig, 2, "id-0", identity=b.identity)
    assert copy.identity not in ("id-0", "id-1") and copy.shares == "id-0"
    assert listed(rig) == {"id-0": (1, ""), "id-1": (0, "id-0"), copy.identity: (0, "id-0")}


def test_a_client_without_an_instrument_waits_for_its_link(rig):
    Linked(rig, 1)
    sent = rig.send("/flow/hello", 9, PANEL_PORT, 2, "cc", "Flow CC", "-", "id-0", sender=PANEL)
    assert only(sent[PANEL_PORT], "/flow/welcome")[10:] == ("", "") and not frames(sent[PANEL_PORT])
    a = Linked(rig, 0)
    assert PANEL_PORT in a.send("/flow/macro", 0, 0.3)
    sent = rig.send("/flow/focus", "id-1", sender=PANEL)
    assert not frames(sent.get(PANEL_PORT, [])), "the focus is nothing to it"


def test_frames_of_another_focus_are_newer(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    panel(rig)
    heard = []
    for device, n in ((a, 5), (b, 2), (a, 1), (b, 3)):
        heard += frames(rig.send("/flow/focus", device.identity, sender=PANEL).get(PANEL_PORT, []))
        for k in range(n):
            heard += frames(device.send("/flow/macro", 0, k / 7)[PANEL_PORT])
    assert heard == sorted(set(heard)) and len(heard) == 14


def test_a_renamed_track_is_told_to_all(rig):
    a = Linked(rig, 0)
    panel(rig)
    renamed = 0, a.port, 2, "device", "Lead", a.identity
    sent = rig.send("/flow/hello", *renamed, sender=a.sender)
    assert only(sent[PANEL_PORT], "/flow/instrument")[3] == "Lead"


def test_another_set_takes_the_focus_from_one_that_was_closed(rig):
    a, b = Linked(rig, 0), Linked(rig, 1)
    panel(rig)
    a.send("/flow/bye", 0)
    b.hello(nonce=5)
    assert rig.tracks.focus.identity == "id-0", "it may come back"
    b.send("/flow/bye", 5)
    c = Linked(rig, 2)
    assert rig.tracks.focus.identity == "id-2"
    sent = c.send("/flow/preset/load", "Pad 2")
    assert frames(sent[PANEL_PORT]), "the panel hears it"


def test_the_focus_and_bindings_of_a_linked_device_are_what_it_shares(rig):
    a, b = Linked(rig, 0), Linked(rig, 1)
    panel(rig)
    rig.send("/flow/focus", "id-1", sender=PANEL)
    b.share("id-0")
    assert rig.tracks.focus.identity == "id-0"
    rig.send("/flow/focus", "id-1", sender=PANEL)
    assert rig.tracks.focus.identity == rig.tracks.wanted("id-1").identity == "id-0"
    assert rig.tracks.wanted("Track 1").instrument is a.instrument
    b.share("")
    assert rig.tracks.wanted("id-1").instrument is b.instrument
