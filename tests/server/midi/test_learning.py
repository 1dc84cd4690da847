"""Learning controls by touch, keeping them, and unlearning them."""

import pytest

from server.midi.bindings.binding import Binding
from server.midi.codec.control import Control
from server.midi.profiles.profile import profile_path, read_profile
from tests.server.midi.playing import NANO, dial, knob, move, plug_in, status_texts
from tests.server.midi.senders import cc, encode_step, spell
from tests.support.live import MY_PORT, Rig, only


def stop(rig, *messages, device=NANO):
    """Move something, stop, and return the statuses that come."""
    texts = status_texts(move(rig, *messages, device=device))
    rig.now += 1.0
    return texts + status_texts(rig.turn().get(MY_PORT, []))


def test_clients_are_told_whether_anything_can_be_learned(rig, tiny, tmp_path):
    assert only(rig.send("/flow/can")[MY_PORT], "/flow/can") == ("learn", 1, "")
    without = Rig(tiny, tmp_path / "another")
    without.hello()
    what, can, text = only(without.send("/flow/can")[MY_PORT], "/flow/can")
    assert (what, can) == ("learn", 0) and "--midi" in text


def learn(rig, k, *messages, device=NANO):
    (told,) = status_texts(rig.send("/flow/learn", k)[MY_PORT])
    assert f"macro {k}" in told
    return stop(rig, *messages, device=device)


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
    plug_in(rig)
    messages, word = LEARNED[control]
    (text,) = learn(rig, 2, *messages)
    assert "macro 2 'Macro 2' follows" in text and word in text and NANO in text
    assert read_profile(rig.profiles, NANO).bindings == (Binding(control=control, macro=2),)
    move(rig, *spell(control, 0), *[m for v in (control.top // 2, control.top) for m in spell(control, v)])
    assert dial(rig, 2) == pytest.approx(1.0)


@pytest.mark.parametrize("sends", ["twos", "offset", "sign"])
def test_an_encoder_is_learned_by_turning_it_both_ways(rig, sends):
    plug_in(rig)
    up, down = ([cc(1, 20, encode_step(sends, by))] * 8 for by in (1, -1))
    texts = learn(rig, 1, *(up if sends != "sign" else down))
    assert texts == ["this is an endless encoder; turn it the other way too"]
    (text,) = stop(rig, *up, *down)
    assert f"endless encoder ({sends})" in text


@pytest.mark.parametrize("kind", ["pressure", "pitch", "cc"])
def test_what_comes_on_several_channels_is_learned_on_any(rig, kind):
    """An MPE controller: two fingers, each with a channel of its own."""
    plug_in(rig)
    fingers = [Control(kind, channel, 74 if kind == "cc" else 0) for channel in (2, 3)]
    top = fingers[0].top
    moves = [m for v in range(0, top, top // 30) for finger in fingers for m in spell(finger, v)]
    (text,) = learn(rig, 0, *moves)
    assert "on channel" not in text
    (binding,) = read_profile(rig.profiles, NANO).bindings
    assert binding.control == fingers[0].on_any_channel()


def test_jitter_is_not_learned(rig):
    plug_in(rig)
    assert learn(rig, 0, *[cc(1, 9, 60 + j % 2) for j in range(30)]) == []
    (text,) = stop(rig, *[cc(1, 20, v) for v in SWEEP], *[cc(1, 9, 60 + j % 2) for j in range(30)])
    assert "CC 20" in text


def test_learning_gives_up_in_words(rig):
    plug_in(rig)
    assert learn(rig, 0) == []
    rig.now += 61.0
    assert "waited a minute" in status_texts(rig.turn()[MY_PORT])[0]
    assert not rig.controllers.waiting


def test_unlearning(rig):
    plug_in(rig, knob(0, takeover="jump"), knob(1, takeover="jump"))
    (text,) = status_texts(rig.send("/flow/unlearn", 0)[MY_PORT])
    assert "no longer follows CC 20 on channel 1 of nano" in text
    before = dial(rig, 0)
    move(rig, cc(1, 20, 127))
    assert dial(rig, 0) == pytest.approx(before) and dial(rig, 1) == pytest.approx(1.0)
    assert len(read_profile(rig.profiles, NANO).bindings) == 1
    assert "no control moves macro 0" in only(rig.send("/flow/unlearn", 0)[MY_PORT], "/flow/error")[1]


def test_a_control_learned_twice_says_so_and_keeps_both(rig):
    plug_in(rig, knob(0))
    (text,) = learn(rig, 3, *[cc(1, 20, v) for v in SWEEP])
    assert "it also moves macro 0" in text
    assert [b.macro for b in read_profile(rig.profiles, NANO).bindings] == [0, 3]


def test_a_typo_is_told_and_what_is_learned_is_not_lost_with_it(rig):
    folder = rig.profiles
    plug_in(rig, knob(0, takeover="jump"), knob(1, 21, takeover="jump"))
    path = profile_path(folder, NANO)
    path.write_text(path.read_text().replace("macro: 0", "makro: 0"))
    text = path.read_text()
    rig.controllers.inbox.plugged_in(NANO)
    texts = status_texts(rig.turn()[MY_PORT])
    assert "1 control bound" in texts[0] and f"{path}:" in texts[1] and "makro" in texts[1]
    move(rig, cc(1, 21, 127))
    assert dial(rig, 1) == pytest.approx(1.0)
    texts = learn(rig, 2, *[cc(1, 22, v) for v in SWEEP])
    assert "follows CC 22" in texts[0] and "makro" in texts[-1] and "Until then" in texts[-1]
    assert path.read_text() == text


def test_without_midi_learning_says_how(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    for address in ("/flow/learn", "/flow/unlearn"):
        rig.hello()
        assert "--midi" in only(rig.send(address, 0)[MY_PORT], "/flow/error")[1]
