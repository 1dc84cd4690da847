import numpy as np
import pytest

from server.osc.clients import SILENCE_S
from server.tracks.tracks import MAX_TRACKS
from tests.server.players import PANEL, PANEL_PORT, Device, panel
from tests.support.live import Rig, only


@pytest.fixture
def rig(tiny, tmp_path):
    return Rig(tiny, tmp_path)


@pytest.mark.parametrize("n", [2, 16])
def test_a_macro_moves_its_own_instrument_only(rig, n):
    devices = [Device(rig, k) for k in range(n)]
    before = [device.instrument.latent.copy() for device in devices]
    sent = devices[1].send("/flow/macro", 0, 0.9)
    assert sorted(sent) == [devices[1].port] and [m[0] for m in sent[devices[1].port]] == ["/flow/params"]
    assert not np.array_equal(devices[1].instrument.latent, before[1])
    for device, latent in zip(devices, before, strict=True):
        if device is not devices[1]:
            assert np.array_equal(device.instrument.latent, latent)


def test_every_instrument_of_a_burst_gets_a_frame_of_its_own(rig):
    devices = [Device(rig, k) for k in range(3)]
    for j in range(50):
        for device in devices:
            rig.put("/flow/macro", device.k, j / 49, sender=device.sender)
    sent = rig.turn()
    for device in devices:
        assert only(sent[device.port], "/flow/params")[0] == device.instrument.sequence == 1
        assert device.instrument.dials[device.k] == pytest.approx(1.0)


def test_presets_path_frozen_macros_and_variations_stay_apart(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    at_rest = b.instrument.latent.copy()
    a.send("/flow/freeze", 2, 1)
    a.send("/flow/preset/load", "Pad 2")
    a.send("/flow/path/add")
    a.send("/flow/vary", 0.5)
    assert a.instrument.frozen == {2} and len(a.instrument.path) == 1
    assert not b.instrument.frozen and not len(b.instrument.path)
    assert np.array_equal(b.instrument.latent, at_rest)


def test_the_first_device_takes_over_what_plays_and_others_begin_at_rest(rig):
    panel(rig)
    rig.send("/flow/macro", 0, 0.9, sender=PANEL)
    first = Device(rig, 0)
    assert first.instrument is rig.bridge.instrument and first.instrument.dials[0] == pytest.approx(0.9)
    second = Device(rig, 1)
    assert np.array_equal(second.instrument.latent, second.instrument.model.macros.resting)


def test_a_duplicated_track_begins_as_a_copy_under_a_new_identity(rig):
    original = Device(rig, 0, "mine")
    original.send("/flow/freeze", 3, 1)
    original.send("/flow/macro", 1, 0.8)
    copy = Device(rig, 1, "mine")
    assert copy.identity not in ("mine", "") and original.identity == "mine"
    assert np.array_equal(copy.instrument.latent, original.instrument.latent)
    assert copy.instrument.frozen == {3}
    copy.send("/flow/macro", 1, 0.1)
    assert original.instrument.dials[1] == pytest.approx(0.8)
    kept = copy.identity
    copy.hello()  # a heartbeat's hello, under the identity that it was told
    assert copy.identity == kept


def test_a_device_that_comes_back_plays_what_it_played(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    a.send("/flow/macro", 0, 0.7)
    rig.rest(SILENCE_S + 1.0)
    assert [track.is_alive for track in rig.tracks] == [False, False]
    b.send("/flow/ping", 1)
    assert [track.is_alive for track in rig.tracks] == [False, True]
    a.hello(nonce=77)
    assert a.identity == "id-0" and a.instrument.dials[0] == pytest.approx(0.7)


def test_a_device_that_was_silent_still_plays_its_own_instrument(rig):
    a, b = Device(rig, 0), Device(rig, 1)  # a has the focus
    before = a.instrument.latent.copy()
    rig.rest(SILENCE_S + 1.0)
    assert not any(track.is_alive for track in rig.tracks)
    sent = b.send("/flow/macro", 0, 0.7)  # a computer that slept sends a value before it says hello
    assert b.instrument.dials[0] == pytest.approx(0.7) and np.array_equal(a.instrument.latent, before)
    assert sorted(sent) == [b.port]


def test_a_device_that_said_goodbye_is_a_stranger(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    b.send("/flow/bye", 1)
    rig.now += 3.0
    b.send("/flow/macro", 0, 0.7)
    assert a.instrument.dials[0] == pytest.approx(0.7)


def test_a_device_that_has_not_noticed_a_restart_moves_no_other(rig):
    a = Device(rig, 0)
    before = a.instrument.latent.copy()
    unaware = ("127.0.0.1", 50_107)
    for message in (("/flow/macro", 0, 0.9), ("/flow/preset/load", "Pad 2"), ("/flow/vary", 1.0)):
        sent = rig.send(*message, sender=unaware)
        assert "just started" in only(sent[9131], "/flow/error")[1]
        assert np.array_equal(a.instrument.latent, before)
    assert "/flow/pong" in [m[0] for m in rig.send("/flow/ping", 1, sender=unaware)[9131]]
    b = Device(rig, 7)
    b.send("/flow/macro", 0, 0.9)
    assert b.instrument.dials[0] == pytest.approx(0.9) and np.array_equal(a.instrument.latent, before)
    rig.now += 3.0
    rig.send("/flow/macro", 0, 0.2, sender=("127.0.0.1", 55_555))  # oscsend
    assert a.instrument.dials[0] == pytest.approx(0.2)


def test_a_stranger_to_a_server_without_devices_plays_at_once(rig):
    rig.send("/flow/macro", 0, 0.2, sender=("127.0.0.1", 55_555))
    assert rig.instrument.dials[0] == pytest.approx(0.2)


def test_who_has_no_instrument_acts_on_the_focus(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    panel(rig)
    rig.send("/flow/macro", 0, 0.9, sender=PANEL)
    assert a.instrument.dials[0] == pytest.approx(0.9)
    a.send("/flow/freeze", 1, 1)
    told = rig.send("/flow/focus", "id-1", sender=PANEL)[PANEL_PORT]
    assert only(told, "/flow/macros") == pytest.approx(b.instrument.dials.tolist(), abs=1e-6)
    assert ("/flow/frozen", 1, 0) in told and only(told, "/flow/path") == (0, 0)
    assert [m[6] for m in told if m[0] == "/flow/instrument"] == [0, 1]
    sent = rig.send("/flow/macro", 0, 0.2, sender=PANEL)
    assert b.instrument.dials[0] == pytest.approx(0.2) and a.instrument.dials[0] == pytest.approx(0.9)
    assert b.port in sent and a.port not in sent  # its device is told, the other is not
    sent = a.send("/flow/macro", 0, 0.4)
    assert PANEL_PORT not in sent  # the panel no longer watches it


def test_a_client_of_protocol_1_hears_what_it_heard_before(rig):
    Device(rig, 0)
    told = panel(rig, protocol=1)[PANEL_PORT]
    assert len(only(told, "/flow/welcome")) == 10 and only(told, "/flow/welcome")[2] == 1
    assert PANEL_PORT in rig.send("/flow/macro", 0, 0.9, sender=PANEL)


def test_the_list_says_who_is_there(rig):
    a = Device(rig, 0)
    Device(rig, 1)
    panel(rig)
    listed = rig.send("/flow/instruments", sender=PANEL)[PANEL_PORT]
    assert [m[3:7] for m in listed] == [("id-0", "Track 0", 1, 1), ("id-1", "Track 1", 1, 0)]
    told = a.send("/flow/bye", 0)
    assert [m[3:7] for m in told[PANEL_PORT]] == [("id-0", "Track 0", 0, 1), ("id-1", "Track 1", 1, 0)]


def test_there_is_an_end_to_them(rig):
    for k in range(MAX_TRACKS + 3):
        Device(rig, k, f"gone {k}").send("/flow/bye", k)
    assert len(rig.tracks) == MAX_TRACKS
    devices = [Device(rig, k) for k in range(63)]
    sent = rig.send("/flow/hello", 1, 55_000, 2, "device", "x", "y" * 65, sender=("127.0.0.1", 55_001))
    assert "64 characters" in only(sent[9131], "/flow/error")[1]
    assert all(device.identity == f"id-{device.k}" for device in devices)


def test_a_device_for_which_there_is_no_room_is_told_so_and_not_registered(rig, monkeypatch):
    monkeypatch.setattr("server.tracks.tracks.MAX_TRACKS", 2)
    devices = [Device(rig, 0), Device(rig, 1)]
    before = [device.instrument.latent.copy() for device in devices]
    late = ("127.0.0.1", 50_199)
    sent = rig.send("/flow/hello", 5, 51_199, 2, "device", "late", "id-late", sender=late)
    assert sorted(sent) == [51_199] and "Delete a Flow Synth" in only(sent[51_199], "/flow/error")[1]
    for message in (("/flow/macro", 0, 0.9), ("/flow/preset/load", "Pad 2"), ("/flow/ping", 1)):
        sent = rig.send(*message, sender=late)  # it plays nothing, and least of all what has the focus
        assert only(sent[51_199], "/flow/error")[0] == message[0] and sorted(sent) == [51_199]
    assert len(rig.tracks) == 2 and len(list(rig.bridge.clients)) == 2
    assert all(np.array_equal(d.instrument.latent, b) for d, b in zip(devices, before, strict=True))
    devices[1].send("/flow/bye", 1)
    sent = rig.send("/flow/hello", 5, 51_199, 2, "device", "late", "id-late", sender=late)
    assert only(sent[51_199], "/flow/welcome")[10] == "id-late"
    assert "/flow/params" in [m[0] for m in rig.send("/flow/macro", 0, 0.9, sender=late)[51_199]]


def test_an_instrument_that_made_room_comes_back_as_it_was(rig, monkeypatch):
    monkeypatch.setattr("server.tracks.tracks.MAX_TRACKS", 2)
    first, sleeper = Device(rig, 0), Device(rig, 1)
    sleeper.send("/flow/macro", 2, 0.9)
    sleeper.send("/flow/freeze", 2, 1)
    sleeper.send("/flow/path/add")
    latent = sleeper.instrument.latent.copy()
    before = first.instrument.latent.copy()
    for _ in range(6):  # the others stay
        rig.rest(2.0)
        first.send("/flow/ping", 1)
    third = Device(rig, 2)  # the sleeper makes room
    assert [track.identity for track in rig.tracks] == ["id-0", "id-2"]
    sent = sleeper.send("/flow/macro", 0, 0.7)  # awake, and no room
    assert only(sent[sleeper.port], "/flow/error")[0] == "/flow/macro" and sorted(sent) == [sleeper.port]
    assert np.array_equal(first.instrument.latent, before)
    third.send("/flow/bye", 2)
    sleeper.hello(nonce=7)
    assert np.array_equal(sleeper.instrument.latent, latent) and sleeper.instrument.frozen == {2}
    assert len(sleeper.instrument.path) == 1


def test_a_device_that_wakes_up_finds_its_instrument_where_there_is_room(rig, monkeypatch):
    monkeypatch.setattr("server.tracks.tracks.MAX_TRACKS", 2)
    first, sleeper = Device(rig, 0), Device(rig, 1)
    sleeper.send("/flow/macro", 2, 0.9)
    for _ in range(6):
        rig.rest(2.0)
        first.send("/flow/ping", 1)
    Device(rig, 2).send("/flow/bye", 2)
    assert "id-1" not in {track.identity for track in rig.tracks}
    before = first.instrument.latent.copy()
    sent = sleeper.send("/flow/macro", 0, 0.7)  # it has not said hello again
    assert sleeper.instrument.dials[[0, 2]] == pytest.approx([0.7, 0.9])
    assert "/flow/params" in [m[0] for m in sent[sleeper.port]] and first.port not in sent
    assert np.array_equal(first.instrument.latent, before)


def test_a_set_that_opens_does_not_flood_its_devices_with_lists(rig):
    """What 32 devices are sent while they come at once: a default socket buffer holds some 250 messages."""
    n = 32
    for k in range(n):
        rig.put(
            "/flow/hello",
            k,
            51_100 + k,
            2,
            "device",
            f"Track {k}",
            f"id-{k}",
            sender=("127.0.0.1", 50_100 + k),
        )
        rig.bridge.finish(rig.now)
        rig.bridge.tick(rig.now)
        rig.now += 0.0005
    sent = rig.turn()
    for k in range(n):
        listed = [m for m in sent[51_100 + k] if m[0] == "/flow/instrument"]
        assert len(listed) <= 3 * n and [m[1] for m in listed[-n:]] == list(range(n))
        assert [m[3] for m in listed[-n:]] == [f"id-{j}" for j in range(n)]


def test_a_device_that_speaks_again_is_listed_as_alive(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    rig.rest(SILENCE_S + 1.0)
    b.send("/flow/ping", 1)
    told = rig.rest(1.0)[b.port]
    assert [m[5] for m in told if m[0] == "/flow/instrument"][-2:] == [0, 1] and a.port not in told


def test_a_renamed_track_is_listed_under_its_new_name(rig):
    device = Device(rig, 0)
    told = rig.send("/flow/hello", 0, device.port, 2, "device", "Lead", "id-0", sender=device.sender)
    assert only(told[device.port], "/flow/instrument")[3] == "Lead"


def test_a_client_that_gives_its_instrument_up_is_seen_to(rig):
    device = Device(rig, 0)
    told = rig.send("/flow/hello", 0, device.port, 2, "device", "x", "", sender=device.sender)
    assert only(told[device.port], "/flow/instrument")[4] == 0


def test_an_instrument_that_is_forgotten_is_looked_after_no_more(rig, monkeypatch):
    monkeypatch.setattr("server.tracks.tracks.MAX_TRACKS", 2)
    Device(rig, 0)
    gone = Device(rig, 1)
    rig.put("/flow/macro", 0, 0.5, sender=gone.sender)
    gone.send("/flow/bye", 1)
    Device(rig, 2)
    assert {track.identity for track in rig.tracks.active} <= {track.identity for track in rig.tracks}
