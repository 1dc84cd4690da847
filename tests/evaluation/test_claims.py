"""The page's claims, tested on figures that are made up."""

import numpy as np
import pytest

from core.ruler.metrics import FIGURES
from evaluation.table import PAPER_NAMES, Row, Section
from evaluation.tables.claims import CLAIMS, claim_lines, claims_data

N = 120
RNG = np.random.default_rng(0)
SOUNDS = RNG.uniform(2.0, 6.0, N)  # how hard each sound is, for every model


def row(name, off, is_model=True):
    values = SOUNDS + off + RNG.normal(0.0, 0.3, (2, N))
    return Row(
        name=name, figures={f.name: values for f in FIGURES}, parameter_error=values, is_model=is_model
    )


def section(space="vital-32", sounds="vital-16", held_out=True, **offs):
    rows = (row("nearest render", -1.0, is_model=False), *(row(name, off) for name, off in offs.items()))
    return Section(
        title=f"{space}, sounds of {sounds}",
        description="",
        rows=rows,
        n_targets=N,
        captions=(),
        held_out=held_out,
        space=space,
        sounds=sounds,
    )


def verdicts(*sections):
    return {(r["claim"], r["sounds"], r["figure"], r["models"]): r for r in claims_data(sections)}


def test_every_claim_is_about_rows_that_there_are():
    names = {*PAPER_NAMES.values(), "nearest render"}
    assert all({claim.closer, claim.than} <= names for claim in CLAIMS)


def test_a_claim_holds_is_the_other_way_round_or_cannot_be_told():
    found = verdicts(section(Flow_reg=0.0, VAE_flow=0.5, CNN=-0.5, Flow_dis=0.0))
    by_models = {(models, figure): r for (_, _, figure, models), r in found.items()}
    ahead = by_models["Flow_reg - VAE_flow", "soft_mss_db"]
    assert ahead["verdict"] == "holds" and ahead["p"] < 0.001 and ahead["effect"] < -0.8
    assert ahead["difference"] == pytest.approx(-0.5, abs=0.1)
    assert ahead["interval_95"][0] < ahead["difference"] < ahead["interval_95"][1]
    assert by_models["Flow_reg - CNN", "soft_mss_db"]["verdict"] == "the other way round"
    same = by_models["Flow_reg - Flow_dis", "soft_mss_db"]
    assert same["verdict"].startswith("cannot be told")
    assert same["sounds_needed"] is None or same["sounds_needed"] > N


def test_a_claim_about_other_sounds_is_tested_on_those_alone():
    inside = verdicts(section(Flow_reg=0.0, CNN=0.5))
    outside = verdicts(section(held_out=False, Flow_reg=0.0, CNN=0.5))
    assert not any("out of the domain" in claim for claim, *_ in inside)
    assert all("out of the domain" in claim for claim, *_ in outside) and outside


def test_what_more_parameters_cost_is_measured_on_the_same_sounds():
    few = section("vital-16", "vital-16", Flow_reg=0.0, CNN=0.0)
    many = section("vital-32", "vital-16", Flow_reg=0.4, CNN=1.2)
    other = section("vital-32", "vital-32", Flow_reg=0.0, CNN=0.0)  # other sounds: not compared
    found = verdicts(many, few, other)
    where = "vital-16, 16 to 32 parameters"
    lost = found["CNN is worse with more parameters", where, "soft_mss_db", "16 - 32"]
    assert lost["verdict"] == "holds" and lost["difference"] == pytest.approx(-1.2, abs=0.1)
    least = found["Flow_reg loses least from more parameters", where, "soft_mss_db", "Flow_reg - CNN"]
    assert least["verdict"] == "holds" and least["difference"] == pytest.approx(-0.8, abs=0.1)
    assert {sounds for _, sounds, *_ in found if "parameters" in sounds} == {where}
    text = "\n".join(claim_lines(list(found.values())))
    assert "Flow_reg loses least" in text and "nan" not in text


def test_nothing_to_say_takes_no_room():
    assert claim_lines(claims_data([section(MLP=0.0)])) == []
