"""What the paper's page says of its models, each claim tested on the sounds that were measured.

A claim is that one model is closer than another in one figure, on the same sounds. The claim about sizes is
a difference of differences: that a model loses less from one size of the synth to the next than another does,
on the same sounds again, which is what nested datasets are for (`training/data/nested.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from core.ruler.metrics import FIGURES
from evaluation.statistics import PairedTest, compare_with_zero
from evaluation.table import Row, Section

__all__ = ["CLAIMS", "Claim", "claim_lines", "claims_data"]

_JUDGES = ("soft_mss_db", "mss_db")
_SURE = 0.05
_TITLES = {"mse_n": "MSE_n", **{figure.name: figure.title for figure in FIGURES}}


@dataclass(frozen=True)
class Claim:
    """One model is closer than another.

    Attributes:
        says: The claim in words.
        closer, than: Names of rows.
        figures: By which figures it is tested.
        outside: Whether it is about sounds that no known patch made.
    """

    says: str
    closer: str
    than: str
    figures: tuple[str, ...] = _JUDGES
    outside: bool = False


CLAIMS = (
    Claim("Flow_reg is ahead of the autoencoders in sound", "Flow_reg", "VAE_flow", (*_JUDGES, "sc", "mse")),
    Claim("Flow_reg is ahead of the best baseline in sound", "Flow_reg", "CNN", (*_JUDGES, "sc", "mse")),
    Claim("Autoencoders are ahead of feed-forward networks in sound", "VAE", "CNN", (*_JUDGES, "sc", "mse")),
    Claim("Baselines keep up with Flow_reg on parameters", "CNN", "Flow_reg", ("mse_n",)),
    Claim("WAE is best on parameters", "WAE", "CNN", ("mse_n",)),
    Claim("Flow_dis pays for its named dimensions", "Flow_reg", "Flow_dis", (*_JUDGES, "sc", "mse")),
    Claim("Flow_reg is ahead out of the domain", "Flow_reg", "CNN", outside=True),
    Claim("not in the paper: flow matching is ahead of Flow_reg", "Flow matching", "Flow_reg"),
    Claim("not in the paper: the nearest render is ahead of Flow_reg", "nearest render", "Flow_reg"),
)
_RESILIENT = "Flow_reg"  # which the page calls the most resilient to more parameters
_LESS_RESILIENT = ("MLP", "CNN", "ResNet", "AE", "VAE", "WAE", "VAE_flow")


def claims_data(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Test every claim wherever its models were measured; Holm's correction is over all of one section."""
    found = []
    for section in sections:
        rows = {row.name: row for row in section.rows}
        cases = {}
        for claim in CLAIMS:
            if claim.closer not in rows or claim.than not in rows:
                continue
            for figure in claim.figures if claim.outside != section.held_out else ():
                difference = _difference(rows[claim.closer], rows[claim.than], figure)
                if difference is not None:
                    cases[claim.says, f"{claim.closer} - {claim.than}", figure] = difference
        found += _tested(cases, section.title)
    return found + _sizes(sections)


def claim_lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the verdicts as Markdown."""
    if not found:
        return []
    lines = [
        "",
        "## Claim by claim",
        "",
        "The difference of two models on the same sounds: below 0, the first is closer, as the claim says. "
        "Its 95 % interval is by bootstrap, p is of Wilcoxon's test with Holm's correction over the claims "
        "of one set of sounds, and the effect is the mean difference over its standard deviation (0.2 is "
        "small, 0.8 large). A difference that cannot be told has the number of sounds that it would take, "
        "with a power of 80 % at 5 %.",
        "",
        "| the claim | sounds | figure | first - second | difference | 95 % | p | effect | verdict |",
        "| --- | --- | --- | --- | --: | --: | --: | --: | --- |",
    ]
    for row in found:
        interval = "{:+.3g} to {:+.3g}".format(*row["interval_95"])
        figures = f"{row['difference']:+.3g} | {interval} | {row['p']:.2g} | {row['effect']:+.2f}"
        what = f"{row['claim']} | {row['sounds']} | {_TITLES[row['figure']]} | {row['models']}"
        lines.append(f"| {what} | {figures} | {row['verdict']} |")
    return lines


def _sizes(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Test, for sounds that models of several sizes answered, which model loses less from size to size."""
    by_sounds: dict[str, list[Section]] = {}
    for section in sections:
        if section.held_out:
            by_sounds.setdefault(section.sounds, []).append(section)
    found = []
    for sounds, answered in by_sounds.items():
        for small, large in pairwise(sorted(answered, key=_size)):
            if small.n_targets != large.n_targets or _size(small) == _size(large):
                continue
            losses = {figure: _losses(small, large, figure) for figure in (*_JUDGES, "mse_n")}
            where = f"{sounds}, {_size(small)} to {_size(large)} parameters"
            cases = {
                (f"{name} is worse with more parameters", f"{_size(small)} - {_size(large)}", figure): -lost
                for figure, each in losses.items()
                for name, lost in each.items()
            }
            found += _tested(cases, where)
            cases = {
                (f"{_RESILIENT} loses least from more parameters", f"{_RESILIENT} - {name}", figure): (
                    each[_RESILIENT] - each[name]
                )
                for figure, each in losses.items()
                for name in _LESS_RESILIENT
                if name in each and _RESILIENT in each
            }
            found += _tested(cases, where)
    return found


def _size(section: Section) -> int:
    return int(section.space.rpartition("-")[2])


def _losses(small: Section, large: Section, figure: str) -> dict[str, np.ndarray]:
    """Return by how much each model is farther away with the larger size, sound by sound."""
    few = {row.name: row for row in small.rows if row.is_model}
    many = {row.name: row for row in large.rows if row.is_model}
    each = {name: _difference(many[name], few[name], figure) for name in few if name in many}
    return {name: lost for name, lost in each.items() if lost is not None}


def _difference(first: Row, second: Row, figure: str) -> np.ndarray | None:
    if figure == "mse_n" and (first.parameter_error is None or second.parameter_error is None):
        return None
    return first.per_target(figure) - second.per_target(figure)


def _tested(cases: Mapping[tuple[str, str, str], np.ndarray], sounds: str) -> list[dict[str, Any]]:
    named = {"\n".join(case): difference for case, difference in cases.items()}
    rows = []
    for key, test in compare_with_zero(named).items():
        claim, models, figure = key.split("\n")
        rows.append(
            {
                "claim": claim,
                "sounds": sounds,
                "figure": figure,
                "models": models,
                "difference": float(f"{test.difference:.5g}"),
                "interval_95": [float(f"{test.low:.5g}"), float(f"{test.high:.5g}")],
                "p": float(f"{test.p:.2g}"),
                "effect": float(f"{test.effect:.3g}"),
                "verdict": _verdict(test),
                "sounds_needed": test.needed,
            }
        )
    return rows


def _verdict(test: PairedTest) -> str:
    if test.p < _SURE:
        return "holds" if test.difference < 0.0 else "the other way round"
    if test.needed is None:
        return "cannot be told"
    return f"cannot be told: {test.needed:,} sounds"
