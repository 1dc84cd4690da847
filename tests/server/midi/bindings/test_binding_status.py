"""What clients are told of bindings: the whole list once, then what changed, at the pace of an eye."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.midi.bindings.binding_status import PACE_S, BindingStatus, BindingStatuses
from tests.server.midi.playing import knob, move, plug_in
from tests.server.midi.senders import cc
from tests.support.live import MY_PORT, OTHER, OTHER_PORT, Rig, only, read


def bindings(messages):
    """Return what is said of bindings that follow the focus."""
    return [m[1:-1] for m in messages if m[0] == "/flow/binding" and m[-1] == ""]


def after(rig, seconds=PACE_S):
    """Let time pass; what the first client is told of bindings then."""
    rig.sent()
    return bindings(rig.rest(seconds).get(MY_PORT, []))


@pytest.fixture
def heard(rig):
    """A bridge with one bound knob, of which the client was told."""
    plug_in(rig, knob(0))
    rig.sent()
    return rig


def test_a_panel_that_comes_later_knows_what_is_bound_and_a_device_asks(heard):
    sent = heard.hello(OTHER, OTHER_PORT, nonce=2, kind="panel")[OTHER_PORT]
    assert only(sent, "/flow/bindings") == (1,)
    assert bindings(sent) == [(0, 0, "CC 20 on channel 1 of nano", "pickup", -1.0, 0)]
    assert not bindings(heard.hello(("127.0.0.1", 50_021), 50_031, nonce=3, kind="device")[50_031])
    assert bindings(heard.send("/flow/bindings")[MY_PORT]) == bindings(sent)


def test_it_is_told_where_the_knob_stands_and_when_it_catches(heard):
    heard.send("/flow/macro", 0, 0.5)
    move(heard, cc(1, 20, 10))
    ((*_, control_value, engaged),) = after(heard)
    assert control_value == pytest.approx(10 / 127, abs=1e-3) and not engaged
    move(heard, cc(1, 20, 60), cc(1, 20, 70))
    ((*_, control_value, engaged),) = after(heard)
    assert control_value == pytest.approx(70 / 127, abs=1e-3) and engaged
    heard.send("/flow/macro", 0, 0.9)  # another hand takes it away
    ((*_, control_value, engaged),) = after(heard)
    assert control_value == pytest.approx(70 / 127, abs=1e-3) and not engaged


def test_a_place_is_told_as_the_macros_value(rig):
    from server.midi.bindings.response import Response

    plug_in(rig, knob(0, response=Response(invert=True, low=0.2, high=0.6)))
    move(rig, cc(1, 20, 127))
    ((*_, control_value, _),) = after(rig)
    assert control_value == pytest.approx(0.2, abs=1e-3)


def test_what_needs_no_takeover_holds_from_the_start(rig):
    plug_in(rig, knob(0, takeover="jump"), knob(1, 21, sends="twos"))
    told = bindings(rig.send("/flow/bindings")[MY_PORT])
    assert [(takeover, engaged) for *_, takeover, _, engaged in told] == [("jump", 1), ("steps", 1)]


def test_learning_and_unlearning_tell_the_whole_list(heard):
    heard.send("/flow/learn", 3)
    for value in range(0, 128, 4):
        move(heard, cc(1, 30, value))
    heard.now += 1.0
    sent = heard.turn()[MY_PORT]
    assert only(sent, "/flow/bindings") == (2,) and [k for _, k, *_ in bindings(sent)] == [0, 3]
    sent = heard.send("/flow/unlearn", 0)[MY_PORT]
    assert only(sent, "/flow/bindings") == (1,) and [m[:2] for m in bindings(sent)] == [(0, 3)]
    heard.controllers.inbox.unplugged("nano")
    assert only(heard.turn()[MY_PORT], "/flow/bindings") == (0,)


def test_what_is_learned_leaves_the_other_knobs_where_they_stand(heard):
    heard.send("/flow/macro", 0, 0.5)
    move(heard, cc(1, 20, 64), cc(1, 20, 65))
    heard.send("/flow/learn", 3)
    for value in range(0, 128, 4):
        move(heard, cc(1, 30, value))
    heard.now += 1.0
    heard.turn()
    first, second = bindings(heard.send("/flow/bindings")[MY_PORT])
    assert first[-1] == 1 and first[-2] > 0.0 and second[-2:] == (pytest.approx(124 / 127, abs=1e-3), 0)


def test_a_busy_hand_is_told_of_ten_times_a_second(heard):
    n, began = 0, heard.now
    for value in range(128):
        heard.controllers.inbox.received("nano", bytes(cc(1, 20, value).bytes()))
        heard.bridge.finish(heard.now)
        heard.now += 0.01
        heard.bridge.tick(heard.now)
        n += len(bindings(heard.sent().get(MY_PORT, [])))
    assert 1 <= n <= (heard.now - began) / PACE_S + 1


def test_without_controllers_there_is_nothing_to_tell(tiny, tmp_path, rig):
    bare = Rig(tiny, tmp_path / "bare")
    sent = bare.hello(kind="panel")[MY_PORT]
    assert not [m for m in sent if m[0].startswith("/flow/binding")]
    assert bare.send("/flow/bindings")[MY_PORT] == [("/flow/bindings", 0)]
    rig.rest(1.0)
    rig.send("/flow/macro", 0, 0.3)
    assert not rig.controllers.statuses.is_due(1e9)  # nothing is bound: no frame asks for anything


drawn_status = st.builds(
    BindingStatus,
    macro=st.integers(0, 7),
    control=st.text(max_size=300).filter(lambda s: "\0" not in s),
    takeover=st.sampled_from(["pickup", "scale", "jump", "steps"]),
    control_value=st.floats(0, 1),
    engaged=st.booleans(),
    instrument=st.sampled_from(["", "Bass"]),
)


@given(st.lists(st.lists(drawn_status, max_size=5), max_size=8))
def test_who_hears_the_news_knows_the_present(lists):
    """Whatever changes from one time to the next, and whatever a device is called."""
    statuses, known = BindingStatuses(), []
    for present in lists:
        for address, *values in map(read, statuses.updates(present)):
            if address == "/flow/bindings":
                known = [None] * values[0]
            else:
                known[values[0]] = values[1:]
        told = [(k, bool(engaged), of) for k, *_, engaged, of in known]
        assert told == [(s.macro, s.engaged, s.instrument) for s in present]
        values = [s.control_value for s in present]
        assert [value for *_, value, _, _ in known] == pytest.approx(values, abs=1e-6)
        assert all(len(control.encode()) <= 200 for _, control, *_ in known)
    assert lists == [] or statuses.updates(lists[-1]) == []
