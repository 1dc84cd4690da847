"""Which macros are on the dials, what they are called, and macros of the player's own."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConfigError, ProtocolError
from server.instrument.macro_choice import MacroChoice, choice_path, read_choice, write_choice
from server.instrument.macro_choices import MAX_OWN, MacroChoices
from server.instrument.own_macro import MAX_SOUNDS, Handfuls, OwnMacro
from tests.server.bridge_messages import addresses
from tests.support.live import MY_PORT, OTHER, OTHER_PORT, Rig, load, only
from tests.support.tiny_model import write_charted_model, write_tiny_model

TEN = tuple(f"Macro {k}" for k in range(10))


@pytest.fixture(scope="session")
def wide(tmp_path_factory):
    """A model that knows ten macros."""
    return write_tiny_model(tmp_path_factory.mktemp("models") / "wide", macro_names=TEN)


@pytest.fixture
def rig(wide, tmp_path):
    rig = Rig(wide, tmp_path)
    rig.hello()
    return rig


def names(rig):
    return list(rig.instrument.model.macros.names)


def known(rig):
    """The vocabulary as clients hear it: name and dial."""
    rows = [m[1:] for m in rig.send("/flow/macro/vocabulary")[MY_PORT] if m[0] == "/flow/macro/known"]
    assert [row[0] for row in rows] == list(range(len(rows))) and {row[1] for row in rows} == {len(rows)}
    return {row[2]: row[3] for row in rows}


# -- what is on the dials


def test_the_first_eight_are_on_the_dials_until_others_are_chosen(rig):
    assert names(rig) == list(TEN[:8])
    assert known(rig) == {name: (k if k < 8 else -1) for k, name in enumerate(TEN)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(chosen=st.lists(st.tuples(st.integers(0, 7), st.sampled_from(TEN)), max_size=8))
def test_any_order_can_be_chosen_and_the_sound_stays(rig, chosen):
    rig.send("/flow/latent", *np.linspace(-1, 1, 32).tolist())
    latent, patch = rig.instrument.latent, rig.instrument.current_patch().tobytes()
    for k, name in chosen:
        before = names(rig)
        rig.send("/flow/macro/choose", k, name)
        after = names(rig)
        assert after[k] == name and len(set(after)) == 8
        if name in before:  # they change places
            assert sorted(after) == sorted(before) and after[before.index(name)] == before[k]
    assert rig.instrument.latent is latent and rig.instrument.current_patch().tobytes() == patch
    vocabulary = rig.instrument.model.vocabulary
    for k, name in enumerate(names(rig)):
        position = vocabulary[TEN.index(name)].position(latent)
        assert rig.instrument.dials[k] == pytest.approx(np.clip(position, 0, 1))


def test_a_dial_turns_the_macro_that_is_on_it(rig):
    rig.send("/flow/macro/choose", 2, "Macro 9")
    expected = rig.instrument.model.vocabulary[9].turn(rig.instrument.latent, 0.8)
    rig.send("/flow/macro", 2, 0.8)
    np.testing.assert_allclose(rig.instrument.latent, expected, atol=1e-6)


def test_every_client_is_told_at_once(rig):
    rig.hello(OTHER, OTHER_PORT, kind="panel")
    sent = rig.send("/flow/macro/choose", 2, "Macro 9")
    for port in (MY_PORT, OTHER_PORT):
        told = sent[port]
        assert ("/flow/macroname", 2, "Macro 9") in told
        dials = only(told, "/flow/macros")
        np.testing.assert_allclose(dials, rig.instrument.dials, atol=1e-6)
        assert ("/flow/macro/known", 9, 10, "Macro 9", 2, "Macro 9") in told
        assert ("/flow/macro/known", 2, 10, "Macro 2", -1, "Macro 2") in told
    assert "/flow/status" in addresses(sent[MY_PORT])


def test_a_client_that_comes_later_hears_the_chosen_names(rig):
    rig.send("/flow/macro/choose", 2, "Macro 9")
    rig.hello(OTHER, OTHER_PORT, kind="panel")
    sent = rig.send("/flow/names", sender=OTHER)[OTHER_PORT]
    assert ("/flow/macroname", 2, "Macro 9") in sent


def test_a_hold_goes_with_its_macro_and_ends_when_that_leaves_the_dials(rig):
    rig.send("/flow/freeze", 0, 1)
    rig.send("/flow/freeze", 3, 1)
    rig.send("/flow/macro/choose", 5, "Macro 0")
    assert rig.instrument.frozen == {5, 3}
    sent = rig.send("/flow/macro/choose", 3, "Macro 8")[MY_PORT]
    assert rig.instrument.frozen == {5} and ("/flow/frozen", 3, 0) in sent
    held = rig.instrument.model.macros[5].position(rig.instrument.latent)
    rig.send("/flow/preset/load", "Pad 2")
    assert rig.instrument.model.macros[5].position(rig.instrument.latent) == pytest.approx(held)


def test_the_path_and_presets_play_as_before(rig):
    rig.send("/flow/preset/load", "Bass 0")
    rig.send("/flow/path/add")
    rig.send("/flow/preset/load", "Pad 2")
    rig.send("/flow/path/add")
    rig.send("/flow/preset/save", "Mine")
    sound = rig.instrument.current_patch().copy()
    for k in range(8):
        rig.send("/flow/macro/choose", k, TEN[9 - k])
    rig.send("/flow/path/play", 0.0)
    np.testing.assert_allclose(
        rig.instrument.current_patch(), rig.instrument.model.presets.patches[0], atol=1e-5
    )
    rig.send("/flow/preset/load", "Mine")
    np.testing.assert_array_equal(rig.instrument.current_patch(), sound)


def test_every_instrument_has_the_same_dials(rig):
    rig.send("/flow/hello", 2, OTHER_PORT, 2, "device", "Bass", "bass", sender=OTHER)
    rig.send("/flow/macro/choose", 1, "Macro 8")
    assert all(track.instrument.model.macros.names[1] == "Macro 8" for track in rig.tracks)
    rig.send("/flow/hello", 3, 50_013, 2, "device", "Lead", "lead", sender=("127.0.0.1", 50_003))
    assert all(track.instrument.model.macros.names[1] == "Macro 8" for track in rig.tracks)


# -- names


def test_a_macro_can_be_called_otherwise_and_is_found_by_both_names(rig):
    sent = rig.send("/flow/macro/name", 4, "Glitter ✨")[MY_PORT]
    assert ("/flow/macroname", 4, "Glitter ✨") in sent
    assert ("/flow/macro/known", 4, 10, "Glitter ✨", 4, "Macro 4") in sent
    rig.send("/flow/macro/choose", 0, "Glitter ✨")
    assert names(rig)[0] == "Glitter ✨"
    rig.send("/flow/macro/choose", 1, "Macro 4")
    assert names(rig)[1] == "Glitter ✨"
    rig.send("/flow/macro/name", 1, "")
    assert names(rig)[1] == "Macro 4"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(name=st.text(max_size=70))
def test_any_name_is_taken_or_refused_whole(rig, name):
    before = names(rig)
    sent = rig.send("/flow/macro/name", 3, name)[MY_PORT]
    if "/flow/error" in addresses(sent):
        assert names(rig) == before
    else:
        sent_as = name.replace("\0", "")  # which no text of OSC can hold
        assert names(rig)[3] == (sent_as or "Macro 3") and len({n.casefold() for n in known(rig)}) == 10


# -- kept per model


def test_choices_are_there_again_after_a_restart(rig, wide, tmp_path):
    rig.send("/flow/macro/choose", 2, "Macro 9")
    rig.send("/flow/macro/name", 2, "Glitter")
    chosen = names(rig)
    again = Rig(wide, tmp_path)
    assert names(again) == chosen and chosen[2] == "Glitter"


def test_each_model_has_choices_of_its_own(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    rig.hello()
    rig.send("/flow/macro/name", 0, "Glitter")
    rig.send("/flow/macro/choose", 7, "Glitter")
    rig.send("/flow/model", "other")
    assert names(rig)[0] == "Macro 0" and names(rig)[7] == "Macro 7"
    rig.send("/flow/model", "tiny")
    assert names(rig)[7] == "Glitter" and names(rig)[0] == "Macro 7"


PRINTED = st.text(max_size=5).filter(str.isprintable)  # as every name that a model or a player gives


@given(
    dials=st.lists(PRINTED, max_size=9).map(tuple),
    names=st.dictionaries(PRINTED, st.sampled_from(["Glitter", "é", "x y"]), max_size=3),
    own=st.lists(
        st.builds(
            OwnMacro, name=st.sampled_from(["Mine", "東京"]), training=st.just("abc"),
            direction=st.just((0.6, 0.8)), low=st.floats(-3, -1), high=st.floats(1, 3),
        ),
        max_size=2,
    ).map(tuple),
)  # fmt: skip
def test_a_choice_is_read_as_it_was_written(tmp_path_factory, dials, names, own):
    folder = tmp_path_factory.mktemp("choices")
    choice = MacroChoice(model="m", dials=dials, names=names, own=own)
    write_choice(folder, choice)
    assert read_choice(folder, "m") == choice


@pytest.mark.parametrize(
    "text",
    ["", "[", "- 1", "format: 9\nmodel: wide", "\x00", "format: 1\nmodel: wide\ndials: 3\nnames: {}\nown: []",
     "format: 1\nmodel: wide\ndials: []\nnames: {a: ../x}\nown: []",
     "format: 1\nmodel: wide\ndials: []\nnames: {}\nown: [{name: a, direction: [2], low: 0, high: 1}]"],
)  # fmt: skip
def test_a_damaged_file_is_reported_and_the_model_plays(wide, tmp_path, caplog, text):
    path = choice_path(tmp_path / "macros", "wide")
    path.parent.mkdir()
    path.write_text(text)
    assert names(Rig(wide, tmp_path)) == list(TEN[:8])
    assert str(path) in caplog.text


def test_macros_that_the_model_no_longer_has_leave_their_dials_to_others(wide, tmp_path):
    dials = ("Gone", "Macro 3", "Macro 3", "Macro 0", *TEN[4:])
    write_choice(tmp_path / "macros", MacroChoice(model="wide", dials=dials, names={"Gone": "x"}))
    chosen = names(Rig(wide, tmp_path))
    assert len(set(chosen)) == 8 and chosen[1] == "Macro 3" and chosen[3] == "Macro 0"


def test_a_folder_that_cannot_be_written_is_said_and_the_choice_stays(wide, tmp_path):
    (tmp_path / "macros").write_text("")
    rig = Rig(wide, tmp_path)
    rig.hello()
    sent = rig.send("/flow/macro/choose", 0, "Macro 9")[MY_PORT]
    assert "--data" in only(sent, "/flow/error")[1] and names(rig)[0] == "Macro 9"
    with pytest.raises(ConfigError, match="--data"):
        rig.choices.write()


# -- macros of the player's own


def gather(rig, side, *presets):
    for name in presets:
        assert "/flow/own" in addresses(rig.send("/flow/own/add", side, name)[MY_PORT])


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
    gather(rig, 0, "Pad 2", "Pad 6")
    gather(rig, 1, "Bass 0", "Bass 4", "Lead 1")
    rig.send("/flow/own/make", 0, "Mine")
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
    gather(rig, 0, "Pad 2")
    gather(rig, 1, "Bass 0")
    rig.send("/flow/own/make", 0, "Mine")
    loaded = load(wide)
    files = {**loaded.model.files, "weights.safetensors": "another"}
    choices = MacroChoices(tmp_path / "macros")
    retrained = choices.arrange(replace(loaded, model=replace(loaded.model, files=files)))
    assert "Mine" not in retrained.model.vocabulary.names
    choices.choose(2, "Macro 9")
    choices.write()
    assert "Mine" in MacroChoices(tmp_path / "macros").arrange(loaded).model.vocabulary.names


def test_a_held_dial_stays_and_the_hand_hears_of_the_others(rig):
    gather(rig, 0, "Pad 2")
    gather(rig, 1, "Bass 0")
    rig.send("/flow/own/make", 7, "Mine")
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
    gather(rig, 0, "Pad 2")
    gather(rig, 1, "Bass 0")
    rig.send("/flow/own/make", 2, "Mine")
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
