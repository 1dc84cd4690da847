"""The page that `python evaluate.py sketch` writes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evaluation.sketch_table import SketchSet
from evaluation.statistics import measured
from sketching.answer_files import write_text
from sketching.closeness import closeness_label

__all__ = ["write_sketch_page"]

_COLUMNS = (
    ("soft_mss_db", "soft MSS, dB", 2),
    ("pitch_cents", "pitch error, cents", 0),
    ("envelope_db", "envelope error, dB", 2),
    ("mss_db", "MSS, dB", 2),
    ("wmfcc", "wMFCC", 2),
    ("sot", "SOT", 3),
    ("rms_cosine", "RMS cosine", 3),
)


def write_sketch_page(path: Path, sets: Sequence[SketchSet], *, command: str) -> None:
    """Write the tables as Markdown, completely or not at all.

    Args:
        path: The file.
        sets: What was measured.
        command: The command that measured it.

    Raises:
        ConfigError: The file cannot be written.
    """
    lines = [
        "# Results: sketches",
        "",
        f"Written by `{command}`.",
        "",
        "Mean (median) over the targets; lower is closer, except for the RMS cosine. Every answer was played "
        "by the real engine at the detected note. Nearest render: of all "
        f"{sets[0].n_bank:,} training renders, by log-mel. Posterior mean: the encoder alone. First answer: "
        "what comes before anything is rendered. Rendered: the nearest of its candidates, by a render of "
        "each. Sung: what comes as soon as a recording ends, with what was rendered meanwhile, a round per "
        "0.65 s. After N renders: the best answer of a refinement "
        "that begins with the first answer; [sketching.md](sketching.md) says how many renders fit into a "
        "second. Ratio: mean soft MSS over that of the nearest render. [metrics.md](metrics.md) explains the "
        "figures.",
        "",
    ]
    for one in sets:
        lines += [f"## {one.title[0].upper()}{one.title[1:]}", ""]
        n = len(measured(np.array(one.rows["silence"]["pitch_cents"])))
        lines += [f"{n} of {one.n_targets} have a pitch, and so a pitch error.", ""]
        lines += ["| answer | " + " | ".join(title for _, title, _ in _COLUMNS) + " | ratio |"]
        lines += ["| --- |" + " --- |" * (len(_COLUMNS) + 1)]
        nearest = float(np.mean(one.rows["nearest render"]["soft_mss_db"]))
        for row, figures in one.rows.items():
            cells = [_cell(figures[name], digits) for name, _, digits in _COLUMNS]
            ratio = float(np.mean(figures["soft_mss_db"])) / nearest
            lines.append(f"| {row} | " + " | ".join(cells) + f" | {ratio:.2f} |")
        words = [closeness_label(closeness) for closeness in sorted(one.closeness, reverse=True)]
        counted = ", ".join(f"{words.count(w)} {w}" for w in dict.fromkeys(words))
        lines += ["", f"Closeness of the last row: {counted}.", ""]
        lines += [f"Not heard: {line}" for line in one.skipped]
    write_text(path, "\n".join(lines).rstrip() + "\n")


def _cell(figures: Sequence[float], digits: int) -> str:
    """Return mean (median) of what was measured; nothing for pitch errors where no target has a pitch."""
    values = measured(np.array(figures))
    return f"{values.mean():.{digits}f} ({np.median(values):.{digits}f})" if len(values) else ""
