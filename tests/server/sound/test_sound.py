"""What reaches the sound process, and what clients are told of it."""

import gc

import numpy as np
import pytest

from server.instrument.instrument import Instrument
from server.sound import sounding_parts
from server.sound.midi_keys import KeyPressed, MidiKeys, read_keys
from sounding.keyboard import Key
from sounding.orders import (
    AddSpace,
    Bend,
    Leave,
    Panic,
    Pedal,
    Press,
    Release,
    SetVolume,
    SoundEnded,
    SoundReport,
)
from tests.server.players import Device
from tests.support.live import ME, MY_PORT, OTHER, OTHER_PORT, Rig, only

SOURCE, OTHERS = f"client 127.0.0.1:{MY_PORT}", f"client 127.0.0.1:{OTHER_PORT}"
ON = SoundReport(state="on", port=7_000, token="t" * 32, sample_rate=44_100)


def sounding(rig, report=ON, sender=ME):
    """A client has asked for the sound, and it is there."""
    rig.send("/flow/sound/listen", sender=sender)
    rig.link.reports.append(report)
    told = rig.turn()
    rig.link.orders.clear()
    return told


def test_it_starts_when_somebody_listens_who_is_told_where(rig):
    assert not rig.link.is_started
    assert "nothing sounds here yet" in only(rig.send("/flow/note", 60, 100)[MY_PORT], "/flow/error")[1]
    assert rig.send("/flow/sound/listen") == {}
    assert rig.link.options.space["name"] == rig.instrument.model.space.name
    rig.link.reports.append(ON)
    told = rig.turn()[MY_PORT]
    assert only(told, "/flow/sound/stream") == (7_000, "t" * 32, 44_100)
    assert only(told, "/flow/sound") == ("on", 0, 0, 0, 0, pytest.approx(0.8), 1, "")
    assert only(rig.send("/flow/sound/listen")[MY_PORT], "/flow/sound/stream")[0] == 7_000


@pytest.mark.parametrize(("speakers", "at_once"), [(False, False), (True, False), (False, True)])
def test_it_starts_with_the_server_for_speakers_and_for_a_browser_to_come(
    rig, monkeypatch, speakers, at_once
):
    monkeypatch.setattr(sounding_parts, "SoundLink", lambda wake, prefer: rig.link)
    parts = sounding_parts.SoundingParts(print, speakers, at_once, "", None, None, print)
    assert not rig.link.is_started
    parts.start(rig.instrument)
    assert rig.link.is_started is (speakers or at_once)
    if rig.link.is_started:
        assert rig.link.options.speakers is speakers


def test_only_programs_on_this_computer_are_told_where_the_sound_is(rig):
    sent = rig.send("/flow/sound/listen", sender=("192.168.1.5", 4_000))
    refusals = [
        m for some in sent.values() for m in some if m[0] == "/flow/error"
    ]  # a stranger's own port, too
    assert refusals and all("server's own computer" in text for _, _, text in refusals)


def test_a_note_has_the_patch_that_the_turns_before_it_want(rig):
    sounding(rig)
    rig.put("/flow/macro", 0, 0.9)
    rig.put("/flow/note", 60, 100)
    rig.put("/flow/note", 60, 0)
    rig.turn()
    assert rig.link.orders == [Press(Key(0, SOURCE, 60), 100), Release(SOURCE, 60)]
    assert np.array_equal(rig.link.patches[0], rig.instrument.current_patch())


def test_every_frame_reaches_it(rig):
    sounding(rig)
    before = rig.link.patches[0]
    rig.send("/flow/preset/load", "Bass 0")
    assert not np.array_equal(rig.link.patches[0], before)
    assert np.array_equal(rig.link.patches[0], rig.instrument.patch)
    rig.send("/flow/macro", 1, 0.1)
    assert np.array_equal(rig.link.patches[0], rig.instrument.patch)


def test_each_device_plays_its_own_instrument_and_others_the_focus(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    one, two = Device(rig, 1), Device(rig, 2)
    rig.hello(OTHER, OTHER_PORT, kind="script")
    sounding(rig, sender=OTHER)
    one.send("/flow/note", 50, 90)
    two.send("/flow/note", 52, 90)
    rig.send("/flow/note", 54, 90, sender=OTHER)  # the focus is the first
    numbers = [order.key.instrument for order in rig.link.orders]
    assert numbers[0] == numbers[2] != numbers[1]
    two.send("/flow/macro", 0, 0.77)
    assert np.array_equal(rig.link.patches[numbers[1]], two.instrument.patch)
    assert np.array_equal(rig.link.patches[numbers[0]], one.instrument.patch)


def test_an_instrument_that_is_gone_is_forgotten_and_its_number_is_nobodys(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    sounding(rig)
    loaded = rig.instrument.loaded
    played = [Instrument(loaded, rig.instrument.preset_map) for _ in range(3)]
    for instrument in played:
        rig.bridge.sound.start(instrument)
    numbers = set(rig.link.patches)
    del played[0], instrument
    gc.collect()
    another = Instrument(loaded, rig.instrument.preset_map)
    rig.bridge.sound.start(another)
    assert len(set(rig.link.patches) - numbers) == 1
    rig.link.patches.clear()
    rig.link.reports.append(SoundEnded())
    rig.turn()
    assert len(rig.link.patches) == 4  # of the rig, the two that are left, and the new one


def test_a_client_that_leaves_lets_go_of_its_keys(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2, kind="script")
    sounding(rig)
    rig.send("/flow/note", 60, 100, sender=OTHER)
    rig.send("/flow/bye", 2, sender=OTHER)
    rig.rest(1.0)
    assert rig.link.orders[-1] == Leave(OTHERS)
    rig.send("/flow/note", 60, 100)
    rig.rest(30.0)  # silent for too long
    rig.rest(1.0)
    assert rig.link.orders[-1] == Leave(SOURCE)


def test_pedal_bend_panic_and_volume(rig):
    sounding(rig)
    for address, value in (("/flow/pedal", 1), ("/flow/bend", -1.5), ("/flow/volume", 0.25)):
        rig.send(address, value)
    rig.send("/flow/panic")
    assert rig.link.orders == [Pedal(SOURCE, True), Bend(SOURCE, -1.5), SetVolume(0.25), Panic()]
    assert only(rig.send("/flow/sound")[MY_PORT], "/flow/sound")[5] == pytest.approx(0.25)


def test_a_sound_that_comes_to_rest_is_heard_unless_somebody_plays(rig):
    sounding(rig)
    rig.rest(10.0)
    rig.link.orders.clear()
    rig.send("/flow/macro", 0, 0.2)
    rig.rest(0.2)
    assert rig.link.orders == [Press(Key(0, "audition", 60), 100)]
    rig.rest(1.6)
    assert rig.link.orders[1:] == [Release("audition", 60)]
    rig.send("/flow/note", 60, 100)
    rig.send("/flow/macro", 0, 0.3)
    rig.rest(0.2)
    assert len(rig.link.orders) == 3
    rig.rest(5.0)
    rig.send("/flow/audition", 0)
    rig.send("/flow/macro", 0, 0.4)
    rig.rest(0.2)
    assert len(rig.link.orders) == 3


def test_what_fails_is_told_once_and_to_whoever_plays(rig):
    told = sounding(rig, SoundReport(state="failed", text="no sound: connect an output."))[MY_PORT]
    assert only(told, "/flow/status") == ("no sound: connect an output.",)
    assert only(told, "/flow/sound")[0] == "failed"
    assert "connect" in only(rig.send("/flow/note", 60, 100)[MY_PORT], "/flow/error")[1]
    assert "connect" in only(rig.send("/flow/sound/listen")[MY_PORT], "/flow/error")[1]


def test_a_process_that_ends_is_started_again_with_all_that_was_played(rig):
    sounding(rig)
    rig.send("/flow/volume", 0.25)
    rig.send("/flow/hello", "small", 1, sender=OTHER)
    rig.send("/flow/model", "small", sender=OTHER)
    rig.send("/flow/note", 60, 100, sender=OTHER)
    known = {number: patch.copy() for number, patch in rig.link.patches.items()}
    began, rig.link.options = rig.link.options, None
    for part in (rig.link.orders, rig.link.patches, rig.link.spaces):
        part.clear()
    rig.link.reports.append(SoundEnded())
    told = rig.turn()
    assert "starts again" in only(told[MY_PORT], "/flow/status")[0]
    assert only(told[MY_PORT], "/flow/sound")[0] == "starting"
    assert rig.link.options is not None and rig.link.options.speakers == began.speakers
    assert SetVolume(0.25) in rig.link.orders
    assert rig.link.patches.keys() == known.keys()
    assert all(np.array_equal(rig.link.patches[number], patch) for number, patch in known.items())
    others = {order.number for order in rig.link.orders if isinstance(order, AddSpace)}
    assert set(rig.link.spaces.values()) == {0, *others}
    assert "/flow/sound/stream" not in dict(rig.send("/flow/sound/listen"))  # until it is there again
    rig.link.reports.append(ON)
    assert only(rig.turn()[MY_PORT], "/flow/sound/stream")[0] == ON.port


def test_a_process_that_ends_again_and_again_is_not_started_without_end(rig):
    sounding(rig)
    for _ in range(3):
        rig.link.options = None
        rig.link.reports.append(SoundEnded(was_frozen=True))
        rig.turn()
        assert rig.link.is_started
    rig.link.options = began = rig.link.options
    rig.link.reports.append(SoundEnded())
    told = rig.turn()[MY_PORT]
    assert only(told, "/flow/sound")[0] == "failed" and rig.link.options is began
    assert "Start the server again" in only(rig.send("/flow/note", 60, 100)[MY_PORT], "/flow/error")[1]


def test_another_model_of_another_space_is_told(rig):
    sounding(rig)
    rig.send("/flow/model", "small")
    (order,) = [order for order in rig.link.orders if isinstance(order, AddSpace)]
    assert len(order.space["parameters"]) == 16 == len(rig.link.patches[0])
    assert rig.link.spaces[0] == order.number == 1


def test_keyboards_play_the_focus(tiny, tmp_path):
    keys = MidiKeys(lambda: None)
    rig = Rig(tiny, tmp_path, keys=keys)
    rig.hello()
    keys.received("Piano", bytes([0x90, 64, 80]))
    rig.turn()  # nothing sounds yet: it is not played later
    sounding(rig)
    for message in ([0x90, 64, 80], [0x80, 64, 0], [0xB0, 64, 127], [0xF8]):
        keys.received("Piano", bytes(message))
    keys.unplugged("Piano")
    rig.turn()
    assert rig.link.orders == [
        Press(Key(0, "midi Piano", 64), 80),
        Release("midi Piano", 64),
        Pedal("midi Piano", True),
        Leave("midi Piano"),
    ]


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ([0x93, 60, 1], KeyPressed(("me", 60, 1))),
        ([0x90, 60, 0], Release("me", 60)),
        ([0x8F, 60, 90], Release("me", 60)),
        ([0xE0, 0, 64], Bend("me", 0.0)),
        ([0xE5, 0, 0], Bend("me", -2.0)),
        ([0xB0, 64, 63], Pedal("me", False)),
        ([0xB0, 123, 0], Leave("me")),
        ([0xB0, 1, 5], None),
        ([0xC0, 5], None),
        ([0xF0, 1, 2, 3, 0xF7], None),
        ([], None),
    ],
)
def test_midi_is_read_as_an_instrument_reads_it(message, meant):
    assert read_keys("me", bytes(message)) == meant


def test_counters_are_told_to_all(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    sounding(rig)
    rig.link.reports.append(SoundReport(state="on", n_voices=2, n_gaps=1, n_late=3, port=7_000, token="x"))
    told = rig.turn()
    for port in (MY_PORT, OTHER_PORT):
        assert only(told[port], "/flow/sound")[2:5] == (2, 1, 3)
