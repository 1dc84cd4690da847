"""The page about sketches, from figures made up for it."""

from core.ruler.metrics import FIGURES
from evaluation.sketch_page import write_sketch_page
from evaluation.sketch_table import SketchSet, rows_of


def a_set(pitch):
    """Two sounds, each row of answers twice as far off as the one after it."""
    rows = rows_of([8])
    values = {row: {f.name: [2.0 ** (len(rows) - k)] * 2 for f in FIGURES} for k, row in enumerate(rows)}
    for figures in values.values():
        figures["pitch_cents"] = pitch
    return SketchSet(
        title="2 sounds of dehors", rows=values, closeness=[0.9, 0.5], n_targets=2, n_bank=12_345, skipped=[]
    )


def cells(text, row):
    line = next(line for line in text.splitlines() if line.startswith(f"| {row} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_three_figures_come_first_and_references_stand_beside(tmp_path):
    page = tmp_path / "sketches.md"
    write_sketch_page(page, [a_set([30.0, float("nan")])], command="python evaluate.py sketch")
    text = page.read_text("utf-8")
    heads = cells(text, "answer")
    assert heads[1:5] == ["soft MSS, dB", "pitch error, cents", "envelope error, dB", "MSS, dB"]
    assert "1 of 2 have a pitch" in text and "nan" not in text
    assert cells(text, "silence")[2] == "30 (30)"  # of the sound that has a pitch
    assert cells(text, "nearest render")[-1] == "1.00" and cells(text, "mean patch")[-1] == "2.00"
    assert "1 very close, 1 related" in text


def test_without_any_pitch_the_column_is_empty(tmp_path):
    page = tmp_path / "sketches.md"
    write_sketch_page(page, [a_set([float("nan")] * 2)], command="")
    text = page.read_text("utf-8")
    assert "0 of 2 have a pitch" in text and cells(text, "silence")[2] == ""
