"""The ruler of macros: figures that are known beforehand, and a card that takes them."""

import numpy as np
import pytest

from core.playing.note import Note
from core.ruler.vocabulary import MEANINGS, Meaning, family
from evaluation.macros.heard import Heard, hear, more_descriptors
from evaluation.macros.page import dial_table, macro_section, with_macro_section
from evaluation.macros.ruler import figures_of, keeps_its_word

RATE = 22_050
NOTE = Note()
SECONDS = np.arange(4 * RATE) / RATE


def tone(*harmonics, hz=261.63, detune_cents=0.0):
    return sum(
        a * np.sin(2 * np.pi * hz * k * 2 ** (c / 1200) * SECONDS)
        for k, a in enumerate(harmonics, 1)
        for c in ((-detune_cents, detune_cents) if detune_cents else (0.0,))
    ).astype(np.float32)


def walk(values, others=0.0, loud=(-24.0, -24.0)):
    """A walk in which the centroid takes the values and every other descriptor rises evenly."""
    n = len(values)
    names = [m.descriptor for m in MEANINGS.values()] + ["rolloff", "bandwidth", "pitch_strength"]
    return [
        Heard(
            {**{name: others * k / (n - 1) for name in names}, "centroid": v, "loudness": loud[k % 2]},
            (np.full((2, 3), float(v), np.float32),),
            0.5,
        )
        for k, v in enumerate(values)
    ]


def measured(walks):
    spread = dict.fromkeys(walks[0][0].descriptors, 1.0)
    return figures_of("Bright", Meaning("centroid", 1), walks, spread)


def test_a_dial_that_does_what_it_says_and_nothing_else():
    figures = measured([walk([0.0, 1.0, 2.0, 3.0], others=1.0)] * 3)
    assert figures.rho == pytest.approx(1.0)
    assert figures.right == 1.0
    assert figures.purity == pytest.approx(3.0)
    assert figures.evenness == pytest.approx(1.0)
    assert keeps_its_word(figures)


def test_a_dial_that_does_the_opposite_keeps_no_word():
    figures = measured([walk([3.0, 2.0, 1.0, 0.0])])
    assert figures.rho == pytest.approx(-1.0)
    assert figures.right == 0.0
    assert not keeps_its_word(figures)


def test_a_dial_that_does_nothing_has_no_rank_correlation():
    assert measured([walk([1.0, 1.0, 1.0])]).rho == 0.0


def test_loudness_is_the_range_along_the_way():
    figures = measured([walk([0, 1, 2], loud=(-24.0, -20.0)), walk([0, 1, 2], loud=(-24.0, -18.0))])
    assert figures.loudness_db == pytest.approx(5.0)
    assert figures.worst_db == pytest.approx(6.0)
    assert (figures.softest_lufs, figures.loudest_lufs) == (-24.0, -18.0)


def test_relatives_do_not_count_against_purity():
    assert family("rolloff") == family("centroid") == family("bandwidth")
    assert family("attack") != family("decay")


def test_descriptors_beyond_the_datasets():
    plain, saw = tone(1.0, 0.5, 0.3, 0.2), tone(*(1 / k for k in range(1, 12)))
    odd = tone(*(1 / k if k % 2 else 0.0 for k in range(1, 12)))
    assert (
        more_descriptors(odd, RATE, NOTE)["hollowness"] > more_descriptors(saw, RATE, NOTE)["hollowness"] + 20
    )
    wide = more_descriptors(tone(1.0, 0.5, detune_cents=20.0), RATE, NOTE)["detuning"]
    assert wide > more_descriptors(plain, RATE, NOTE)["detuning"] + 5
    clipped = np.clip(4 * plain, -1, 1)
    assert more_descriptors(clipped, RATE, NOTE)["crest"] < more_descriptors(plain, RATE, NOTE)["crest"] - 2
    swaying = np.sin(2 * np.pi * 261.63 * SECONDS + 8.0 * np.sin(2 * np.pi * 5 * SECONDS))
    assert (
        more_descriptors(swaying, RATE, NOTE)["wobble"] > 50 > more_descriptors(plain, RATE, NOTE)["wobble"]
    )


@pytest.mark.parametrize("audio", [np.zeros(4 * RATE, np.float32), np.zeros(10, np.float32)])
def test_silence_is_described_with_numbers(audio):
    assert np.isfinite(
        list(hear(np.pad(audio, (0, 4 * RATE - len(audio))), RATE, NOTE).descriptors.values())
    ).all()


def test_the_card_gets_its_section_once():
    figures = [measured([walk([0.0, 1.0, 2.0])])]
    section = macro_section(figures, figures, 12, 7, "python evaluate.py macros")
    assert len(dial_table("macro", figures)) == 4
    card = "# m\n\n## Macros\n\nold\n\n## Limits\n\n- none\n"
    again = with_macro_section(card, section)
    assert "old" not in again and again.count("## Macros") == 1 and again.endswith("## Limits\n\n- none\n")
    assert with_macro_section(again, section) == again
    assert "## Macros" in with_macro_section("# m\n\n## Limits\n\n- none\n", section)
