"""What the loop does with sketches: whose hand is on the sound, what is outdated, what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sketch.folder import check_take, is_take, sketch_folder
from server.sketch.messages import (
    Answers,
    Audio,
    Begin,
    End,
    Ended,
    Failed,
    HearFile,
    Level,
    Listen,
    Moved,
    Opened,
    Pitched,
    Release,
    Said,
    State,
    Stop,
    pack,
    unpack,
)
from tests.support.live import MY_PORT, OTHER, OTHER_PORT, Rig, only


class SketchProcesses:
    """Two processes that only write down what they are told."""

    def __init__(self):
        self.told, self.said = [], []

    @property
    def waiting(self):
        return bool(self.said)

    def take(self):
        said, self.said = self.said, []
        return said

    def tell(self, who, message):
        self.told.append((who, message))

    def stop(self):
        self.told.append(("both", "stop"))


@pytest.fixture
def helpers():
    return SketchProcesses()


@pytest.fixture
def rig(tiny, tmp_path, helpers):
    rig = Rig(tiny, tmp_path, helpers=helpers)
    rig.hello()
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    rig.helpers = helpers
    return rig


def say(rig, *messages):
    """Let helpers say something; what is sent to the first client."""
    rig.helpers.said += messages
    return rig.turn().get(MY_PORT, [])


def patches(n=3, seed=0):
    return np.random.default_rng(seed).uniform(0.2, 0.8, (n, 32)).astype(np.float32)


def answers(take, some, first):
    return Answers(take, tuple((patch, 0.9 - 0.1 * k, f"label {k}") for k, patch in enumerate(some)), first)


def ask(rig, name="hum.wav"):
    rig.send("/flow/sketch/file", name, 0)
    return rig.helpers.told[-1][1].take


def shown(rig):
    return np.asarray(rig.instrument.patch)


def test_a_file_is_handed_to_the_mind_with_what_it_needs(rig, tmp_path):
    sent = rig.send("/flow/sketch/file", "sketch-12-3.wav", 2500)
    who, message = rig.helpers.told[-1]
    assert who == "answer" and isinstance(message, HearFile)
    assert message.path == str(tmp_path / "sketches" / "sketch-12-3.wav")
    assert message.model == str(rig.instrument.model.path)
    assert message.seconds == 2.5 and message.delete and message.refine_seconds == 10.0
    for port in (MY_PORT, OTHER_PORT):
        assert only(sent[port], "/flow/sketch/state") == ("hearing", 0.0)
    rig.send("/flow/sketch/file", "hum.wav", 0)
    assert not rig.helpers.told[-1][1].delete


def test_the_first_answer_is_played_and_everybody_is_told(rig):
    take, some = ask(rig), patches()
    rig.helpers.said += [answers(take, some, True), Pitched(take, 55, -12.5), State(take, "refining", 0.25)]
    sent = rig.turn()
    for port in (MY_PORT, OTHER_PORT):
        np.testing.assert_allclose(only(sent[port], "/flow/params")[1:], some[0], atol=1e-6)
        offered = [m[1:] for m in sent[port] if m[0] == "/flow/sketch/candidate"]
        assert [(k, label) for k, _, label in offered] == [(k, f"label {k}") for k in range(3)]
        assert only(sent[port], "/flow/pitch") == (55, -12.5)
        assert only(sent[port], "/flow/sketch/state") == ("refining", 0.25)
        assert {"/flow/macros", "/flow/latent", "/flow/place"} <= {m[0] for m in sent[port]}


def test_a_better_answer_is_played_while_nobody_touches_anything(rig):
    take, first, better = ask(rig), patches(), patches(seed=1)
    say(rig, answers(take, first, True))
    say(rig, answers(take, better, False))
    np.testing.assert_allclose(shown(rig), better[0], atol=1e-6)
    again = say(rig, answers(take, better, False))
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
    take = ask(rig)
    say(rig, answers(take, patches(), True))
    rig.put(*TOUCHES[touch])
    if not at_once:
        rig.turn()
    better = patches(seed=1)
    sent = say(rig, answers(take, better, False))
    mine = shown(rig).copy()
    assert np.abs(mine - better[0]).max() > 0.01
    assert len([m for m in sent if m[0] == "/flow/sketch/candidate"]) == 3  # offered all the same
    say(rig, answers(take, patches(seed=2), False))
    np.testing.assert_array_equal(shown(rig), mine)
    rig.send("/flow/sketch/pick", 0)
    np.testing.assert_allclose(shown(rig), patches(seed=2)[0], atol=1e-6)


def test_frozen_macros_keep_their_place(rig):
    rig.send("/flow/macro", 3, 0.8)
    rig.send("/flow/freeze", 3, 1)
    take = ask(rig)
    say(rig, answers(take, patches(), True))
    assert rig.instrument.dials[3] == pytest.approx(0.8, abs=1e-4)
    say(rig, answers(take, patches(seed=1), False))  # still nobody's hand
    assert rig.instrument.dials[3] == pytest.approx(0.8, abs=1e-4)
    assert np.abs(shown(rig) - patches(seed=1)[0]).mean() < np.abs(shown(rig) - patches()[0]).mean()
    rig.send("/flow/sketch/live", 1)
    take = rig.helpers.told[-1][1].take
    say(rig, Moved(take, patches(seed=3)[0]))
    assert rig.instrument.dials[3] == pytest.approx(0.8, abs=1e-4)


def test_what_belongs_to_an_older_take_is_dropped(rig):
    old, before = ask(rig), shown(rig).copy()
    new = ask(rig)
    assert new > old
    assert say(rig, answers(old, patches(), True), State(old, "done", 1.0), Failed(old, "x")) == []
    np.testing.assert_array_equal(shown(rig), before)
    say(rig, answers(new, patches(), True), State(new, "done", 1.0))
    assert say(rig, answers(new, patches(seed=1), False)) == []  # it was done


def test_a_recording_goes_from_press_to_answer(rig):
    rig.send("/flow/sketch/record", 1)
    (mind, ready), (ear, order) = rig.helpers.told
    assert (mind, ear) == ("answer", "microphone") and isinstance(ready, Stop) and ready.warm
    assert isinstance(order, Listen) and not order.following
    sent = say(rig, Opened(order.take, "Studio"), Level(order.take, -30.0))
    assert [m[1:] for m in sent if m[0] == "/flow/sketch/state"] == [("recording", 0.0), ("recording", 0.5)]
    assert "'Studio'" in only(sent, "/flow/status")[0]
    rig.send("/flow/sketch/record", 1)  # again: nothing new
    assert len(rig.helpers.told) == 2
    rig.send("/flow/sketch/record", 0)
    assert rig.helpers.told[-1] == ("microphone", Release(order.take, True))
    assert say(rig, Level(order.take, -10.0)) == []  # it was on its way
    say(rig, State(order.take, "hearing", 0.0), answers(order.take, patches(), True))
    np.testing.assert_allclose(shown(rig), patches()[0], atol=1e-6)


def test_a_recording_that_ends_by_itself_can_be_followed_by_another(rig):
    rig.send("/flow/sketch/record", 1)
    take = rig.helpers.told[-1][1].take
    say(rig, Opened(take, "Studio"), State(take, "hearing", 0.0))
    n = len(rig.helpers.told)
    rig.send("/flow/sketch/record", 1)
    assert [type(m) for _, m in rig.helpers.told[n:]] == [Stop, Listen]


def test_something_else_drops_a_recording(rig):
    rig.send("/flow/sketch/record", 1)
    take = rig.helpers.told[-1][1].take
    rig.send("/flow/sketch/live", 1)
    assert ("microphone", Release(take, False)) in rig.helpers.told
    assert rig.helpers.told[-1][1].following
    follow = rig.helpers.told[-1][1].take
    ask(rig)
    assert ("microphone", Release(follow, False)) in rig.helpers.told


def test_the_voice_is_followed_and_held_on_release(rig):
    rig.send("/flow/sketch/live", 1)
    take, order = rig.helpers.told[-1][1].take, rig.helpers.told[-1][1]
    assert order.following and not rig.helpers.told[-2][1].warm
    some = patches(5)
    for patch in some:
        say(rig, Moved(take, patch))
        np.testing.assert_allclose(shown(rig), patch, atol=1e-6)
    sent = rig.send("/flow/sketch/live", 0)
    assert only(sent[MY_PORT], "/flow/sketch/state") == ("idle", 0.0)
    say(rig, Moved(take, patches(seed=9)[0]))  # it was on its way
    np.testing.assert_allclose(shown(rig), some[-1], atol=1e-6)
    assert rig.send("/flow/sketch/live", 0).get(MY_PORT, []) == []


def test_what_is_too_much_for_one_turn_is_one_frame(rig):
    rig.send("/flow/sketch/live", 1)
    take = rig.helpers.told[-1][1].take
    sent = say(rig, *[Moved(take, patch) for patch in patches(20)])
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
        take = rig.helpers.told[-1][1].take
        sent = say(rig, Failed(take, "do this"))
        assert only(sent, "/flow/sketch/state") == ("failed", 0.0)
        assert only(sent, "/flow/error") == (address, "do this")
        np.testing.assert_array_equal(shown(rig), before)


def test_a_microphone_is_let_go_when_what_answers_has_died(rig):
    rig.send("/flow/sketch/record", 1)
    take = rig.helpers.told[-1][1].take
    say(rig, Opened(take, "Studio"), Ended("answer", "gone"))
    assert rig.helpers.told[-1] == ("microphone", Release(take, False))


def test_a_process_that_dies_fails_what_waits_for_it_and_nothing_else(rig):
    assert say(rig, Ended("answer", "gone"), Ended("microphone", "gone")) == []
    ask(rig)
    assert say(rig, Ended("microphone", "gone")) == []
    assert only(say(rig, Ended("answer", "gone")), "/flow/error")[1] == "gone"
    rig.send("/flow/sketch/record", 1)
    assert only(say(rig, Ended("microphone", "gone")), "/flow/sketch/state") == ("failed", 0.0)
    n = len(rig.helpers.told)
    rig.send("/flow/sketch/record", 1)  # starts anew
    assert len(rig.helpers.told) == n + 2


def test_candidates_of_another_model_are_refused(rig, tiny, tmp_path):
    from tests.support.tiny_model import write_tiny_model

    take = ask(rig)
    say(rig, answers(take, patches(), True))
    other = tiny.parent / "other"
    write_tiny_model(other, n=24, seed=5)
    rig.desk_models["other"] = other
    rig.send("/flow/model", "other")
    assert len(shown(rig)) == 24
    about, text = only(rig.send("/flow/sketch/pick", 0)[MY_PORT], "/flow/error")
    assert about == "/flow/sketch/pick" and "another model" in text
    assert say(rig, answers(take, patches(seed=1), False), Moved(take, patches()[0])) == []


def test_there_is_nothing_to_pick_before_a_sketch(rig):
    assert "no candidate 0" in only(rig.send("/flow/sketch/pick", 0)[MY_PORT], "/flow/error")[1]


@given(st.text(max_size=200))
def test_no_name_leads_out_of_the_folder(name):
    try:
        assert check_take(name) == name
    except Exception as error:
        assert type(error).__name__ == "ProtocolError"
        return
    assert not {"/", "\\", ":", "\0"} & set(name) and name not in (".", "..") and len(name) <= 128


@pytest.mark.parametrize(
    ("name", "take"),
    [
        ("sketch-1-2.wav", True),
        ("sketch-123456-15.flac", True),
        ("sketch-1.wav", False),
        ("my sketch-1-2.wav", False),
        ("sketch-1-2.wav.wav", False),
        ("sketch-a-b.wav", False),
    ],
)
def test_only_what_devices_call_their_takes_is_deleted(name, take):
    assert is_take(name) == take


def test_forgotten_takes_are_cleared_away_at_the_start(tmp_path):
    import os

    folder = sketch_folder(tmp_path)
    for name in ("sketch-1-1.wav", "sketch-1-2.wav", "mine.wav"):
        (folder / name).touch()
    for name in ("sketch-1-1.wav", "mine.wav"):
        os.utime(folder / name, (1, 1))
    sketch_folder(tmp_path)
    assert sorted(p.name for p in folder.iterdir()) == ["mine.wav", "sketch-1-2.wav"]


def test_messages_come_through_a_pipe_as_they_were():
    begin = Begin(take=1, model="m", following=True, refine_seconds=2.0, sample_rate=3, gate_db=-4.0)
    for message in (begin, End(1, True), Said(2, "ü"), Failed(3, "x")):
        assert unpack(pack(message)) == message
    block = np.array([0.25, -1.0], np.float64)
    assert unpack(pack(Audio(block))).block.tolist() == [0.25, -1.0]


def test_nobody_who_only_plays_starts_a_process(rig):
    rig.send("/flow/macro", 0, 0.5)
    rig.send("/flow/vary", 0.5)
    assert rig.helpers.told == []


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
    assert later(rig) == []
    take, first, better = ask(rig), patches(), patches(seed=1)
    assert later(rig, 10) == [("/flow/sketch/state", "hearing", 0.0)]
    say(rig, answers(take, first, True), Pitched(take, 55, -12.5), State(take, "refining", 0.25))
    say(rig, answers(take, better, False), State(take, "done", 1.0))
    state, pitch, *offered = later(rig, 11)
    assert state == ("/flow/sketch/state", "done", 1.0) and pitch == ("/flow/pitch", 55, -12.5)
    assert [(k, label) for _, k, _, label in offered] == [(k, f"label {k}") for k in range(3)]
    rig.send("/flow/sketch/pick", 2, sender=("127.0.0.1", 50_022))
    np.testing.assert_allclose(shown(rig), better[2], atol=1e-6)
    # A hello that only renews is not told again, and a new take makes the old candidates void.
    assert not [m for m in rig.hello()[MY_PORT] if m[0] in SKETCH]
    ask(rig)
    assert later(rig, 12) == [("/flow/sketch/state", "hearing", 0.0)]
