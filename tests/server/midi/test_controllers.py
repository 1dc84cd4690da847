import numpy as np
import pytest

from server.midi.bindings.binding import Binding
from server.midi.codec.control import Control
from server.midi.codec.relative import encode_step
from server.midi.profiles.profile import Profile, profile_path, read_profile, write_profile
from tests.server.midi.senders import cc, spell
from tests.support.live import MY_PORT, Rig, only

NANO = "nano"


def plug(rig, *bindings, device=NANO):
    write_profile(rig.controllers.folder, Profile(device=device, bindings=bindings))
    rig.controllers.connected(device)
    rig.turn()


def touch(rig, *messages, device=NANO):
    for message in messages:
        rig.controllers.hear(device, bytes(message.bytes()))
    return rig.turn().get(MY_PORT, [])


def said(messages):
    return [m[1] for m in messages if m[0] == "/flow/status"]


def dial(rig, k):
    return rig.instrument.dials[k]


def bound(k, number=20, **options):
    return Binding(control=Control("cc", 1, number), macro=k, **options)


def test_a_knob_turns_its_macro_and_everybody_is_told(rig):
    plug(rig, bound(0, takeover="jump"))
    sent = touch(rig, cc(1, 20, 127))
    assert [m[0] for m in sent] == ["/flow/params", "/flow/macros"]
    assert only(sent, "/flow/macros")[0] == pytest.approx(1.0) and dial(rig, 0) == pytest.approx(1.0)


def test_a_burst_is_one_frame_with_the_newest(rig):
    plug(rig, bound(0, takeover="jump"), bound(1, 21, takeover="jump"))
    sent = touch(rig, *[cc(1, 20 + j % 2, j % 128) for j in range(1000)])
    assert [m[0] for m in sent] == ["/flow/params", "/flow/macros"]
    assert rig.instrument.dials[:2] == pytest.approx([998 % 128 / 127, 999 % 128 / 127])


def test_one_control_moves_several_macros_and_several_one(rig):
    plug(rig, bound(0, takeover="jump"), bound(1, takeover="jump"), bound(1, 21, takeover="jump"))
    touch(rig, cc(1, 20, 127))
    assert rig.instrument.dials[:2] == pytest.approx([1, 1])
    touch(rig, cc(1, 21, 0))
    assert rig.instrument.dials[:2] == pytest.approx([1, 0], abs=1e-6)


def test_nothing_jumps_after_a_preset(rig):
    plug(rig, bound(0))
    touch(rig, *[cc(1, 20, v) for v in (*range(128), *range(126, 40, -1))])
    assert dial(rig, 0) == pytest.approx(41 / 127)
    rig.send("/flow/macro", 0, 0.9)  # as a preset, a sketch or another hand would
    touch(rig, cc(1, 20, 42))
    assert dial(rig, 0) == pytest.approx(0.9)
    steps = [dial(rig, 0)]
    for value in range(43, 128):
        touch(rig, cc(1, 20, value))
        steps.append(dial(rig, 0))
    assert np.abs(np.diff(steps)).max() < 2 / 127 and steps[-1] == pytest.approx(1.0)


def test_values_of_the_same_turn_are_known_to_takeover(rig):
    plug(rig, bound(0))
    rig.put("/flow/macro", 0, 0.5)
    rig.controllers.hear(NANO, bytes(cc(1, 20, 64).bytes()))  # within reach of 0.5
    rig.turn()
    assert dial(rig, 0) == pytest.approx(64 / 127)


def test_an_encoder_goes_on_from_wherever_the_macro_is(rig):
    plug(rig, bound(0, sends="twos"))
    rig.send("/flow/macro", 0, 0.5)
    touch(rig, *[cc(1, 20, encode_step("twos", 1))] * 10)
    assert dial(rig, 0) == pytest.approx(0.5 + 10 / 127)


def test_any_channel_is_for_controllers_of_many(rig):
    plug(rig, Binding(control=Control("pressure"), macro=0, takeover="jump"))
    for channel, value in ((2, 30), (15, 90)):
        touch(rig, *spell(Control("pressure", channel), value))
        assert dial(rig, 0) == pytest.approx(value / 127)


def test_notes_and_programs_load_presets(rig):
    pad = Binding(control=Control("note", 1, 36), preset="Pad 2")
    none = Binding(control=Control("program", 1, 3), preset="no such thing")
    plug(rig, pad, none)
    sent = touch(rig, *spell(pad.control, 100))
    assert [m[0] for m in sent][:3] == ["/flow/params", "/flow/macros", "/flow/latent"]
    assert np.allclose(rig.instrument.latent, rig.instrument.model.presets.latents[2], atol=1e-6)
    (text,) = said(touch(rig, *spell(none.control, 127)))
    assert "no preset 'no such thing'" in text


def show(rig, *messages, device=NANO):
    """Move something, stop, and give the words that come."""
    texts = said(touch(rig, *messages, device=device))
    rig.now += 1.0
    return texts + said(rig.turn().get(MY_PORT, []))


def learn(rig, k, *messages, device=NANO):
    (told,) = said(rig.send("/flow/learn", k)[MY_PORT])
    assert f"macro {k}" in told
    return show(rig, *messages, device=device)


SWEEP = range(0, 128, 3)
LEARNED = {
    Control("cc", 3, 21): ([m for v in SWEEP for m in spell(Control("cc", 3, 21), v)], "CC 21"),
    Control("cc14", 1, 7): (
        [m for v in range(0, 16_384, 517) for m in spell(Control("cc14", 1, 7), v)], "14 bits"
    ),
    Control("nrpn", 1, 1000): (
        [m for v in range(0, 16_384, 517) for m in spell(Control("nrpn", 1, 1000), v)], "NRPN 1000"
    ),
    Control("pitch", 1): (
        [m for v in range(8_192, 16_384, 517) for m in spell(Control("pitch", 1), v)], "pitch bend"
    ),
    Control("pressure", 16): ([m for v in SWEEP for m in spell(Control("pressure", 16), v)], "pressure"),
    Control("poly", 1, 60): ([m for v in SWEEP for m in spell(Control("poly", 1, 60), v)], "note 60"),
}  # fmt: skip


@pytest.mark.parametrize("control", LEARNED, ids=lambda c: c.kind)
def test_each_kind_of_control_is_learned_kept_and_played(rig, control):
    plug(rig)
    messages, word = LEARNED[control]
    (text,) = learn(rig, 2, *messages)
    assert "macro 2 'Macro 2' follows" in text and word in text and NANO in text
    assert read_profile(rig.controllers.folder, NANO).bindings == (Binding(control=control, macro=2),)
    touch(rig, *spell(control, 0), *[m for v in (control.top // 2, control.top) for m in spell(control, v)])
    assert dial(rig, 2) == pytest.approx(1.0)


@pytest.mark.parametrize("sends", ["twos", "offset", "sign"])
def test_an_encoder_is_learned_by_turning_it_both_ways(rig, sends):
    plug(rig)
    up, down = ([cc(1, 20, encode_step(sends, by))] * 8 for by in (1, -1))
    texts = learn(rig, 1, *(up if sends != "sign" else down))
    assert texts == ["that is an endless encoder; turn it the other way as well"]
    (text,) = show(rig, *up, *down)
    assert f"endless encoder ({sends})" in text


@pytest.mark.parametrize("kind", ["pressure", "pitch", "cc"])
def test_what_comes_on_several_channels_is_learned_on_any(rig, kind):
    """An MPE controller: two fingers, each with a channel of its own."""
    plug(rig)
    fingers = [Control(kind, channel, 74 if kind == "cc" else 0) for channel in (2, 3)]
    top = fingers[0].top
    moves = [m for v in range(0, top, top // 30) for finger in fingers for m in spell(finger, v)]
    (text,) = learn(rig, 0, *moves)
    assert "on channel" not in text
    (binding,) = read_profile(rig.controllers.folder, NANO).bindings
    assert binding.control == fingers[0].on_any_channel()


def test_jitter_is_not_learned(rig):
    plug(rig)
    assert learn(rig, 0, *[cc(1, 9, 60 + j % 2) for j in range(30)]) == []
    (text,) = show(rig, *[cc(1, 20, v) for v in SWEEP], *[cc(1, 9, 60 + j % 2) for j in range(30)])
    assert "CC 20" in text


def test_learning_gives_up_in_words(rig):
    plug(rig)
    assert learn(rig, 0) == []
    rig.now += 61.0
    assert "waited a minute" in said(rig.turn()[MY_PORT])[0]
    assert not rig.controllers.waiting


def test_unlearning(rig):
    plug(rig, bound(0, takeover="jump"), bound(1, takeover="jump"))
    (text,) = said(rig.send("/flow/unlearn", 0)[MY_PORT])
    assert "no longer follows CC 20 on channel 1 of nano" in text
    before = dial(rig, 0)
    touch(rig, cc(1, 20, 127))
    assert dial(rig, 0) == pytest.approx(before) and dial(rig, 1) == pytest.approx(1.0)
    assert len(read_profile(rig.controllers.folder, NANO).bindings) == 1
    assert "nothing moves macro 0" in only(rig.send("/flow/unlearn", 0)[MY_PORT], "/flow/error")[1]


def test_a_control_learned_twice_says_so_and_keeps_both(rig):
    plug(rig, bound(0))
    (text,) = learn(rig, 3, *[cc(1, 20, v) for v in SWEEP])
    assert "it moves macro 0 as well" in text
    assert [b.macro for b in read_profile(rig.controllers.folder, NANO).bindings] == [0, 3]


def test_two_controllers_with_the_same_control(rig):
    plug(rig, bound(0, takeover="jump"))
    plug(rig, bound(1, takeover="jump"), device="other")
    before = dial(rig, 1)
    touch(rig, cc(1, 20, 127))
    assert (dial(rig, 0), dial(rig, 1)) == pytest.approx((1.0, before))
    touch(rig, cc(1, 20, 0), device="other")
    assert (dial(rig, 0), dial(rig, 1)) == pytest.approx((1.0, 0.0), abs=1e-6)


def test_a_port_that_vanishes_in_mid_message_leaves_the_rest(rig):
    plug(rig, bound(0, takeover="jump"))
    plug(rig, bound(1, takeover="jump"), device="other")
    rig.controllers.hear(NANO, b"\xb0\x14")
    rig.controllers.gone(NANO)
    rig.controllers.hear(NANO, b"\xb0\x14\x7f")  # came late
    sent = touch(rig, cc(1, 20, 127), device="other")
    assert "nano is unplugged" in said(sent)[0] and rig.controllers.n_damaged == 1
    assert dial(rig, 1) == pytest.approx(1.0)
    rig.controllers.connected(NANO)
    assert "1 control bound" in said(rig.turn()[MY_PORT])[0]
    touch(rig, cc(1, 20, 127))
    assert dial(rig, 0) == pytest.approx(1.0)


def test_a_typo_is_told_and_what_is_learned_is_not_lost_with_it(rig):
    folder = rig.controllers.folder
    plug(rig, bound(0, takeover="jump"), bound(1, 21, takeover="jump"))
    path = profile_path(folder, NANO)
    path.write_text(path.read_text().replace("macro: 0", "makro: 0"))
    text = path.read_text()
    rig.controllers.connected(NANO)
    texts = said(rig.turn()[MY_PORT])
    assert "1 control bound" in texts[0] and f"{path}:" in texts[1] and "makro" in texts[1]
    touch(rig, cc(1, 21, 127))
    assert dial(rig, 1) == pytest.approx(1.0)
    texts = learn(rig, 2, *[cc(1, 22, v) for v in SWEEP])
    assert "follows CC 22" in texts[0] and "makro" in texts[-1] and "Until then" in texts[-1]
    assert path.read_text() == text


def test_rubbish_moves_nothing(rig):
    plug(rig, bound(0))
    before = rig.instrument.latent.copy()
    for data in (b"", b"\xb0", b"\xff\xff\xff", b"\xf0" + bytes(60_000), b"\x14", b"\xb0\xff\x00", bytes(9)):
        rig.controllers.hear(NANO, data)
        rig.controllers.hear("never plugged in", data)
    assert rig.turn() == {} and np.array_equal(before, rig.instrument.latent)


def test_a_binding_of_a_bigger_model_waits(rig):
    plug(rig, bound(40, takeover="jump"), bound(0, takeover="jump"))
    touch(rig, cc(1, 20, 127))
    assert dial(rig, 0) == pytest.approx(1.0)


def test_without_midi_learning_says_how(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    for address in ("/flow/learn", "/flow/unlearn"):
        rig.hello()
        assert "--midi" in only(rig.send(address, 0)[MY_PORT], "/flow/error")[1]
