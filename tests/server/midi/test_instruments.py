"""Controls of several instruments: bound to one by identity or name, or to whichever has the focus."""

import numpy as np
import pytest

from server.midi.bindings.binding import Binding
from server.midi.codec.control import Control
from server.midi.learning.learn_mode import LearnMode
from server.midi.profiles.profile import read_profile
from tests.server.midi.playing import NANO, knob, plug_in
from tests.server.midi.senders import cc, spell
from tests.server.players import PANEL, PANEL_PORT, Device, panel
from tests.support.live import Rig, only


@pytest.fixture
def rig(tiny, tmp_path):
    return Rig(tiny, tmp_path, midi=True)


@pytest.fixture
def two(rig):
    """Two devices, on tracks called Track 0 and Track 1; the first has the focus."""
    panel(rig)
    return Device(rig, 0), Device(rig, 1)


def move(rig, *messages):
    for message in messages:
        rig.controllers.inbox.received(NANO, bytes(message.bytes()))
    return rig.turn()


def focus(rig, device):
    return rig.send("/flow/focus", device.identity, sender=PANEL)


def rename(rig, device, name, nonce=None):
    nonce = device.k if nonce is None else nonce
    values = (nonce, device.port, 2, "device", name, device.identity)
    return rig.send("/flow/hello", *values, sender=device.sender)


def dial(device, k=0):
    return device.instrument.dials[k]


def statuses(sent):
    return [m[1] for m in sent.get(PANEL_PORT, []) if m[0] == "/flow/status"]


def bindings(rig):
    sent = rig.send("/flow/bindings", sender=PANEL)[PANEL_PORT]
    return [m[1:] for m in sent if m[0] == "/flow/binding"]


def test_a_binding_follows_the_focus(rig, two):
    a, b = two
    plug_in(rig, knob(0, takeover="jump"))
    move(rig, cc(1, 20, 127))
    focus(rig, b)
    move(rig, cc(1, 20, 13))
    assert (dial(a), dial(b)) == pytest.approx((1.0, 13 / 127))


@pytest.mark.parametrize("called", ["id-1", "Track 1"])
def test_a_binding_that_names_an_instrument_moves_that(rig, two, called):
    a, b = two
    before = a.instrument.latent.copy()
    plug_in(rig, knob(0, takeover="jump", instrument=called))
    sent = move(rig, cc(1, 20, 127))
    assert dial(b) == pytest.approx(1.0) and np.array_equal(a.instrument.latent, before)
    assert [m[0] for m in sent[b.port]] == ["/flow/params", "/flow/macros"] and a.port not in sent
    focus(rig, b)
    move(rig, cc(1, 20, 0))
    assert dial(b) == pytest.approx(0.0, abs=1e-6) and np.array_equal(a.instrument.latent, before)


def test_places_and_presets_of_a_named_instrument(rig, two):
    a, b = two
    before = a.instrument.latent.copy()
    pad, x = Control("note", 1, 36), Control("cc", 1, 12)
    plug_in(
        rig,
        Binding(control=pad, preset="Pad 2", instrument="Track 1"),
        Binding(control=x, axis="x", takeover="jump", instrument="Track 1"),
    )
    move(rig, *spell(pad, 100))
    assert np.allclose(b.instrument.latent, b.instrument.model.presets.latents[2], atol=1e-6)
    move(rig, *spell(x, 127))
    assert b.instrument.place[0] == pytest.approx(1.0)
    assert np.array_equal(a.instrument.latent, before)


def test_one_knob_of_the_focus_and_of_an_instrument_counts_one_hand(rig, two):
    """Both bindings are of the same macro: what the first did, the second knows in the same turn."""
    a, _ = two
    plug_in(rig, knob(0), knob(0, 21, instrument="Track 0"))
    rig.send("/flow/macro", 0, 0.5, sender=a.sender)
    for number in (20, 21):
        rig.controllers.inbox.received(NANO, bytes(cc(1, number, 64).bytes()))
    rig.controllers.inbox.received(NANO, bytes(cc(1, 20, 70).bytes()))
    rig.controllers.inbox.received(NANO, bytes(cc(1, 21, 66).bytes()))  # the other hand has moved it away
    rig.turn()
    assert dial(a) == pytest.approx(70 / 127)


def test_nothing_jumps_when_the_focus_moves(rig, two):
    a, b = two
    plug_in(rig, knob(0))
    move(rig, *[cc(1, 20, v) for v in range(128)])
    assert dial(a) == pytest.approx(1.0)
    b.send("/flow/macro", 0, 0.3)
    focus(rig, b)
    steps = [dial(b)]
    for value in range(126, 0, -1):
        move(rig, cc(1, 20, value))
        steps.append(dial(b))
    assert np.abs(np.diff(steps)).max() < 2 / 127 and dial(a) == pytest.approx(1.0)
    assert steps[-1] == pytest.approx(1 / 127)


def test_the_name_of_a_track_may_change(rig, two):
    _, b = two
    plug_in(rig, knob(0, takeover="jump", instrument="Track 1"))
    rename(rig, b, "Lead")
    move(rig, cc(1, 20, 127))
    assert dial(b) == pytest.approx(1.0)
    c = Device(rig, 2)
    rename(rig, c, "Track 1")  # the name is another's now, but the first has not gone
    before = dial(c)
    move(rig, cc(1, 20, 0))
    assert dial(b) == pytest.approx(0.0, abs=1e-6) and dial(c) == before
    b.send("/flow/bye", 1)  # another Set, in which another track has the name
    move(rig, cc(1, 20, 127))
    assert dial(c) == pytest.approx(1.0) and dial(b) == pytest.approx(0.0, abs=1e-6)


def test_an_instrument_without_a_client_is_moved_until_it_comes_back(rig, two):
    _, b = two
    plug_in(rig, knob(0, takeover="jump", instrument="Track 1"))
    b.send("/flow/bye", 1)
    move(rig, cc(1, 20, 127))
    b.hello(nonce=9)
    assert dial(b) == pytest.approx(1.0)


@pytest.mark.parametrize("takeover", ["pickup", "scale", "jump"])
def test_a_control_whose_instrument_is_not_there_rests_and_says_so_once(rig, two, takeover):
    a, _ = two
    before = a.instrument.latent.copy()
    plug_in(rig, knob(0, takeover=takeover, instrument="Track 2"))
    ((*_, value, engaged, instrument),) = bindings(rig)
    assert (value, engaged, instrument) == (-1.0, 0, "Track 2")
    texts = statuses(move(rig, *[cc(1, 20, v) for v in range(100)]))
    assert len(texts) == 1 and "moves 'Track 2', which is not there" in texts[0]
    assert statuses(move(rig, cc(1, 20, 101))) == []
    assert np.array_equal(a.instrument.latent, before)
    ((*_, value, _, _),) = bindings(rig)
    assert value == pytest.approx(101 / 127, abs=1e-3)
    c = Device(rig, 2)  # it comes: nothing jumps, and the knob's position is known
    ((*_, engaged, instrument),) = bindings(rig)
    assert engaged == (takeover == "jump") and instrument == c.identity
    at = dial(c)
    if takeover != "jump":
        steps = [at]
        for raw in range(100, 0, -1):
            move(rig, cc(1, 20, raw))
            steps.append(dial(c))
        assert np.abs(np.diff(steps)).max() < 4.1 / 127 and steps[-1] < 0.05
    else:
        move(rig, cc(1, 20, 127))
        assert dial(c) == pytest.approx(1.0)


def test_a_key_whose_instrument_is_not_there_says_so(rig, two):
    pad = Control("note", 1, 36)
    plug_in(rig, Binding(control=pad, preset="Pad 2", instrument="Drums"))
    assert "'Drums', which is not there" in statuses(move(rig, *spell(pad, 100)))[0]


def learn(rig, *arguments, number=20):
    """Learn CC 20 for a macro; the texts that everybody was told."""
    rig.send("/flow/learn", *arguments, sender=PANEL)
    texts = statuses(move(rig, *[cc(1, number, v) for v in range(0, 128, 3)]))
    rig.now += 1.0
    return texts + statuses(rig.turn())


@pytest.mark.parametrize("called", ["id-1", "Track 1"])
def test_a_control_is_learned_for_an_instrument_and_kept_by_its_identity(rig, two, called):
    a, b = two
    plug_in(rig)
    (text,) = learn(rig, 2, called)
    assert "macro 2 'Macro 2' of 'Track 1' follows CC 20" in text
    (binding,) = read_profile(rig.profiles, NANO).bindings
    assert (binding.macro, binding.instrument) == (2, "id-1")
    before = dial(a, 2)
    move(rig, cc(1, 20, 0), *[cc(1, 20, v) for v in range(128)])
    assert dial(b, 2) == pytest.approx(1.0) and dial(a, 2) == before


def test_learning_for_the_focus_and_for_an_instrument_keeps_both(rig, two):
    plug_in(rig)
    learn(rig, 2)
    texts = learn(rig, 2, "id-1")
    assert "it also moves macro 2" in texts[-1]
    assert [b.instrument for b in read_profile(rig.profiles, NANO).bindings] == ["", "id-1"]
    learn(rig, 2, "id-1")
    assert [b.instrument for b in read_profile(rig.profiles, NANO).bindings] == ["", "id-1"]


def test_learning_for_nobody_is_refused(rig, two):
    plug_in(rig)
    sent = rig.send("/flow/learn", 2, "nobody", sender=PANEL)[PANEL_PORT]
    assert "no instrument 'nobody'" in only(sent, "/flow/error")[1] and not rig.controllers.waiting


def test_which_macro_learns_is_said(rig, two):
    a, b = two
    plug_in(rig)
    sent = rig.send("/flow/learn", 2, "Track 1", sender=PANEL)
    for port in (PANEL_PORT, a.port, b.port):
        assert only(sent[port], "/flow/learning") == (2, "id-1")
    sent = rig.send("/flow/learn", 3, sender=PANEL)
    assert only(sent[a.port], "/flow/learning") == (3, "")
    later = rig.send("/flow/hello", 1, 54_000, 2, "script", "late", "", sender=("127.0.0.1", 53_999))
    assert only(later[54_000], "/flow/learning") == (3, "")
    sent = rig.send("/flow/unlearn", 3, sender=PANEL)
    rest = rig.turn()
    assert [m for m in (*sent[a.port], *rest.get(a.port, [])) if m[0] == "/flow/learning"] == [
        ("/flow/learning", -1, "")
    ]


@pytest.mark.parametrize("end", ["learned", "given up"])
def test_that_no_macro_learns_any_more_is_said(rig, two, end):
    a, _ = two
    plug_in(rig)
    rig.send("/flow/learn", 7, sender=PANEL)
    if end == "learned":
        move(rig, *[cc(1, 20, v) for v in range(0, 128, 3)])
        rig.now += 1.0
    else:
        rig.turn()
        rig.now += 61.0
    assert only(rig.turn()[a.port], "/flow/learning") == (-1, "")


def test_a_macro_that_another_model_lacks_learns_no_more():
    mode = LearnMode()
    mode.start(7)
    assert "has no macro 7" in mode.progress(["one"] * 4, (), 0.0) and not mode.is_on


def test_unlearning_is_for_the_focus_or_for_one_instrument(rig, two):
    def left():
        return [b.instrument for b in read_profile(rig.profiles, NANO).bindings]

    bound = (knob(0), knob(0, 21, instrument="Track 0"), knob(0, 22, instrument="id-1"))
    plug_in(rig, *bound)
    rig.send("/flow/unlearn", 0, "Track 1", sender=PANEL)
    rig.turn()
    assert left() == ["", "Track 0"]
    rig.send("/flow/unlearn", 0, sender=PANEL)  # whatever moves the macro that a panel shows
    rig.turn()
    assert left() == []
    plug_in(rig, *bound, knob(0, 23, instrument="long gone"))
    rig.send("/flow/unlearn", 0, "long gone", sender=PANEL)
    rig.turn()
    assert left() == ["", "Track 0", "id-1"]
