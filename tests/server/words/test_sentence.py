"""What is understood of a sentence, whatever the model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.descriptors import DESCRIPTOR_NAMES
from core.errors import ConfigError
from server.words.sentence import understand
from server.words.spelling import typing_error_of
from server.words.table import read_table
from tests.server.words.sentences import NONSENSE, SENSE

WORDS = read_table()


def wishes(text, names=()):
    return understand(text, WORDS, names).wishes


def aims(text):
    """Sum over the wishes of what a text aims at, and the kinds in it."""
    total = {}
    for wish in wishes(text):
        for quality, weight in wish.targets.items():
            total[quality] = total.get(quality, 0.0) + weight * wish.spreads
    return {q: x for q, x in total.items() if x}, [wish.kind for wish in wishes(text) if wish.kind]


@pytest.mark.parametrize(("text", "moved", "kinds"), SENSE)
def test_a_sentence_means_what_it_says(text, moved, kinds):
    qualities, found = aims(text)
    assert qualities == pytest.approx(moved) and found == kinds
    assert understand(text, WORDS).unknown == ()


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_asks_for_nothing(text):
    assert wishes(text) == ()


@given(st.text(max_size=256))
def test_any_text_is_read_and_asks_only_for_what_the_table_holds(text):
    sentence = understand(text, WORDS)
    assert len(sentence.wishes) + len(sentence.unknown) <= 64
    for wish in sentence.wishes:
        assert wish.targets or wish.kind in WORDS.kinds.values()
        assert abs(wish.spreads) <= WORDS.amounts["very"]
    assert understand(text, WORDS) == sentence


KNOWN_WORDS = st.sampled_from([*WORDS.known(), *WORDS.fillers, ",", "and", "xyzzy", "明るい"])


@given(st.lists(KNOWN_WORDS, max_size=12).map(" ".join))
def test_words_in_any_order_are_read(text):
    for wish in wishes(text):
        assert set(wish.targets) <= set(WORDS.macros)
        assert wish.text and set(wish.text.split()) <= set(text.split())


@pytest.mark.parametrize("word", WORDS.words)
def test_every_word_turns_round(word):
    plain, kinds = aims(f"more {word}")
    assert plain and not kinds
    assert aims(f"less {word}")[0] == {quality: -x for quality, x in plain.items()}
    assert aims(f"very {word}")[0] == {quality: 2 * x for quality, x in plain.items()}
    assert aims(f"slightly {word}")[0] == {quality: x / 2 for quality, x in plain.items()}


@pytest.mark.parametrize("noun", WORDS.kinds)
def test_every_noun_is_a_kind(noun):
    for text in (f"a {noun}", noun, f"make it a very bright {noun}", noun.upper()):
        assert aims(text)[1] == [WORDS.kinds[noun]]
    assert aims(f"not a {noun}")[1] == [] and aims(f"without {noun}")[1] == []


def test_every_descriptor_can_be_said():
    said = {quality for targets in WORDS.words.values() for quality in targets}
    assert set(DESCRIPTOR_NAMES) - said == {"rolloff"}  # bright and dark aim at the centroid
    assert set(WORDS.macros) >= said | set(DESCRIPTOR_NAMES)
    assert 150 <= len(WORDS.words) + len(WORDS.kinds) <= 260


def test_no_word_means_two_things():
    groups = [WORDS.degrees, WORDS.fillers, WORDS.words]
    for k, one in enumerate(groups):
        for other in groups[:k]:
            assert not set(one) & set(other)
    assert set(WORDS.words) & set(WORDS.kinds) == {"bass", "noise", "pluck"}
    assert all(word == word.casefold() and word.strip() == word for word in (*WORDS.known(), *WORDS.fillers))


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [("brihgt", "bright"), ("metalic", "metallic"), ("agressive", "aggressive"), ("movment", "movement"),
     ("distorsion", "distortion"), ("hollw", "hollow"), ("brihgter", "bright"), ("slighly", "slightly")],
)  # fmt: skip
def test_a_typing_error_is_read_as_the_nearest_word(mistyped, meant):
    if meant in WORDS.degrees:
        assert aims(f"{mistyped} dark")[0] == {"centroid": -WORDS.amounts["slightly"]}
    else:
        (wish,) = wishes(mistyped)
        assert wish.read_as == meant and wish.text == mistyped and wish.targets == WORDS.words[meant]


@pytest.mark.parametrize(
    "word", ["dart", "park", "fright", "sight", "night", "rave", "blimp", "12345", "東京タワー"]
)
def test_another_word_is_not_taken_for_a_typing_error(word):
    assert wishes(word) == ()


@given(st.text(max_size=20))
def test_what_a_mistyped_word_was_meant_to_be_is_a_known_one(word):
    assert typing_error_of(word, WORDS.known()) in {"", *WORDS.known()}


def test_names_of_macros_are_words():
    (wish,) = wishes("much more glitter", {"glitter", "slow attack"})
    assert wish.name == "glitter" and wish.spreads == WORDS.amounts["very"]
    (wish,) = wishes("less slow attack", {"slow attack"})
    assert wish.name == "slow attack" and wish.spreads == -WORDS.amounts["plain"]


@pytest.mark.parametrize("text", ["", "[", "words: {}", "words: {x: {nowhere: 1}}", "- 1", "\x00"])
def test_a_damaged_table_is_one_line(tmp_path, text):
    (tmp_path / "words.yaml").write_text(text)
    with pytest.raises(ConfigError, match="words.yaml"):
        read_table(tmp_path / "words.yaml")
