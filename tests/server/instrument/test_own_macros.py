"""Macros that a player makes of sounds, and how they stand beside the model's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ProtocolError
from server.instrument.macro_choices import MAX_OWN, MacroChoices
from server.instrument.own_macro import MAX_SOUNDS, Handfuls, OwnMacro
from tests.server.bridge_messages import addresses
from tests.server.instrument.test_macro_choices import TEN, known, names, rig, wide
from tests.support.live import MY_PORT, OTHER, OTHER_PORT, Rig, load, only
from tests.support.tiny_model import write_charted_model, write_tiny_model

__all__ = ["rig", "wide"]


def gather(rig, side, *presets):
    for name in presets:
        assert "/flow/own" in addresses(rig.send("/flow/own/add", side, name)[MY_PORT])


def make(rig, k, starts=("Pad 2",), ends=("Bass 0",)):
    """Make a macro called Mine of sounds, on dial k."""
    gather(rig, 0, *starts)
    gather(rig, 1, *ends)
    rig.send("/flow/own/make", k, "Mine")


def test_a_macro_of_two_sounds_leads_from_one_to_the_other(rig):
    gather(rig, 0, "Pad 2")
    rig.send("/flow/preset/load", "Bass 0")
    assert only(rig.send("/flow/own/add", 1)[MY_PORT], "/flow/own") == (1, 1)
    sent = rig.send("/flow/own/make", 6, "Mine")[MY_PORT]
    assert ("/flow/macroname", 6, "Mine") in sent and only(sent, "/flow/own") == (0, 0)
    presets = rig.instrument.model.presets
    pad, bass = (presets.latents[presets.names.index(name)] for name in ("Pad 2", "Bass 0"))
    for start, end, position in ((pad, bass, 1.0), (bass, pad, 0.0)):
        rig.send("/flow/latent", *start.tolist())
        assert rig.instrument.dials[6] == pytest.approx(1.0 - position, abs=1e-5)
        rig.send("/flow/macro", 6, position)
        np.testing.assert_allclose(rig.instrument.latent, end, atol=1e-4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(data=st.data())
def test_it_carries_over_to_other_sounds_within_what_was_seen(wide, data):
    loaded = load(wide)
    latents = loaded.model.presets.latents.astype(float)
    rows = st.lists(st.integers(0, len(latents) - 1), min_size=1, max_size=4)
    starts, ends = data.draw(rows), data.draw(rows)
    far = data.draw(st.sampled_from([1.0, 50.0]))
    hands = Handfuls()
    for side, listed in enumerate((starts, ends)):
        for k in listed:
            hands.add(side, latents[k] * far)
    try:
        own = hands.macro("Mine", loaded)
    except ProtocolError:
        assert far > 1 or np.allclose(latents[starts].mean(axis=0), latents[ends].mean(axis=0), atol=0.1)
        return
    direction = np.array(own.direction)
    assert np.linalg.norm(direction) == pytest.approx(1.0)
    box = np.linalg.norm(np.ptp(latents, axis=0))
    assert 0.0 < own.high - own.low <= box
    macro = loaded.model.vocabulary.with_direction("Mine", direction, own.low, own.high)[len(TEN)]
    for z in latents[:5]:
        way = macro.turn(z, 1.0) - macro.turn(z, 0.0)
        assert np.linalg.norm(way) == pytest.approx(own.high - own.low, rel=1e-4)
        np.testing.assert_allclose(macro.turn(macro.turn(z, 0.9), macro.position(z)), z, atol=1e-5)


def test_it_is_as_loud_where_the_model_has_a_level(tmp_path):
    loaded = load(write_tiny_model(tmp_path / "level", leveled=True))
    hands = Handfuls()
    hands.add(0, loaded.model.presets.latents[0])
    hands.add(1, loaded.model.presets.latents[1])
    assert hands.macro("Mine", loaded).direction[-1] == 0.0


def test_a_macro_of_ones_own_is_kept_chosen_renamed_said_and_deleted(rig, wide, tmp_path):
    make(rig, 0, ("Pad 2", "Pad 6"), ("Bass 0", "Bass 4", "Lead 1"))
    rig.send("/flow/macro/name", 0, "Ours")
    again = Rig(wide, tmp_path)
    again.hello()
    assert names(again)[0] == "Ours" and known(again)["Ours"] == 0
    np.testing.assert_array_equal(
        again.instrument.model.macros[0].direction, rig.instrument.model.macros[0].direction
    )
    before = again.instrument.dials[0]
    assert "Ours" in only(again.send("/flow/say", "more ours")[MY_PORT], "/flow/said")[1]
    assert again.instrument.dials[0] > before
    again.send("/flow/macro/choose", 0, "Macro 0")
    assert known(again)["Ours"] == -1
    again.send("/flow/macro/choose", 3, "Ours")
    again.send("/flow/own/delete", "Ours")
    assert "Ours" not in known(again) and len(set(names(again))) == 8
    assert names(Rig(wide, tmp_path)) == names(again)


def test_points_that_a_client_kept_can_be_gathered(rig):
    a, b = np.zeros(32), np.linspace(-1, 1, 32)
    rig.send("/flow/own/point", 0, *a.tolist())
    assert only(rig.send("/flow/own/point", 1, *b.tolist())[MY_PORT], "/flow/own") == (1, 1)
    rig.hello(OTHER, OTHER_PORT, kind="panel")
    rig.send("/flow/own/make", 2, "Mine")
    rig.send("/flow/latent", *a.tolist())
    rig.send("/flow/macro", 2, 1.0)
    np.testing.assert_allclose(rig.instrument.latent, b, atol=1e-4)


def test_what_cannot_be_made_is_explained_and_nothing_changes(rig):
    assert "one sound to another" in only(rig.send("/flow/own/make", 0, "Mine")[MY_PORT], "/flow/error")[1]
    gather(rig, 0, "Pad 2")
    gather(rig, 1, "Pad 2")
    assert "sound the same" in only(rig.send("/flow/own/make", 0, "Mine")[MY_PORT], "/flow/error")[1]
    assert only(rig.send("/flow/own/clear")[MY_PORT], "/flow/own") == (0, 0)
    for _ in range(MAX_SOUNDS):
        rig.put("/flow/own/add", 0)
    assert "at most" in only(rig.send("/flow/own/add", 0)[MY_PORT], "/flow/error")[1]
    assert names(rig) == list(TEN[:8])


def test_there_is_an_end_to_macros_of_ones_own(wide, tmp_path):
    choices = MacroChoices(tmp_path)
    choices.arrange(load(wide))
    own = OwnMacro(name="", training="", direction=tuple(np.eye(32)[0].tolist()), low=-1.0, high=1.0)
    for k in range(MAX_OWN):
        choices.add(replace(own, name=f"Mine {k}"), 0)
    with pytest.raises(ProtocolError, match="delete one"):
        choices.add(replace(own, name="One more"), 0)


def test_another_training_of_the_model_keeps_it_for_later(wide, tmp_path):
    rig = Rig(wide, tmp_path)
    rig.hello()
    make(rig, 0)
    loaded = load(wide)
    files = {**loaded.model.files, "weights.safetensors": "another"}
    choices = MacroChoices(tmp_path / "macros")
    retrained = choices.arrange(replace(loaded, model=replace(loaded.model, files=files)))
    assert "Mine" not in retrained.model.vocabulary.names
    choices.choose(2, "Macro 9")
    choices.write()
    assert "Mine" in MacroChoices(tmp_path / "macros").arrange(loaded).model.vocabulary.names


def test_a_held_dial_stays_and_the_hand_hears_of_the_others(rig):
    make(rig, 7)
    assert rig.instrument.entangled >= {7}
    rig.send("/flow/preset/load", "Pad 2")
    rig.send("/flow/freeze", 0, 1)
    held = rig.instrument.model.macros[0].position(rig.instrument.latent)
    before = rig.instrument.dials
    rig.send("/flow/macro", 7, 0.5)
    assert rig.instrument.model.macros[0].position(rig.instrument.latent) == pytest.approx(held, abs=1e-9)
    told = only(rig.rest(0.2)[MY_PORT], "/flow/macros")
    np.testing.assert_allclose(told, rig.instrument.dials, atol=1e-6)
    assert np.abs(np.array(told) - before)[1:7].max() > 1e-3


@pytest.fixture(scope="session")
def charted(tmp_path_factory):
    """A model that knows ten macros of a chart."""
    return write_charted_model(tmp_path_factory.mktemp("models") / "charted")


def test_a_models_own_macros_move_no_others(rig, charted, tmp_path):
    assert rig.instrument.entangled == Rig(charted, tmp_path).instrument.entangled == frozenset()


def test_macros_of_a_chart_and_ones_own_stand_side_by_side(charted, tmp_path):
    rig = Rig(charted, tmp_path)
    rig.hello()
    make(rig, 2)
    rig.send("/flow/macro/choose", 3, "Macro 9")
    assert names(rig)[2:4] == ["Mine", "Macro 9"]
    rig.send("/flow/preset/load", "Pad 2")
    rig.send("/flow/macro", 3, 0.2)
    assert rig.instrument.dials[3] == pytest.approx(0.2, abs=1e-6)
    rig.send("/flow/freeze", 3, 1)
    rig.send("/flow/macro", 2, 0.6)
    assert rig.instrument.dials[3] == pytest.approx(0.2, abs=1e-6)
    rig.send("/flow/freeze", 3, 0)
    rig.send("/flow/macro", 2, 1.0)
    assert rig.instrument.dials[2] == pytest.approx(1.0, abs=1e-4)
    assert names(Rig(charted, tmp_path)) == names(rig)
