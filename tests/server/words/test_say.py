"""Sentences said to an instrument: what moves, what stays, what is answered."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.words.preset_positions import PresetPositions
from server.words.sentence import understand
from server.words.table import read_table
from tests.server.bridge_messages import addresses
from tests.server.words.conftest import NAMES
from tests.server.words.sentences import NONSENSE, SENSE
from tests.support.live import MY_PORT, OTHER, OTHER_PORT, Rig, only
from tests.support.tiny_model import write_tiny_model

WORDS = read_table()
ON_THE_SAME_RIG = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def positions(rig):
    """Where every macro of the vocabulary is, also past an end."""
    instrument = rig.instrument
    return np.array([macro.position(instrument.latent) for macro in instrument.model.vocabulary])


def spreads(rig):
    return PresetPositions(rig.instrument.model).spreads


def say(rig, text):
    sent = rig.send("/flow/say", text)[MY_PORT]
    said = only(sent, "/flow/said")
    assert said[0] == text or said[0].endswith("...")
    return list(said[1:])


def test_a_macro_turns_as_far_as_its_measured_rise_says(rig):
    model = rig.instrument.model
    rises = np.zeros(len(model.vocabulary), np.float32)
    rises[0] = 2.0
    told = replace(model, vocabulary=replace(model.vocabulary, rises=rises))
    assert PresetPositions(told).spreads[0] == pytest.approx(0.8)
    assert PresetPositions(told).spreads[1:] == pytest.approx(spreads(rig)[1:])


def to_the_middle(rig):
    rig.send("/flow/latent", *[0.0] * 32)


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("darker, a little slower, much more movement", {"Bright": -0.5, "Slow Attack": 0.25, "Moving": 1.0}),
        ("brighter", {"Bright": 0.5}),
        ("slightly noisier and much drier", {"Noisy": 0.25, "Dry": 1.0}),
        ("without roughness", {"Rough": -1.0}),
        ("hollow, detuned", {"Hollow": 0.5, "Detuned": 0.5}),  # these are on no dial
        ("brighter brighter brighter brighter brighter", {"Bright": 1.5}),  # but no further
    ],
)
def test_a_word_turns_the_macro_that_is_named_for_it(rig, text, turned):
    to_the_middle(rig)
    before = positions(rig)
    understood, unknown, impossible = say(rig, text)
    assert understood and unknown == impossible == ""
    wanted = np.array([turned.get(name, 0.0) for name in NAMES]) * spreads(rig)
    np.testing.assert_allclose(positions(rig), np.clip(before + wanted, 0.0, 1.0), atol=1e-5)
    assert all(name in understood for name in turned)


def test_everybody_is_told_and_the_knobs_follow(rig):
    rig.hello(OTHER, OTHER_PORT, kind="panel")
    sent = rig.send("/flow/say", "brighter")
    for port in (MY_PORT, OTHER_PORT):
        assert {"/flow/said", "/flow/params", "/flow/macros", "/flow/latent"} <= set(addresses(sent[port]))


def test_undo_brings_the_last_point_back_and_the_one_before(rig):
    rig.send("/flow/preset/load", "Pad 2")
    patches = [rig.instrument.current_patch().copy()]
    for text in ("much brighter", "a bass", "darker, slower"):
        say(rig, text)
        patches.append(rig.instrument.current_patch().copy())
    say(rig, "nothing that it knows")
    for patch in patches[-2::-1]:
        rig.send("/flow/undo")
        np.testing.assert_allclose(rig.instrument.current_patch(), patch, atol=1e-3)


def test_held_macros_stay_and_that_is_said(rig):
    to_the_middle(rig)
    rig.send("/flow/freeze", 0, 1)
    before = positions(rig)
    understood, unknown, impossible = say(rig, "darker, slower")
    assert "Bright is held" in impossible and "Slow Attack" in understood and unknown == ""
    after = positions(rig)
    assert after[0] == pytest.approx(before[0], abs=1e-9) and after[1] > before[1]
    rig.send("/flow/latent", *[0.3] * 32)
    held = positions(rig)[0]
    say(rig, "a bright lead")  # the kind is there, the held macro is not its own
    assert positions(rig)[0] == pytest.approx(held, abs=1e-6)


@pytest.mark.parametrize(
    ("noun", "kind"), [("bass", "Bass"), ("lead", "Lead"), ("pad", "Pad"), ("pluck", "Pluck")]
)
@pytest.mark.parametrize(
    ("adjective", "macro", "sign"), [("bright", 0, 1), ("dark", 0, -1), ("hollow", 8, 1)]
)
def test_a_noun_loads_the_preset_of_its_kind_that_fits_best(rig, noun, kind, adjective, macro, sign):
    understood, unknown, impossible = say(rig, f"a {adjective} {noun}")
    presets = rig.instrument.model.presets
    of_kind = [k for k, name in enumerate(presets.names) if name.startswith(kind)]
    at = [rig.instrument.model.vocabulary.positions(presets.latents[k].astype(float))[macro] for k in of_kind]
    best = of_kind[int(np.argmax(np.array(at) * sign))]
    assert presets.names[best] in understood and unknown == impossible == ""
    np.testing.assert_array_equal(rig.instrument.current_patch(), presets.patches[best])


def test_a_kind_alone_is_the_same_preset_from_everywhere(rig):
    loaded = set()
    for value in (0.0, 0.5, -1.0):
        rig.send("/flow/latent", *[value] * 32)
        loaded.add(say(rig, "a pad")[0])
    assert len(loaded) == 1


def test_a_preset_that_a_player_saved_is_not_taken_for_the_models(rig):
    name = say(rig, "a pad")[0].split("(")[1].rstrip(")")
    rig.send("/flow/latent", *[0.5] * 32)
    rig.send("/flow/preset/save", name)
    assert name not in say(rig, "a pad")[0]


def test_what_the_model_lacks_is_said(rig):
    before = rig.instrument.latent
    assert say(rig, "louder") == ["", "", "louder (this model cannot)"]
    assert say(rig, "a violin") == ["", "", "violin (this model has no strings)"]
    assert say(rig, "much wider xyzzy") == ["", "xyzzy", "much wider (this model cannot)"]
    assert rig.instrument.latent is before
    understood, _, impossible = say(rig, "crisp")  # half of it is there
    assert understood and impossible == ""


def test_a_typing_error_is_read_and_said(rig):
    understood, unknown, _ = say(rig, "brihgter")
    assert "brihgter, read as bright (Bright" in understood and unknown == ""


def test_a_sound_past_the_end_is_not_pulled_back(rig):
    model = rig.instrument.model
    rig.send("/flow/latent", *model.vocabulary[0].turn(np.zeros(32), 1.7).tolist())
    before = positions(rig)[0]
    assert "at its end" in say(rig, "brighter")[0]
    assert positions(rig)[0] == before
    say(rig, "slightly darker")  # from the end on, or nothing would be heard
    assert positions(rig)[0] == pytest.approx(1.0 - 0.25 * spreads(rig)[0], abs=1e-5)


@pytest.mark.parametrize("text", [text for text, *_ in SENSE] + NONSENSE)
def test_nothing_moves_that_is_not_named(rig, text):
    to_the_middle(rig)
    before, latent = positions(rig), rig.instrument.latent
    say(rig, text)
    wished = understand(text, WORDS, {name.casefold() for name in NAMES}).wishes
    if not wished:
        assert rig.instrument.latent is latent
    if any(wish.kind for wish in wished):
        return
    named = {
        macro
        for wish in wished
        for quality in wish.targets
        for macro in WORDS.macros[quality]
    } | {wish.name for wish in wished}  # fmt: skip
    for j, name in enumerate(NAMES):
        if name.casefold() not in named:
            assert positions(rig)[j] == pytest.approx(before[j], abs=1e-6), name


@ON_THE_SAME_RIG
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=300))
def test_any_text_is_answered_and_moves_only_what_it_names(rig, text):
    before = rig.instrument.latent
    sent = rig.send("/flow/say", text)[MY_PORT]
    if "/flow/error" in addresses(sent):
        assert len(text.encode()) > 256 or not text.isprintable()
        assert rig.instrument.latent is before
        return
    understood = only(sent, "/flow/said")[1]
    if not understood:
        assert rig.instrument.latent is before
    assert rig.send("/flow/ping", 5)[MY_PORT] == [("/flow/pong", 5, 77)]


def test_a_renamed_macro_answers_to_both_names(rig):
    rig.send("/flow/macro/name", 0, "Glitter")
    for text in ("more glitter", "brighter", "bright"):
        to_the_middle(rig)
        before = positions(rig)[0]
        assert "Glitter" in say(rig, text)[0]
        assert positions(rig)[0] > before


def test_two_sentences_at_once_are_both_carried_out(rig):
    to_the_middle(rig)
    before = positions(rig)
    rig.put("/flow/say", "brighter")
    rig.put("/flow/say", "slower")
    rig.turn()
    moved = positions(rig) - before
    assert moved[0] > 0.01 and moved[1] > 0.01
    for _ in range(2):
        rig.send("/flow/undo")
    np.testing.assert_allclose(positions(rig), before, atol=1e-5)


def test_where_a_macro_is_at_its_end_another_of_the_same_quality_goes_on(tmp_path):
    folder = write_tiny_model(tmp_path / "two", macro_names=("Bright", "Warm", "Moving"))
    rig = Rig(folder, tmp_path)
    rig.hello()
    rig.send("/flow/macro", 0, 0.0)
    assert "Warm" in say(rig, "darker")[0] and "Bright" in say(rig, "brighter")[0]


def test_a_model_without_presets_turns_its_macros(bare, tmp_path):
    rig = Rig(bare, tmp_path)
    rig.hello()
    before = rig.instrument.latent
    assert say(rig, "more macro 3")[0].startswith("more macro 3 (Macro 3")
    assert rig.instrument.latent is not before
    assert "has no pad" in say(rig, "a pad")[2]
