"""Faders of other programs, and what they are sent at their own addresses."""

import pytest

from server.midi.bindings.active_binding import ActiveBinding
from server.midi.bindings.binding import Binding
from server.midi.bindings.control_targets import ControlTargets
from server.midi.codec.control import Control
from server.midi.osc_feedback import OscFeedback
from server.osc.parser import parse

PAGE, REPLY = ("127.0.0.1", 52_000), ("127.0.0.1", 9131)


def bound(*bindings):
    active = [ActiveBinding(binding) for binding in bindings]
    return lambda control: [one for one in active if one.binding.control == control]


def fader(macro, address="/1/fader1", n=0, **how):
    return Binding(control=Control("osc", 0, n, address), macro=macro, **how)


def find_with(*dials):
    return lambda instrument: None if instrument else ControlTargets("", list(dials), lambda: (0.0, 0.0))


def sent(feedback, bindings_of, find, now):
    assert feedback.is_due(now)
    return [(parse(datagram)[0], to) for datagram, to in feedback.messages(bindings_of, find, now)]


def test_a_fader_is_sent_its_macro_once_the_hand_has_left_it():
    feedback = OscFeedback()
    feedback.heard("/1/fader1", [0.2], (PAGE, REPLY), 0.0)
    assert not feedback.is_due(0.0)
    feedback.moved(0.0)
    bindings_of = bound(fader(0))
    assert sent(feedback, bindings_of, find_with(0.75), 0.4) == [
        (("/1/fader1", [0.75]), PAGE),
        (("/1/fader1", [0.75]), REPLY),
    ]
    feedback.moved(1.0)
    assert sent(feedback, bindings_of, find_with(0.75), 2.0) == []  # it shows that already
    feedback.heard("/1/fader1", [0.75], (PAGE,), 3.0)  # sent back
    assert sent(feedback, bindings_of, find_with(0.7501), 4.0) == []


def test_under_a_hand_it_waits():
    feedback = OscFeedback()
    feedback.heard("/1/fader1", [0.2], (PAGE,), 0.0)
    assert feedback.rest_s(10.0, 0.0) == pytest.approx(0.33)
    feedback.heard("/1/fader1", [0.3], (PAGE,), 0.3)
    assert sent(feedback, bound(fader(0)), find_with(0.9), 0.4) == []
    assert sent(feedback, bound(fader(0)), find_with(0.9), 0.7) == [
        (("/1/fader1", [pytest.approx(0.9)]), PAGE)
    ]


def test_a_pad_of_two_numbers_is_sent_both_or_nothing():
    feedback = OscFeedback()
    feedback.heard("/xy", [0.1, 0.2], (PAGE,), 0.0)
    one, two = fader(0, "/xy"), fader(1, "/xy", 1)
    assert sent(feedback, bound(one), find_with(0.5, 0.75), 1.0) == []
    feedback.moved(1.0)
    assert sent(feedback, bound(one, two), find_with(0.5, 0.75), 2.0) == [(("/xy", [0.5, 0.75]), PAGE)]


@pytest.mark.parametrize(
    ("how", "value"),
    [
        ({"span": (-1.0, 1.0)}, 0.5),
        ({"span": (0.0, 127.0)}, 95.25),
        ({"sends": "twos"}, None),
        ({"instrument": "not there"}, None),
    ],
)
def test_its_own_range_counts_and_steps_are_left_alone(how, value):
    feedback = OscFeedback()
    feedback.heard("/1/fader1", [0.0], (PAGE,), 0.0)
    told = sent(feedback, bound(fader(0, **how)), find_with(0.75), 1.0)
    assert told == ([] if value is None else [(("/1/fader1", [value]), PAGE)])


def test_what_went_or_is_bound_no_more_or_sends_texts_is_sent_nothing():
    feedback = OscFeedback()
    feedback.heard("/1/fader1", [0.2], (PAGE,), 0.0)
    assert sent(feedback, bound(), find_with(0.9), 1.0) == []
    feedback.moved(1.0)
    assert sent(feedback, bound(fader(4)), find_with(0.9), 2.0) == []  # another model has fewer macros
    feedback.moved(700.0)
    assert sent(feedback, bound(fader(0)), find_with(0.9), 701.0) == []
    feedback.heard("/1/fader1", [0.2, "x"], (PAGE,), 702.0)
    assert not feedback.is_due(800.0)


def test_there_is_an_end_to_what_is_remembered():
    feedback = OscFeedback()
    for k in range(1_000):
        feedback.heard(f"/{k}", [0.0], (PAGE,), 0.0)
    bindings = bound(*(fader(0, f"/{k}") for k in range(1_000)))
    assert len(sent(feedback, bindings, find_with(0.5), 1.0)) == 128
