"""MPE: a channel for each note, of which the newest that is held counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.midi.bindings.binding import Binding
from server.midi.bindings.takeover import CATCH_DISTANCE, TAKEOVER_MODES
from server.midi.codec.control import Control, ControlEvent
from server.midi.codec.decoder import Decoder
from server.midi.codec.mpe import NO_NOTE, MpeNotes
from tests.server.midi.playing import dial, move, plug_in
from tests.server.midi.senders import cc, spell
from tests.support.live import Rig


def note(channel, velocity=100, number=60):
    return spell(Control("note", channel, number), velocity)[0]


def press(channel, *values):
    return [m for value in values for m in spell(Control("pressure", channel), value)]


def mpe_knob(takeover, kind="pressure", number=0):
    return Binding(control=Control(kind, 0, number), macro=0, takeover=takeover)


def zone(manager, n):
    """The configuration message: registered parameter 6."""
    return [cc(manager, 101, 0), cc(manager, 100, 6), cc(manager, 6, n)]


def test_the_newest_note_counts_and_the_one_still_held_takes_over_without_a_jump(rig):
    plug_in(rig, mpe_knob("scale"))
    rig.send("/flow/macro", 0, 0.0)
    move(rig, note(2), *press(2, *range(40)), note(3))  # the second finger comes
    assert dial(rig, 0) == pytest.approx(39 / 127)
    move(rig, *press(2, 40, 90, 20))  # the first does not count now
    assert dial(rig, 0) == pytest.approx(39 / 127)
    move(rig, *press(3, *range(128), *range(126, 99, -1)))  # they meet at the top
    assert dial(rig, 0) == pytest.approx(100 / 127)
    move(rig, note(3, 0), *press(3, 60, 30, 0))  # let go: what comes after says nothing
    assert dial(rig, 0) == pytest.approx(100 / 127)
    move(rig, *press(2, 19))
    assert dial(rig, 0) == pytest.approx(100 / 127, abs=5 / 127)  # goes on from where it is
    move(rig, *press(2, *range(18, -1, -1)))  # all the way down, at the most gain
    assert dial(rig, 0) == pytest.approx((100 - 4 * 20) / 127, abs=1e-3)


@pytest.mark.parametrize("takeover", TAKEOVER_MODES)
def test_when_the_last_note_is_let_go_nothing_moves(rig, takeover):
    plug_in(rig, mpe_knob(takeover, "pitch"))
    rig.send("/flow/macro", 0, 0.5)
    bends = range(8_192, 12_000, 100)
    move(rig, note(2), note(3), *[m for v in bends for m in spell(Control("pitch", 3), v)])
    stood = dial(rig, 0)
    assert stood > 0.6
    move(rig, note(3, 0), note(2, 0), *[m for c in (2, 3) for m in spell(Control("pitch", c), 8_192)])
    assert dial(rig, 0) == pytest.approx(stood)


def test_a_hand_that_jumps_does_not_jump_back(rig):
    plug_in(rig, mpe_knob("jump"))
    move(rig, note(2), note(3), *press(2, 10), *press(3, 120))
    assert dial(rig, 0) == pytest.approx(120 / 127)
    move(rig, note(3, 0), *press(2, 11))
    assert dial(rig, 0) == pytest.approx(120 / 127, abs=5 / 127)
    move(rig, note(4), *press(4, 30))  # a new one is where it is
    assert dial(rig, 0) == pytest.approx(30 / 127)


steps = st.tuples(st.sampled_from(("on", "off", "press")), st.integers(2, 5), st.integers(0, 127))


@given(st.lists(steps, max_size=60), st.sampled_from(TAKEOVER_MODES))
def test_only_the_newest_held_note_moves_the_macro(tiny, tmp_path_factory, played, takeover):
    rig = Rig(tiny, tmp_path_factory.mktemp("mpe"), midi=True)
    plug_in(rig, mpe_knob(takeover))
    move(rig, *zone(1, 15))
    rig.send("/flow/macro", 0, 0.4)
    held, pressed = [], {}
    for what, channel, value in played:
        before = dial(rig, 0)
        way = abs(value - pressed[channel]) / 127 if channel in pressed else 0.0
        counts = what == "press" and held[-1:] == [channel]
        if what == "press":
            move(rig, *press(channel, value))
            pressed[channel] = value
        else:
            move(rig, note(channel, 100 if what == "on" else 0))
            held = [one for one in held if one != channel] + [channel] * (what == "on")
        moved = abs(dial(rig, 0) - before)
        assert counts or moved < 1e-9
        if takeover != "jump":
            assert moved <= 4.0 * way + CATCH_DISTANCE + 1e-6


def own(mpe, channel):
    """Whether a channel is a note's own: between notes nothing there counts."""
    return mpe.track(ControlEvent(Control("pressure", channel), 1)) is None


@pytest.mark.parametrize(
    ("said", "members"),
    [
        ([(1, 15)], range(2, 17)),
        ([(1, 5)], range(2, 7)),
        ([(16, 3)], range(13, 16)),
        ([(1, 7), (16, 7)], [*range(2, 9), *range(9, 16)]),
        ([(1, 10), (16, 10)], [*range(2, 6), *range(6, 16)]),  # the newer one has the channels
        ([(16, 4), (1, 15)], range(2, 17)),
        ([(1, 15), (1, 0)], []),
        ([(1, 127)], range(2, 17)),
    ],
)
def test_zones_are_as_the_controller_says(said, members):
    mpe = MpeNotes()
    decoder = Decoder(mpe.configure)
    assert not any(own(mpe, channel) for channel in range(1, 17))
    for manager, n in said:
        assert decoder.feed(zone(manager, n)[-1]) != []  # nothing is selected: a knob's CC 6
        assert [
            m for message in zone(manager, n) for m in decoder.feed(message) if m.control.number == 6
        ] == []
        decoder.feed(cc(manager, 101, 127)), decoder.feed(cc(manager, 100, 127))
    assert [channel for channel in range(1, 17) if own(mpe, channel)] == list(members)


def test_a_zone_is_only_said_on_a_managers_channel():
    mpe = MpeNotes()
    decoder = Decoder(mpe.configure)
    assert [m.control for message in zone(3, 5) for m in decoder.feed(message)][-1] == Control("cc14", 3, 6)
    decoder.feed(cc(1, 99, 0)), decoder.feed(cc(1, 98, 6))  # an NRPN of the same number
    assert decoder.feed(cc(1, 6, 5))[0].control.kind == "nrpn"
    assert not any(own(mpe, channel) for channel in range(1, 17))


def test_without_being_told_two_channels_with_notes_are_a_zone():
    mpe = MpeNotes()
    keys = [ControlEvent(Control("note", channel, 60), 100) for channel in (1, 3, 3, 7)]
    for event in keys[:3]:  # a keyboard, also one that is split over the first channel and another
        mpe.track(event)
        assert not any(own(mpe, channel) for channel in range(1, 17))
    mpe.track(keys[3])
    assert mpe.track(ControlEvent(Control("pressure", 7), 5)).strike and own(mpe, 3)
    others = (Control("pressure", 1), Control("pitch", 9))
    assert all(mpe.track(ControlEvent(control, 5)) == NO_NOTE for control in others)


@pytest.mark.parametrize("channel", [1, 4])
def test_a_keyboard_of_one_channel_is_as_it_was(rig, channel):
    plug_in(rig, mpe_knob("jump"))
    move(rig, note(channel), note(channel, number=64), note(channel, 0), *press(channel, 70))
    assert dial(rig, 0) == pytest.approx(70 / 127)
    move(rig, note(channel, 0, 64), *press(channel, 30))
    assert dial(rig, 0) == pytest.approx(30 / 127)


def test_a_binding_of_one_channel_hears_only_that_and_always(rig):
    plug_in(rig, Binding(control=Control("pressure", 2), macro=0, takeover="jump"))
    move(rig, *zone(1, 15), note(3), *press(2, 50), *press(3, 90))
    assert dial(rig, 0) == pytest.approx(50 / 127)


def test_two_notes_on_one_channel_are_two(rig):
    plug_in(rig, mpe_knob("jump"))
    move(rig, *zone(1, 1), note(2), note(2, number=64), *press(2, 50), note(2, 0, 64), *press(2, 51))
    assert dial(rig, 0) == pytest.approx(51 / 127, abs=4 / 127)
    assert np.isfinite(dial(rig, 0))
