"""The figures that come first, as medians with their intervals, and the variance ratio."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.ruler.metrics import FIGURES

__all__ = ["median_table"]

_FIRST = ("sc", "mse", "soft_mss_db", "mss_db", "pitch_cents", "envelope_db")  # the paper's, then the ruler's


def median_table(rows: Sequence[Mapping[str, Any]], held_out: bool) -> list[str]:
    """Return the median of each figure with its 95 % bootstrap interval over the sounds, as Markdown.

    Args:
        rows: Rows of a section, see `evaluation.tables.page.table_data`.
        held_out: Whether the true patches are known.
    """
    figures = {figure.name: figure for figure in FIGURES}
    columns = [("mse_n", "MSE_n", 3)] if held_out else []
    columns += [(name, figures[name].title, figures[name].digits) for name in _FIRST]
    titles = [title for _, title, _ in columns] + (["variance ratio"] if held_out else [])
    lines = [
        "**Medians** over the sounds, each with its 95 % interval by bootstrap.",
        "",
        f"| answer | {' | '.join(titles)} |",
        "| --- |" + " --: |" * len(titles),
    ]
    for row in rows:
        cells = []
        for name, _, digits in columns:
            figure = row["figures"].get(name)
            if figure is None:
                cells.append("")
                continue
            low, high = figure["median_interval_95"]
            cells.append(f"{figure['median']:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})")
        if held_out:
            ratio = row.get("variance_ratio")
            cells.append("" if ratio is None else f"{ratio['mean']:.2f}")
        lines.append(f"| {row['name']} | {' | '.join(cells)} |")
    return lines
