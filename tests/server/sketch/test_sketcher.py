"""What the loop does with sketches: whose hand is on the sound, what is outdated, what is refused."""

import numpy as np
import pytest

from server.sketch.messages import (
    AnswerFile,
    CloseMicrophone,
    LevelMeasured,
    MicrophoneOpened,
    OpenMicrophone,
    PitchMeasured,
    PrepareTake,
    ProcessEnded,
    TakeFailed,
    TakeProgressed,
    VoiceFollowed,
)
from tests.server.sketch.fake_processes import FakeProcesses, answers, patches
from tests.support.live import MY_PORT, OTHER, OTHER_PORT, Rig, only


@pytest.fixture
def processes():
    return FakeProcesses()


@pytest.fixture
def rig(tiny, tmp_path, processes):
    rig = Rig(tiny, tmp_path, processes=processes)
    rig.hello()
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    rig.processes = processes
    return rig


def say(rig, *messages):
    """Let the processes report something; what is sent to the first client."""
    rig.processes.said += messages
    return rig.turn().get(MY_PORT, [])


def ask(rig, name="hum.wav"):
    rig.send("/flow/sketch/file", name, 0)
    return rig.processes.told[-1][1].take_number


def shown(rig):
    return np.asarray(rig.instrument.patch)


def test_a_file_is_sent_to_the_answer_process_with_what_it_needs(rig, tmp_path):
    sent = rig.send("/flow/sketch/file", "sketch-12-3.wav", 2500)
    who, message = rig.processes.told[-1]
    assert who == "answer" and isinstance(message, AnswerFile)
    assert message.path == str(tmp_path / "sketches" / "sketch-12-3.wav")
    assert message.model == str(rig.instrument.model.path)
    assert message.seconds == 2.5 and message.delete and message.refine_seconds == 10.0
    for port in (MY_PORT, OTHER_PORT):
        assert only(sent[port], "/flow/sketch/state") == ("hearing", 0.0)
    rig.send("/flow/sketch/file", "hum.wav", 0)
    assert not rig.processes.told[-1][1].delete


def assert_named(labels):
    """Each is named by a preset of its own."""
    assert all(label.startswith("like ") for label in labels) and len(set(labels)) == len(labels)


def test_the_first_answer_is_played_and_everybody_is_told(rig):
    number, some = ask(rig), patches()
    rig.processes.said += [
        answers(number, some, True),
        PitchMeasured(number, 55, -12.5),
        TakeProgressed(number, "refining", 0.25),
    ]
    sent = rig.turn()
    for port in (MY_PORT, OTHER_PORT):
        np.testing.assert_allclose(only(sent[port], "/flow/params")[1:], some[0], atol=1e-6)
        offered = [m[1:] for m in sent[port] if m[0] == "/flow/sketch/candidate"]
        assert [k for k, *_ in offered] == [0, 1, 2]
        assert_named([label for *_, label in offered])
        assert only(sent[port], "/flow/pitch") == (55, -12.5)
        assert only(sent[port], "/flow/sketch/state") == ("refining", 0.25)
        assert {"/flow/macros", "/flow/latent", "/flow/place"} <= {m[0] for m in sent[port]}


def test_a_better_answer_is_played_while_nobody_touches_anything(rig):
    number, first, better = ask(rig), patches(), patches(seed=1)
    say(rig, answers(number, first, True))
    say(rig, answers(number, better, False))
    np.testing.assert_allclose(shown(rig), better[0], atol=1e-6)
    again = say(rig, answers(number, better, False))
    assert again == []  # nothing new, nothing said


TOUCHES = {
    "macro": ("/flow/macro", 2, 0.9),
    "macros": ("/flow/macros", *[0.4] * 8),
    "latent": ("/flow/latent", *[0.1] * 32),
    "patch": ("/flow/patch", *[0.4] * 32),
    "vary": ("/flow/vary", 0.3),
    "preset": ("/flow/preset/load", "Bass 0"),
    "place": ("/flow/place", 0.5, 0.5),
    "pick": ("/flow/sketch/pick", 2),
}


@pytest.mark.parametrize("touch", TOUCHES)
@pytest.mark.parametrize("at_once", [False, True], ids=["before", "in the same turn"])
def test_a_touched_sound_is_never_overwritten(rig, touch, at_once):
    number = ask(rig)
    say(rig, answers(number, patches(), True))
    rig.put(*TOUCHES[touch])
    if not at_once:
        rig.turn()
    better = patches(seed=1)
    sent = say(rig, answers(number, better, False))
    mine = shown(rig).copy()
    assert np.abs(mine - better[0]).max() > 0.01
    assert len([m for m in sent if m[0] == "/flow/sketch/candidate"]) == 3  # offered all the same
    say(rig, answers(number, patches(seed=2), False))
    np.testing.assert_array_equal(shown(rig), mine)
    rig.send("/flow/sketch/pick", 0)
    np.testing.assert_allclose(shown(rig), patches(seed=2)[0], atol=1e-6)


def test_frozen_macros_keep_their_place(rig):
    rig.send("/flow/macro", 3, 0.8)
    rig.send("/flow/freeze", 3, 1)
    number = ask(rig)
    say(rig, answers(number, patches(), True))
    assert rig.instrument.dials[3] == pytest.approx(0.8, abs=1e-4)
    say(rig, answers(number, patches(seed=1), False))  # still nobody's hand
    assert rig.instrument.dials[3] == pytest.approx(0.8, abs=1e-4)
    assert np.abs(shown(rig) - patches(seed=1)[0]).mean() < np.abs(shown(rig) - patches()[0]).mean()
    rig.send("/flow/sketch/live", 1)
    number = rig.processes.told[-1][1].take_number
    say(rig, VoiceFollowed(number, patches(seed=3)[0]))
    assert rig.instrument.dials[3] == pytest.approx(0.8, abs=1e-4)


def test_what_belongs_to_an_older_take_is_dropped(rig):
    old, before = ask(rig), shown(rig).copy()
    new = ask(rig)
    assert new > old
    assert (
        say(rig, answers(old, patches(), True), TakeProgressed(old, "done", 1.0), TakeFailed(old, "x")) == []
    )
    np.testing.assert_array_equal(shown(rig), before)
    say(rig, answers(new, patches(), True), TakeProgressed(new, "done", 1.0))
    assert say(rig, answers(new, patches(seed=1), False)) == []  # it was done


def test_a_recording_goes_from_press_to_answer(rig):
    rig.send("/flow/sketch/record", 1)
    (first, ready), (second, order) = rig.processes.told
    assert (first, second) == ("answer", "microphone")
    assert isinstance(ready, PrepareTake) and ready.warm
    assert isinstance(order, OpenMicrophone) and not order.following
    sent = say(rig, MicrophoneOpened(order.take_number, "Studio"), LevelMeasured(order.take_number, -36.0))
    assert [m[1:] for m in sent if m[0] == "/flow/sketch/state"] == [("recording", 0.0), ("recording", 0.5)]
    assert "'Studio'" in only(sent, "/flow/status")[0]
    rig.send("/flow/sketch/record", 1)  # again: nothing new
    assert len(rig.processes.told) == 2
    rig.send("/flow/sketch/record", 0)
    assert rig.processes.told[-1] == ("microphone", CloseMicrophone(order.take_number, True))
    assert say(rig, LevelMeasured(order.take_number, -10.0)) == []  # it was on its way
    say(rig, TakeProgressed(order.take_number, "hearing", 0.0), answers(order.take_number, patches(), True))
    np.testing.assert_allclose(shown(rig), patches()[0], atol=1e-6)


def test_a_recording_that_ends_by_itself_can_be_followed_by_another(rig):
    rig.send("/flow/sketch/record", 1)
    number = rig.processes.told[-1][1].take_number
    say(rig, MicrophoneOpened(number, "Studio"), TakeProgressed(number, "hearing", 0.0))
    n = len(rig.processes.told)
    rig.send("/flow/sketch/record", 1)
    assert [type(m) for _, m in rig.processes.told[n:]] == [PrepareTake, OpenMicrophone]


def test_something_else_drops_a_recording(rig):
    rig.send("/flow/sketch/record", 1)
    number = rig.processes.told[-1][1].take_number
    rig.send("/flow/sketch/live", 1)
    assert ("microphone", CloseMicrophone(number, False)) in rig.processes.told
    assert rig.processes.told[-1][1].following
    follow = rig.processes.told[-1][1].take_number
    ask(rig)
    assert ("microphone", CloseMicrophone(follow, False)) in rig.processes.told


def test_the_voice_is_followed_and_held_on_release(rig):
    rig.send("/flow/sketch/live", 1)
    number, order = rig.processes.told[-1][1].take_number, rig.processes.told[-1][1]
    assert order.following and not rig.processes.told[-2][1].warm
    some = patches(5)
    for patch in some:
        say(rig, VoiceFollowed(number, patch))
        np.testing.assert_allclose(shown(rig), patch, atol=1e-6)
    sent = rig.send("/flow/sketch/live", 0)
    assert only(sent[MY_PORT], "/flow/sketch/state") == ("idle", 0.0)
    say(rig, VoiceFollowed(number, patches(seed=9)[0]))  # it was on its way
    np.testing.assert_allclose(shown(rig), some[-1], atol=1e-6)
    assert rig.send("/flow/sketch/live", 0).get(MY_PORT, []) == []


def test_what_is_too_much_for_one_turn_is_one_frame(rig):
    rig.send("/flow/sketch/live", 1)
    number = rig.processes.told[-1][1].take_number
    sent = say(rig, *[VoiceFollowed(number, patch) for patch in patches(20)])
    assert len([m for m in sent if m[0] == "/flow/params"]) == 1
    np.testing.assert_allclose(shown(rig), patches(20)[-1], atol=1e-6)


def test_a_failure_is_said_under_the_address_that_was_asked(rig):
    for address, *values in (
        ("/flow/sketch/record", 1),
        ("/flow/sketch/live", 1),
        ("/flow/sketch/file", "a.wav", 0),
    ):
        before = shown(rig).copy()
        rig.send(address, *values)
        number = rig.processes.told[-1][1].take_number
        sent = say(rig, TakeFailed(number, "do this"))
        assert only(sent, "/flow/sketch/state") == ("failed", 0.0)
        assert only(sent, "/flow/error") == (address, "do this")
        np.testing.assert_array_equal(shown(rig), before)


def test_a_microphone_is_let_go_when_what_answers_has_died(rig):
    rig.send("/flow/sketch/record", 1)
    number = rig.processes.told[-1][1].take_number
    say(rig, MicrophoneOpened(number, "Studio"), ProcessEnded("answer", "gone"))
    assert rig.processes.told[-1] == ("microphone", CloseMicrophone(number, False))


def test_a_process_that_dies_fails_what_waits_for_it_and_nothing_else(rig):
    assert say(rig, ProcessEnded("answer", "gone"), ProcessEnded("microphone", "gone")) == []
    ask(rig)
    assert say(rig, ProcessEnded("microphone", "gone")) == []
    assert only(say(rig, ProcessEnded("answer", "gone")), "/flow/error")[1] == "gone"
    rig.send("/flow/sketch/record", 1)
    assert only(say(rig, ProcessEnded("microphone", "gone")), "/flow/sketch/state") == ("failed", 0.0)
    n = len(rig.processes.told)
    rig.send("/flow/sketch/record", 1)  # starts anew
    assert len(rig.processes.told) == n + 2


def test_candidates_of_another_model_are_refused(rig, tmp_path):
    from tests.support.tiny_model import write_tiny_model

    number = ask(rig)
    say(rig, answers(number, patches(), True))
    rig.desk_models["other"] = write_tiny_model(tmp_path / "other", n=24, seed=5)
    rig.send("/flow/model", "other")
    assert len(shown(rig)) == 24
    about, text = only(rig.send("/flow/sketch/pick", 0)[MY_PORT], "/flow/error")
    assert about == "/flow/sketch/pick" and "another model" in text
    assert say(rig, answers(number, patches(seed=1), False), VoiceFollowed(number, patches()[0])) == []


def test_there_is_nothing_to_pick_before_a_sketch(rig):
    assert "no candidate 0" in only(rig.send("/flow/sketch/pick", 0)[MY_PORT], "/flow/error")[1]


def test_nobody_who_only_plays_starts_a_process(rig):
    rig.send("/flow/macro", 0, 0.5)
    rig.send("/flow/vary", 0.5)
    assert rig.processes.told == []


def later(rig, nonce=9):
    """Let a device and a panel come after what has happened; what each was told, without numbers' noise."""
    told = []
    for k, kind in enumerate(("device", "panel")):
        sent = rig.hello(("127.0.0.1", 50_021 + k), 50_031 + k, nonce=nonce, kind=kind)
        told.append([m for m in sent[50_031 + k] if m[0] in ("/flow/pitch", *SKETCH)])
    assert told[0] == told[1]
    return told[0]


SKETCH = ("/flow/sketch/state", "/flow/sketch/candidate")


def test_who_comes_later_sees_the_candidates_and_can_pick_one(rig):
    assert later(rig) == [("/flow/sketch/state", "idle", 0.0)]
    number, first, better = ask(rig), patches(), patches(seed=1)
    assert later(rig, 10) == [("/flow/sketch/state", "hearing", 0.0)]
    say(
        rig,
        answers(number, first, True),
        PitchMeasured(number, 55, -12.5),
        TakeProgressed(number, "refining", 0.25),
    )
    say(rig, answers(number, better, False), TakeProgressed(number, "done", 1.0))
    state, pitch, *offered = later(rig, 11)
    assert state == ("/flow/sketch/state", "done", 1.0) and pitch == ("/flow/pitch", 55, -12.5)
    assert [k for _, k, *_ in offered] == [0, 1, 2]
    assert_named([label for *_, label in offered])
    rig.send("/flow/sketch/pick", 2, sender=("127.0.0.1", 50_022))
    np.testing.assert_allclose(shown(rig), better[2], atol=1e-6)
    # A hello that only renews is not told again, and a new take makes the old candidates void.
    assert not [m for m in rig.hello()[MY_PORT] if m[0] in SKETCH]
    ask(rig)
    assert later(rig, 12) == [("/flow/sketch/state", "hearing", 0.0)]
