"""The columns of the paper's table: MSE_n, SC and MSE, all sets of sounds side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["paper_layout"]


def paper_layout(sections: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return all sections side by side, with the columns of the paper's table: mean ± spread over sounds."""
    columns: list[tuple[str, str, int, str]] = []
    for k, section in enumerate(sections):
        for name, title in (("mse_n", "MSE_n"), ("sc", "SC"), ("mse", "MSE")):
            if any(name in row["figures"] for row in section["rows"]):
                columns.append((f"{section['title']}: {title}", title, k, name))
    names = list(dict.fromkeys(row["name"] for s in sections for row in s["rows"]))
    lines = [
        "",
        "## In the paper's layout",
        "",
        "Mean ± standard deviation over the sounds. The paper's own figures are for another synth, other "
        "presets and another loudness, so only the order of rows can be compared.",
        "",
        "| answer | " + " | ".join(head for head, *_ in columns) + " |",
        "| --- |" + " --: |" * len(columns),
    ]
    for name in names:
        cells = []
        for _, _, k, figure in columns:
            row = next((r for r in sections[k]["rows"] if r["name"] == name), None)
            value = row["figures"].get(figure) if row else None
            cells.append("" if value is None else f"{value['mean']:.3g} ± {value['std_over_sounds']:.2g}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines
