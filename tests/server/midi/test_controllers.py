import numpy as np
import pytest

from server.midi.bindings.binding import Binding
from server.midi.codec.control import Control
from tests.server.midi.playing import NANO, dial, knob, move, plug_in, status_texts
from tests.server.midi.senders import cc, encode_step, spell
from tests.support.live import MY_PORT, only


def test_a_knob_turns_its_macro_and_everybody_is_told(rig):
    plug_in(rig, knob(0, takeover="jump"))
    sent = move(rig, cc(1, 20, 127))
    assert [m[0] for m in sent] == ["/flow/params", "/flow/macros"]
    assert only(sent, "/flow/macros")[0] == pytest.approx(1.0) and dial(rig, 0) == pytest.approx(1.0)


def test_a_burst_is_one_frame_with_the_newest(rig):
    plug_in(rig, knob(0, takeover="jump"), knob(1, 21, takeover="jump"))
    sent = move(rig, *[cc(1, 20 + j % 2, j % 128) for j in range(1000)])
    assert [m[0] for m in sent] == ["/flow/params", "/flow/macros"]
    assert rig.instrument.dials[:2] == pytest.approx([998 % 128 / 127, 999 % 128 / 127])


def test_one_control_moves_several_macros_and_several_one(rig):
    plug_in(rig, knob(0, takeover="jump"), knob(1, takeover="jump"), knob(1, 21, takeover="jump"))
    move(rig, cc(1, 20, 127))
    assert rig.instrument.dials[:2] == pytest.approx([1, 1])
    move(rig, cc(1, 21, 0))
    assert rig.instrument.dials[:2] == pytest.approx([1, 0], abs=1e-6)


def test_nothing_jumps_after_a_preset(rig):
    plug_in(rig, knob(0))
    move(rig, *[cc(1, 20, v) for v in (*range(128), *range(126, 40, -1))])
    assert dial(rig, 0) == pytest.approx(41 / 127)
    rig.send("/flow/macro", 0, 0.9)  # as a preset, a sketch or another hand would
    move(rig, cc(1, 20, 42))
    assert dial(rig, 0) == pytest.approx(0.9)
    steps = [dial(rig, 0)]
    for value in range(43, 128):
        move(rig, cc(1, 20, value))
        steps.append(dial(rig, 0))
    assert np.abs(np.diff(steps)).max() < 2 / 127 and steps[-1] == pytest.approx(1.0)


def test_values_of_the_same_turn_are_known_to_takeover(rig):
    plug_in(rig, knob(0))
    rig.put("/flow/macro", 0, 0.5)
    rig.controllers.inbox.received(NANO, bytes(cc(1, 20, 64).bytes()))  # within reach of 0.5
    rig.turn()
    assert dial(rig, 0) == pytest.approx(64 / 127)


def test_an_encoder_goes_on_from_wherever_the_macro_is(rig):
    plug_in(rig, knob(0, sends="twos"))
    rig.send("/flow/macro", 0, 0.5)
    move(rig, *[cc(1, 20, encode_step("twos", 1))] * 10)
    assert dial(rig, 0) == pytest.approx(0.5 + 10 / 127)


def test_any_channel_is_for_controllers_of_many(rig):
    plug_in(rig, Binding(control=Control("pressure"), macro=0, takeover="jump"))
    for channel, value in ((2, 30), (15, 90)):
        move(rig, *spell(Control("pressure", channel), value))
        assert dial(rig, 0) == pytest.approx(value / 127)


def test_notes_and_programs_load_presets(rig):
    pad = Binding(control=Control("note", 1, 36), preset="Pad 2")
    none = Binding(control=Control("program", 1, 3), preset="no such thing")
    plug_in(rig, pad, none)
    sent = move(rig, *spell(pad.control, 100))
    assert [m[0] for m in sent][:3] == ["/flow/params", "/flow/macros", "/flow/latent"]
    assert np.allclose(rig.instrument.latent, rig.instrument.model.presets.latents[2], atol=1e-6)
    (text,) = status_texts(move(rig, *spell(none.control, 127)))
    assert "no preset 'no such thing'" in text


def test_two_controllers_with_the_same_control(rig):
    plug_in(rig, knob(0, takeover="jump"))
    plug_in(rig, knob(1, takeover="jump"), device="other")
    before = dial(rig, 1)
    move(rig, cc(1, 20, 127))
    assert (dial(rig, 0), dial(rig, 1)) == pytest.approx((1.0, before))
    move(rig, cc(1, 20, 0), device="other")
    assert (dial(rig, 0), dial(rig, 1)) == pytest.approx((1.0, 0.0), abs=1e-6)


def test_a_port_that_vanishes_in_mid_message_leaves_the_rest(rig):
    plug_in(rig, knob(0, takeover="jump"))
    plug_in(rig, knob(1, takeover="jump"), device="other")
    rig.controllers.inbox.received(NANO, b"\xb0\x14")
    rig.controllers.inbox.unplugged(NANO)
    rig.controllers.inbox.received(NANO, b"\xb0\x14\x7f")  # came late
    sent = move(rig, cc(1, 20, 127), device="other")
    assert "nano is unplugged" in status_texts(sent)[0] and rig.controllers.playing.n_damaged == 1
    assert dial(rig, 1) == pytest.approx(1.0)
    rig.controllers.inbox.plugged_in(NANO)
    assert "1 control bound" in status_texts(rig.turn()[MY_PORT])[0]
    move(rig, cc(1, 20, 127))
    assert dial(rig, 0) == pytest.approx(1.0)


def test_rubbish_moves_nothing(rig):
    plug_in(rig, knob(0))
    before = rig.instrument.latent.copy()
    for data in (b"", b"\xb0", b"\xff\xff\xff", b"\xf0" + bytes(60_000), b"\x14", b"\xb0\xff\x00", bytes(9)):
        rig.controllers.inbox.received(NANO, data)
        rig.controllers.inbox.received("never plugged in", data)
    assert rig.turn() == {} and np.array_equal(before, rig.instrument.latent)


def test_a_binding_of_a_bigger_model_waits(rig):
    plug_in(rig, knob(40, takeover="jump"), knob(0, takeover="jump"))
    move(rig, cc(1, 20, 127))
    assert dial(rig, 0) == pytest.approx(1.0)
