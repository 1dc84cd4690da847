"""docs/bounds.md says what the code does: every bound in its table is the constant that it names."""

import importlib
import re
from pathlib import Path

import pytest

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (Path(__file__).parents[1] / "docs/bounds.md").read_text("utf-8").splitlines()
    if re.match(r"\| (?!what \||---)", line)
]
UNITS = {"": 1, "bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "ms": 1e-3, "s": 1}


def test_the_table_is_there():
    assert len(ROWS) > 45 and len({row[2] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("what", "most", "where", "why"), ROWS, ids=[row[0] for row in ROWS])
def test_a_bound_is_what_the_code_has(what, most, where, why):
    module, name = where.strip("`").split(":")
    number, _, unit = most.partition(" ")
    assert getattr(importlib.import_module(module), name) == pytest.approx(float(number) * UNITS[unit])
    assert len(why) >= 10
