"""Semantic dimensions of a Flow_dis run, judged by the ruler of macros, before and after disentangling."""

import yaml

from core.ruler.vocabulary import MEANINGS
from core.tags import TAG_NAMES
from evaluation.macros.semantic import PAIR_MEANINGS, main


def test_every_pair_has_a_descriptor_that_the_ruler_knows():
    assert tuple(PAIR_MEANINGS) == TAG_NAMES
    known = {meaning.descriptor for meaning in MEANINGS.values()} | {"pitch_strength"}
    assert {meaning.descriptor for meaning in PAIR_MEANINGS.values()} <= known


def test_all_pairs_of_a_run_are_judged_before_and_after(disentangled, tmp_path):
    out = tmp_path / "semantic.md"
    command = [str(disentangled), "--sounds", "1", "--steps", "2", "--workers", "1", "--out", str(out)]
    assert main(command) == 0
    text = out.read_text("utf-8")
    pairs = yaml.safe_load(out.with_suffix(".yaml").read_text("utf-8"))["pairs"]
    assert tuple(row["pair"] for row in pairs) == TAG_NAMES
    for row in pairs:
        assert f"| {row['pair']}, before |" in text and f"| {row['pair']}, after |" in text
        for stage in ("before", "after"):
            assert 0.0 <= row[f"auc_{stage}"] <= 1.0
            assert -1.0 <= row[stage]["rho"] <= 1.0 and 0.0 <= row[stage]["right"] <= 1.0
            assert row[stage]["name"] == row["pair"]


def test_another_model_is_refused(runs, tmp_path, caplog):
    assert main([str(runs[0]), "--out", str(tmp_path / "a.md")]) == 2
    assert "not a run of flow_dis" in caplog.text
