"""Which macros are on the dials, what they are called, and what is kept of that."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from server.instrument.macro_choice import MacroChoice, choice_path, read_choice, write_choice
from server.instrument.own_macro import OwnMacro
from tests.server.bridge_messages import addresses
from tests.support.live import MY_PORT, OTHER, OTHER_PORT, Rig, only
from tests.support.tiny_model import write_tiny_model

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
