"""The table of sketches with a player's own presets, and the presets that are drawn for it."""

import json

import numpy as np
import pytest

from evaluation.drawn_presets import drawn_preset, main
from evaluation.own_sketches import AnsweredTwice, own_page
from synths.base_patch import base_patch
from synths.vital_preset import read_checked


def answered(name, alone, both, origin="", is_refined=False, nearest_own=None):
    facts = {"origin": origin, "is_refined": is_refined, "nearest_own": nearest_own}
    return AnsweredTwice(folder="other", name=name, alone=alone, both=both, **facts)


def test_the_table_counts_what_came_nearer_and_tells_where_answers_come_from():
    rows = [
        answered("a.wav", 5.0, 4.0, "Warm Pad", True, 4.5),
        answered("b.wav", 6.0, 6.01, nearest_own=9.0),
        answered("c.wav", 4.0, 4.5),
    ]
    page = own_page(rows, "python -m evaluation.own_sketches", 176, 100)
    assert "| other/a.wav | 5.00 | 4.00 | -1.00 | Warm Pad, refined | 4.50 |" in page
    assert "| other/c.wav | 4.00 | 4.50 | +0.50 | model |  |" in page
    assert "| mean of 3 | 5.00 | 4.84 | -0.16 | | |" in page
    assert "Nearer: 1; the same within 0.02 dB: 1; farther: 1." in page


@pytest.mark.parametrize("k", range(4))
def test_a_drawn_preset_is_one_of_vitals_and_the_same_each_time(tmp_path, k):
    drawn, again = (drawn_preset(np.random.default_rng([3, k]), "Drawn") for _ in range(2))
    assert drawn == again
    path = tmp_path / "Drawn.vital"
    path.write_text(json.dumps(drawn, allow_nan=False), encoding="utf-8")
    assert read_checked(path)["preset_name"] == "Drawn"
    assert drawn["settings"] != base_patch()["settings"]


def test_the_command_writes_as_many_as_asked(tmp_path):
    assert main(["--out", str(tmp_path / "drawn"), "--n", "3", "--seed", "1"]) == 0
    assert len(list((tmp_path / "drawn").glob("*.vital"))) == 3
