"""The table of macros beside raw parameters, as Markdown for the model's card."""

from collections.abc import Sequence

import numpy as np

from evaluation.macros.ruler import DialFigures

__all__ = ["dial_table", "macro_section", "with_macro_section"]

_HEADING = "## Macros"
_COLUMNS = {
    "rho": "{:.2f}",
    "right": "{:.2f}",
    "purity": "{:.2f}",
    "loudness_db": "{:.1f}",
    "worst_db": "{:.1f}",
    "evenness": "{:.2f}",
    "change_db": "{:.1f}",
}


def dial_table(title: str, rows: Sequence[DialFigures]) -> list[str]:
    """Return the lines of a table, with a row of means."""
    lines = [
        f"| {title} | descriptor | rho | right | purity | loudness, dB | worst | evenness | change, dB |",
        "| --- | --- |" + " --: |" * len(_COLUMNS),
    ]
    for row in rows:
        cells = " | ".join(form.format(getattr(row, name)) for name, form in _COLUMNS.items())
        promise = f"{'+' if row.meaning.sign > 0 else '-'}{row.meaning.descriptor}"
        lines.append(f"| {row.name} | {promise} | {cells} |")
    means = [form.format(np.mean([getattr(r, name) for r in rows])) for name, form in _COLUMNS.items()]
    return [*lines, "| **mean** | | " + " | ".join(means) + " |"]


def macro_section(
    macros: Sequence[DialFigures], parameters: Sequence[DialFigures], presets: int, steps: int, command: str
) -> list[str]:
    """Return the section of the card about macros."""
    softest = min(row.softest_lufs for row in macros)
    loudest = max(row.loudest_lufs for row in macros)
    peak = max(row.peak for row in macros)
    lines = [
        _HEADING,
        "",
        f"Each dial turned from 0 to 1 at {presets} presets drawn by a seed, {steps} real renders each "
        f"(`{command}`). Rho: rank correlation of the descriptor that the name stands for with the dial. "
        "Right: share of presets at which it rises by a quarter of its spread over presets. Purity: its "
        "change over the RMS of the changes of all descriptors outside its family (median). Loudness: "
        "loudest minus softest along the way, mean and worst. Evenness: largest over mean step. Change: soft "
        "MSS from end to end. The first eight are on the dials. A macro that does not keep its "
        "word is not in the model, or bears the name of the parameter that leads it.",
        "",
        *dial_table("macro", macros),
        "",
        f"Along all of them loudness stays from {softest:.1f} to {loudest:.1f} LUFS, and the largest peak is "
        f"{peak:.2f} of full scale.",
        "",
    ]
    if parameters:
        lines += [
            "Raw parameters at the same presets, over the range that patches use (1st to 99th "
            "percentile), judged by the descriptor that each moves most:",
            "",
            *dial_table("raw parameter", parameters),
            "",
        ]
    return lines


def with_macro_section(card: str, section: Sequence[str]) -> str:
    """Return a card with its section about macros replaced, or added before the limits."""
    before, heading, rest = card.partition(f"{_HEADING}\n")
    if heading:
        _, found, after = rest.partition("\n## ")
        tail = f"## {after}" if found else ""
    else:
        before, found, after = card.partition("## Limits\n")
        tail = f"{found}{after}"
    return before + "\n".join(section) + "\n" + tail
