import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.midi.codec.control import Control, ControlEvent
from server.midi.codec.decoder import Decoder
from tests.server.midi.senders import ORDERS, cc, spell
from tests.server.midi.strategies import controls


@st.composite
def moves(draw):
    control = draw(controls())
    raw = draw(st.integers(1 if control.kind == "note" else 0, control.top))
    return control, 127 if control.kind == "program" else raw


def heard(decoder, messages):
    """The last raw value of each control."""
    return {event.control: event.raw for message in messages for event in decoder.feed(message)}


@given(st.lists(moves(), min_size=1, max_size=20), st.sampled_from(ORDERS[:2]))
def test_every_control_round_trips_whatever_came_before(sequence, order):
    decoder = Decoder()
    for control, raw in sequence:
        messages = spell(control, raw, order)
        if control.kind in ("cc", "cc14"):
            messages = [cc(control.channel, 99, 127), cc(control.channel, 98, 127), *messages]
        assert heard(decoder, messages)[control] == raw


@given(st.lists(st.integers(0, 127), min_size=1, max_size=20), st.sampled_from(["cc14", "nrpn"]))
def test_who_sends_only_the_coarse_half_reaches_both_ends(values, kind):
    decoder, control = Decoder(), Control(kind, 1, 5)
    for value in [*values, 0, 127]:
        position = control.position(heard(decoder, spell(control, value << 7, "coarse only"))[control])
        assert position == pytest.approx(value / 127, abs=1e-4)


@given(moves(), st.sampled_from(ORDERS))
def test_bytes_with_running_status_say_the_same(move, order):
    control, raw = move
    messages = spell(control, raw, order)
    decoder, status, said = Decoder(), None, {}
    for message in messages:
        data = bytes(message.bytes())
        moves = decoder.read(data if data[0] != status else data[1:])
        said |= {event.control: event.raw for event in moves}
        status = data[0]
    assert said == heard(Decoder(), messages)


@given(controls(("nrpn",)), st.lists(st.sampled_from([96, 97]), max_size=30), st.integers(0, 16_383))
def test_nrpn_steps_stay_in_range_and_go_one_by_one(control, steps, start):
    decoder = Decoder()
    at = heard(decoder, spell(control, start))[control]
    for number in steps:
        at = min(max(at + (1 if number == 96 else -1), 0), 16_383)
        assert heard(decoder, [cc(control.channel, number, 0)])[control] == at


def test_channels_and_registered_parameters_are_kept_apart():
    decoder = Decoder()
    decoder.feed(cc(1, 99, 1)), decoder.feed(cc(1, 98, 2))
    assert [m.control.kind for m in decoder.feed(cc(2, 6, 9))] == ["cc", "cc14"]
    assert [m.control for m in decoder.feed(cc(1, 6, 9))] == [Control("nrpn", 1, 130)]
    decoder.feed(cc(1, 101, 0)), decoder.feed(cc(1, 100, 0))  # the bend range is chosen instead
    assert all(m.control.kind != "nrpn" for m in decoder.feed(cc(1, 6, 9)))


@given(st.integers(0, 127), st.integers(120, 127), st.integers(0, 127))
def test_what_is_no_control_moves_nothing(note, mode, value):
    decoder = Decoder()
    for message in (cc(1, mode, value), mido.Message("clock")):
        assert decoder.feed(message) == []
    for off in (mido.Message("note_on", note=note, velocity=0), mido.Message("note_off", note=note)):
        assert decoder.feed(off) == [ControlEvent(Control("note", 1, note), 0)]
    assert decoder.feed(mido.Message("sysex", data=(1, 2, 3))) == []


@given(controls(), st.data())
def test_a_position_and_its_raw_value_undo_each_other(control, data):
    raw = data.draw(st.integers(0, control.top))
    position = control.position(raw)
    assert 0.0 <= position <= 1.0 and control.raw(position) == raw


def test_a_bend_at_rest_stands_in_the_middle():
    bend = Control("pitch", 1)
    assert [bend.position(raw) for raw in (0, 8192, 16_383)] == [0.0, 0.5, 1.0]


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_any_bytes_are_read_or_refused(chunks):
    decoder = Decoder()
    for data in chunks:
        try:
            moves = decoder.read(data)
        except ValueError:
            continue
        for event in moves:
            assert 0 <= event.raw <= event.control.top
            assert 1 <= event.control.channel <= 16
            assert 0 <= event.control.number <= 16_383


@pytest.mark.parametrize("data", [b"", b"\xb0", b"\xb0\x07", b"\x07\x40", b"\xb0\x80\x00", b"\xf0\x01"])
def test_a_message_cut_short_is_refused_and_the_next_is_read(data):
    decoder = Decoder()
    with pytest.raises(ValueError):
        decoder.read(data)
    assert decoder.read(b"\xb0\x40\x05") == [ControlEvent(Control("cc", 1, 64), 5)]
