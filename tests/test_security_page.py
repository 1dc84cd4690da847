"""docs/security.md promises what tests hold."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
TABLE = [line for line in PAGE.splitlines() if line.startswith("| ")]
ROWS = TABLE[2:]  # below the head


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:40])
def test_a_promise_names_tests_that_are_there(row):
    path, named = "", re.findall(r"`(tests/[\w/]+\.py)?::(\w+)`", row)
    assert named
    for given, name in named:
        path = given or path
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.M), name
