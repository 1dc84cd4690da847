"""Sketches of several instruments: each has its own, and there is one microphone."""

import numpy as np
import pytest

from server.sketch.messages import (
    CloseMicrophone,
    MicrophoneOpened,
    PitchMeasured,
    ProcessEnded,
    TakeExported,
    TakeProgressed,
    VoiceFollowed,
)
from tests.server.players import PANEL, PANEL_PORT, Device, panel
from tests.server.sketch.fake_processes import FakeProcesses, answers, patches
from tests.support.live import Rig, only

A, B = patches(seed=1), patches(seed=2)


@pytest.fixture
def rig(tiny, tmp_path):
    rig = Rig(tiny, tmp_path, processes=FakeProcesses())
    rig.processes = rig.bridge._sketcher._processes
    return rig


@pytest.fixture
def two(rig):
    return Device(rig, 0), Device(rig, 1)


def newest(rig):
    return rig.processes.told[-1][1].take_number


def report(rig, *messages):
    rig.processes.said += messages
    return rig.turn()


def sketch(rig, device, some):
    """Let a device sketch a file, which is answered, and refined."""
    device.send("/flow/sketch/file", "hum.wav", 0)
    return report(
        rig,
        answers(newest(rig), some, True),
        PitchMeasured(newest(rig), 55, 0.0),
        TakeProgressed(newest(rig), "refining", 0.5),
    )


def of_sketches(messages):
    return [m for m in messages if m[0].startswith("/flow/sketch") or m[0] == "/flow/pitch"]


def labels(messages):
    return [m[1:] for m in messages if m[0] == "/flow/sketch/candidate"]


def test_a_sketch_is_played_on_the_instrument_that_asked_for_it(rig, two):
    a, b = two
    a.send("/flow/sketch/file", "hum.wav", 0)
    rig.send("/flow/focus", b.identity, sender=PANEL)  # while it is still being heard
    untouched = b.instrument.latent.copy()
    sent = report(rig, answers(newest(rig), A, True))
    assert np.array_equal(a.instrument.current_patch(), A[0])
    assert np.array_equal(b.instrument.latent, untouched)
    assert "/flow/params" in [m[0] for m in sent[a.port]] and b.port not in sent


def test_only_those_who_hear_an_instrument_hear_of_its_sketch(rig, two):
    a, b = two
    panel(rig)
    sent = sketch(rig, a, A)
    assert b.port not in sent
    assert of_sketches(sent[a.port]) == of_sketches(sent[PANEL_PORT])  # a has the focus
    assert labels(sent[a.port]) != [] and only(sent[a.port], "/flow/pitch") == (55, 0.0)
    sent = sketch(rig, b, B)
    assert labels(sent[b.port]) != [] and PANEL_PORT not in sent


def test_candidates_of_two_instruments_do_not_overwrite_each_other(rig, two):
    a, b = two
    sketch(rig, a, A)
    sketch(rig, b, B)
    for device, some in ((a, A), (b, B), (a, A)):
        device.send("/flow/sketch/pick", 2)
        np.testing.assert_array_equal(device.instrument.current_patch(), some[2])
    c = Device(rig, 2)
    assert "there is no candidate 0" in only(c.send("/flow/sketch/pick", 0)[c.port], "/flow/error")[1]


def test_a_second_sketch_ends_the_refining_of_the_first_and_both_can_be_picked(rig, two):
    a, b = two
    sketch(rig, a, A)
    first = newest(rig)
    sent = b.send("/flow/sketch/file", "hum.wav", 0)
    assert of_sketches(sent[a.port]) == [("/flow/sketch/state", "done", 1.0)]
    assert of_sketches(sent[b.port]) == [("/flow/sketch/state", "hearing", 0.0)]
    before = a.instrument.latent.copy()
    assert report(rig, answers(first, B, False)) == {}  # it was on its way
    assert np.array_equal(a.instrument.latent, before)


@pytest.mark.parametrize("message", ["/flow/sketch/record", "/flow/sketch/live"])
def test_the_microphone_of_another_is_not_taken_away(rig, two, message):
    a, b = two
    a.send(message, 1)
    take, told = newest(rig), list(rig.processes.told)
    for second in (("/flow/sketch/record", 1), ("/flow/sketch/live", 1), ("/flow/sketch/file", "hum.wav", 0)):
        sent = b.send(*second)
        assert sorted(sent) == [b.port]
        assert only(sent[b.port], "/flow/error") == (
            second[0],
            "the microphone listens for 'Track 0'. Stop it there, then sketch here.",
        )
    for address in ("/flow/sketch/record", "/flow/sketch/live"):  # it is not b's to stop
        assert b.send(address, 0) == {}
    assert rig.processes.told == told
    a.send(message, 0)
    assert rig.processes.told[-1] == ("microphone", CloseMicrophone(take, message.endswith("record")))


def test_a_sketch_that_is_being_heard_is_not_dropped_for_another(rig, two):
    a, b = two
    a.send("/flow/sketch/record", 1)
    number = newest(rig)
    report(rig, MicrophoneOpened(number, "Studio"))
    a.send("/flow/sketch/record", 0)
    sent = b.send("/flow/sketch/record", 1)
    assert "is being heard" in only(sent[b.port], "/flow/error")[1] and a.port not in sent
    report(rig, answers(number, A, True))
    np.testing.assert_array_equal(a.instrument.current_patch(), A[0])
    assert "/flow/error" not in [m[0] for m in b.send("/flow/sketch/record", 1).get(b.port, [])]


def test_the_microphone_of_a_device_that_has_gone_is_free(rig, two):
    a, b = two
    rig.send("/flow/focus", b.identity, sender=PANEL)
    rig.send("/flow/hello", 9, PANEL_PORT, 2, "panel", "panel", "", sender=PANEL)
    a.send("/flow/sketch/live", 1)
    number = newest(rig)
    a.send("/flow/bye", 0)
    sent = b.send("/flow/sketch/record", 1)
    assert ("microphone", CloseMicrophone(number, False)) in rig.processes.told
    assert "/flow/error" not in [m[0] for m in sent.get(b.port, [])]
    a.hello(nonce=5)
    assert only(a.told, "/flow/sketch/following") == (0,)
    assert only(a.told, "/flow/sketch/state") == ("idle", 0.0)


def test_whether_a_voice_is_followed_is_said(rig, two):
    a, b = two
    sent = a.send("/flow/sketch/live", 1)
    assert sent == {a.port: [("/flow/sketch/following", 1)]}
    assert a.send("/flow/sketch/live", 1) == {}
    untouched = b.instrument.latent.copy()
    report(rig, VoiceFollowed(newest(rig), A[0]))
    assert np.array_equal(b.instrument.latent, untouched)
    later = rig.send("/flow/hello", 9, PANEL_PORT, 2, "panel", "panel", "", sender=PANEL)[PANEL_PORT]
    assert only(later, "/flow/sketch/following") == (1,)
    told = rig.send("/flow/focus", b.identity, sender=PANEL)[PANEL_PORT]
    assert only(told, "/flow/sketch/following") == (0,)
    assert ("/flow/sketch/following", 0) in a.send("/flow/sketch/live", 0)[a.port]


@pytest.mark.parametrize(
    "end",
    [
        lambda rig, a: a.send("/flow/sketch/record", 1),
        lambda rig, a: a.send("/flow/sketch/file", "hum.wav", 0),
        lambda rig, a: report(rig, ProcessEnded("microphone", "gone")),
        lambda rig, a: report(rig, ProcessEnded("answer", "gone")),
    ],
    ids=["record", "file", "no microphone", "no answer"],
)
def test_whatever_ends_the_following_is_said(rig, two, end):
    a, _ = two
    a.send("/flow/sketch/live", 1)
    assert ("/flow/sketch/following", 0) in end(rig, a)[a.port]
    assert ("/flow/sketch/following", 1) in a.send("/flow/sketch/live", 1)[a.port]


def test_a_client_that_comes_later_is_told_of_its_own_instruments_sketch(rig, two):
    a, b = two
    sketch(rig, a, A)
    sketch(rig, b, B)
    report(rig, TakeProgressed(newest(rig), "done", 1.0))
    for device, kind in ((a, "device"), (b, "device"), (a, "script")):
        device.kind = kind
        device.hello(nonce=70)
        assert only(device.told, "/flow/sketch/candidates") == (3,)
        assert only(device.told, "/flow/sketch/state") == ("done", 1.0)
        device.hello(nonce=71)
        assert len(labels(device.told)) == 3
    told = rig.send("/flow/hello", 9, PANEL_PORT, 2, "panel", "panel", "", sender=PANEL)[PANEL_PORT]
    assert labels(told) == labels(a.told)


def test_who_acts_on_the_focus_sees_the_sketch_of_the_instrument_that_has_it(rig, two):
    a, b = two
    panel(rig)
    sketch(rig, a, A)
    told = of_sketches(rig.send("/flow/focus", b.identity, sender=PANEL)[PANEL_PORT])
    assert told == [
        ("/flow/sketch/gestures", 1, 0),
        ("/flow/sketch/candidates", 0),
        ("/flow/sketch/state", "idle", 0.0),
        ("/flow/sketch/following", 0),
    ]
    assert (
        "no candidate" in only(rig.send("/flow/sketch/pick", 0, sender=PANEL)[PANEL_PORT], "/flow/error")[1]
    )
    told = rig.send("/flow/focus", a.identity, sender=PANEL)[PANEL_PORT]
    assert only(told, "/flow/sketch/candidates") == (3,) and len(labels(told)) == 3
    rig.send("/flow/sketch/pick", 1, sender=PANEL)
    np.testing.assert_array_equal(a.instrument.current_patch(), A[1])


def test_a_duplicated_track_has_the_candidates_of_the_original(rig):
    original = Device(rig, 0, "mine")
    sketch(rig, original, A)
    copy = Device(rig, 1, "mine")
    assert only(copy.told, "/flow/sketch/state") == ("done", 1.0) and len(labels(copy.told)) == 3
    before = original.instrument.latent.copy()
    copy.send("/flow/sketch/pick", 2)
    np.testing.assert_array_equal(copy.instrument.current_patch(), A[2])
    assert np.array_equal(original.instrument.latent, before)
    report(rig, answers(newest(rig), B, False))  # the original's goes on
    np.testing.assert_array_equal(original.instrument.current_patch(), B[0])
    np.testing.assert_array_equal(copy.instrument.current_patch(), A[2])


def test_the_sound_of_a_sketch_is_that_of_the_instrument_that_asks(rig, two):
    a, b = two
    sketch(rig, a, A)
    first = newest(rig)
    sketch(rig, b, B)
    a.send("/flow/sketch/take", "sketch-1-2.wav")
    assert newest(rig) == first
    sent = report(rig, TakeExported(first, "sketch-1-2.wav"))
    assert sent == {a.port: [("/flow/sketch/take", "sketch-1-2.wav")]}
    assert report(rig, TakeExported(first, "sketch-1-2.wav")) == {}


def test_the_sketch_of_an_instrument_that_made_room_disturbs_nobody(rig, two, monkeypatch):
    monkeypatch.setattr("server.tracks.tracks.MAX_TRACKS", 2)
    a, b = two
    sketch(rig, b, B)
    number = newest(rig)
    b.send("/flow/bye", 1)
    Device(rig, 2)
    before = a.instrument.latent.copy()
    assert report(rig, answers(number, A, False), TakeProgressed(number, "done", 1.0)) == {}
    assert np.array_equal(a.instrument.latent, before)
