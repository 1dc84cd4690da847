"""Faders of other programs: OSC addresses that are in no table, learned by touch."""

import pytest

from server.midi.bindings.binding import Binding
from server.midi.codec.control import Control
from server.midi.foreign_osc import OSC
from server.midi.profiles.profile import profile_path, read_profile
from tests.support.live import MY_PORT, Rig, only

FADER = "/1/fader3"


@pytest.fixture
def rig(rig):
    rig.controllers.inbox.plugged_in(OSC)
    rig.turn()
    return rig


def learn(rig, k, address=FADER, arguments=lambda v: [v]):
    rig.send("/flow/learn", k)
    for n in range(20):
        rig.put(address, *arguments(n / 19))
    rig.turn()
    rig.now += 1.0
    return [m[1] for m in rig.turn().get(MY_PORT, []) if m[0] == "/flow/status"]


def refused(rig, address, *values):
    return "there is no such address" in only(rig.send(address, *values)[MY_PORT], "/flow/error")[1]


def test_a_fader_is_learned_played_and_unlearned(rig):
    assert refused(rig, FADER, 0.5)
    (text,) = learn(rig, 2)
    assert f"follows {FADER} of OSC" in text
    assert read_profile(rig.profiles, OSC).bindings == (
        Binding(control=Control("osc", 0, 0, FADER), macro=2),
    )
    rig.send(FADER, 0.0)
    rig.send(FADER, 1.0)
    assert rig.instrument.dials[2] == pytest.approx(1.0)
    rig.send(FADER, 0.25)
    assert rig.instrument.dials[2] == pytest.approx(0.25, abs=1e-4)
    assert refused(rig, "/1/fader4", 0.5)
    rig.send("/flow/unlearn", 2)
    assert refused(rig, FADER, 0.5)


def test_a_pad_moves_two_macros(rig):
    learn(rig, 0, "/xy", lambda v: [v, 0.5])
    learn(rig, 1, "/xy", lambda v: [0.5, v])
    bindings = read_profile(rig.profiles, OSC).bindings
    assert [(b.macro, b.control.number) for b in bindings] == [(0, 0), (1, 1)]
    for place in ((0.0, 0.0), (1.0, 1.0), (0.3, 0.8)):
        rig.send("/xy", *place)
    assert rig.instrument.dials[:2] == pytest.approx([0.3, 0.8], abs=1e-4)


def test_it_is_kept_in_the_profile(rig):
    learn(rig, 0, "/xy", lambda v: [0.5, v])
    assert "control: osc /xy 1" in profile_path(rig.profiles, OSC).read_text()


@pytest.mark.parametrize("values", [[], ["text"], [float("nan")], [float("inf")]])
def test_only_finite_numbers_are_heard(rig, values):
    learn(rig, 0)
    before = rig.instrument.latent.copy()
    rig.send(FADER, *values)
    assert (rig.instrument.latent == before).all()


@pytest.mark.parametrize("value", [-5.0, 1e30, 127])
def test_what_is_beyond_the_range_stays_at_its_end(rig, value):
    learn(rig, 0)
    rig.send(FADER, 0.5)
    rig.send(FADER, value)
    assert 0.0 <= rig.instrument.dials[0] <= 1.0


def test_our_own_addresses_and_long_ones_are_never_learned(rig):
    rig.send("/flow/learn", 0)
    for address in ("/flow/makro", "/" + "x" * 200, "/1/*"):
        for n in range(20):
            rig.put(address, n / 19)
        rig.turn()
    rig.now += 1.0
    rig.turn()
    assert read_profile(rig.profiles, OSC).bindings == ()


def test_many_addresses_are_bounded_while_learning(rig):
    rig.send("/flow/learn", 0)
    for n in range(5_000):
        rig.put(f"/a/{n}", 0.5)
        if n % 500 == 0:
            rig.turn()
    rig.turn()
    assert len(rig.controllers._learn_mode._listener) <= 256


def test_without_controllers_a_foreign_address_is_refused_as_ever(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    rig.hello()
    assert refused(rig, FADER, 0.5)


@pytest.mark.parametrize("k", [0, 3])
def test_each_macro_has_an_address_of_its_own(rig, k):
    rig.send(f"/flow/macro/{k}", 0.75)
    assert rig.instrument.dials[k] == pytest.approx(0.75)
    for address in ("/flow/macro/", "/flow/macro/x", "/flow/macro/-1", "/flow/macro/00000"):
        assert refused(rig, address, 0.5)
    assert only(rig.send("/flow/macro/4000", 0.5)[MY_PORT], "/flow/error")
