"""Tables for people (Markdown) and for programs (YAML and CSV)."""

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.ruler.metrics import FIGURES
from evaluation.environment import hardware, versions
from evaluation.statistics import anova, compare_pairs, compare_with_zero, spread_over_runs, summarise
from evaluation.table import Row, Section
from evaluation.tables.claims import claim_lines, claims_data
from evaluation.tables.medians import median_table
from evaluation.tables.paper_layout import paper_layout

__all__ = ["table_data", "write_table"]

_SURE = 0.05
_JUDGE = "soft_mss_db"  # the figure by which answers are compared with the nearest render


def write_table(
    out: Path,
    sections: Sequence[Section],
    *,
    command: str,
    minutes: float,
    reading: Path | None = None,
    unfinished: Sequence[str] = (),
) -> list[Path]:
    """Write `out` and, beside it, the same name with `.yaml` and `.csv`, and return the paths.

    Args:
        out: Markdown file; `.md` is added if it has no suffix.
        sections: What was measured.
        command: The command, shown on the page.
        minutes: How long measuring took.
        reading: Markdown about these figures, placed before them.
        unfinished: Names of runs that were left out because their training has not ended.

    Raises:
        ConfigError: A file cannot be written, or `reading` cannot be read.
    """
    page = out if out.suffix else out.with_suffix(".md")
    data = {
        "command": command,
        "hardware": hardware(),
        "versions": versions(),
        "minutes": round(minutes, 1),
        "unfinished": list(unfinished),
        "sections": [table_data(s) for s in sections],
        "claims": claims_data(sections),
    }
    texts = {
        page: _markdown(data, sections, _read(reading)),
        page.with_suffix(".yaml"): yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110),
        page.with_suffix(".csv"): _csv(sections),
    }
    for path, text in texts.items():
        _write(path, text)
    return list(texts)


def table_data(section: Section) -> dict[str, Any]:
    """Return all figures of a section as plain data."""
    names = ["mse_n", *(f.name for f in FIGURES)]
    rows = []
    for row in section.rows:
        figures = {}
        for name in names:
            if name == "mse_n" and row.parameter_error is None:
                continue
            values = row.parameter_error if name == "mse_n" else row.figures[name]
            assert values is not None
            if np.isnan(values).all():  # pitch errors, and no target has a pitch
                continue
            s = summarise(row.per_target(name))
            mean, between = spread_over_runs(list(values))
            figures[name] = {
                "mean": _short(mean),
                "median": _short(s.median),
                "median_interval_95": [_short(s.median_low), _short(s.median_high)],
                "std_over_sounds": _short(s.std),
                "interval_95": [_short(s.low), _short(s.high)],
                **({"std_over_seeds": _short(between)} if len(values) > 1 else {}),
            }
        entry: dict[str, Any] = {"name": row.name, "seeds": list(row.seeds), "figures": figures}
        if row.runs:
            entry["runs"] = list(row.runs)
        if row.cost is not None:
            entry["learning"] = {k: _short(v) for k, v in vars(row.cost).items()}
        if row.variance_ratio is not None:
            ratio = row.variance_ratio
            entry["variance_ratio"] = {"mean": _short(ratio.mean()), "lowest": _short(ratio.min())}
            entry["variance_ratio"]["of"] = dict(
                zip(section.captions, (_short(r) for r in ratio), strict=True)
            )
        rows.append(entry)
    return {
        "title": section.title,
        "targets": section.description,
        "n_targets": section.n_targets,
        "n_pitched": _n_pitched(section),
        "skipped": list(section.skipped),
        "rows": rows,
        "against_nearest_render": _paired(section),
        "pairs": _pairs(section),
        "anova": _anova(section, names),
    }


def _n_pitched(section: Section) -> int:
    """Return how many targets have a pitch, and so a pitch error."""
    return int(np.isfinite(section.rows[0].per_target("pitch_cents")).sum())


def _paired(section: Section) -> dict[str, Any]:
    """Compare the models with the nearest render, target by target."""
    nearest = next(r for r in section.rows if r.name == "nearest render")
    models = {r.name: r.per_target(_JUDGE) for r in section.rows if r.is_model}
    tests = compare_pairs(models, nearest.per_target(_JUDGE))
    return {
        name: {
            "difference": _short(t.difference),
            "interval_95": [_short(t.low), _short(t.high)],
            "closer_on": _short(t.wins),
            "p": float(f"{t.p:.2g}"),
            "effect": _short(t.effect),
            "sounds_needed": t.needed,
        }
        for name, t in tests.items()
    }


def _pairs(section: Section) -> dict[str, Any]:
    """Compare every two models, target by target, all of them together."""
    models = [(r.name, r.per_target(_JUDGE)) for r in section.rows if r.is_model]
    differences = {f"{a} - {b}": x - y for (a, x), (b, y) in combinations(models, 2)}
    return {
        name: {
            "difference": _short(t.difference),
            "p": float(f"{t.p:.2g}"),
            "effect": _short(t.effect),
            "sounds_needed": t.needed,
        }
        for name, t in compare_with_zero(differences).items()
    }


def _anova(section: Section, names: Sequence[str]) -> dict[str, Any]:
    models = [r for r in section.rows if r.is_model]
    found = {}
    for name in names:
        if name == "mse_n" and not section.held_out:
            continue
        result = anova([r.per_target(name) for r in models])
        if result is not None:
            found[name] = {
                "f": _short(result.f),
                "p": float(f"{result.p:.2g}"),
                "degrees": [result.between, result.within],
                "eta_squared": _short(result.eta_squared),
            }
    return found


def _markdown(data: Mapping[str, Any], sections: Sequence[Section], reading: str) -> str:
    lines = [
        "# Results",
        "",
        *([reading, ""] if reading else []),
        f"Measured in {data['minutes']:g} minutes, not counting earlier measurements, on {data['hardware']} "
        f"({data['versions']}) by",
        "",
        f"    {data['command']}",
        "",
        "Every answer is a patch, played by the synth itself and compared with its target. Mean (median); "
        "lower is closer, except for the RMS cosine. [Metrics](metrics.md) explains the figures, and how "
        "this differs from the paper's evaluation. The files of the same name with `.yaml` and `.csv` hold "
        "the figures for programs.",
    ]
    if data["unfinished"]:
        lines += ["", f"Left out, because their training has not ended: {', '.join(data['unfinished'])}."]
    for section, values in zip(sections, data["sections"], strict=True):
        lines += [
            "",
            f"## {section.title}",
            "",
            f"{section.description[0].upper()}{section.description[1:]}. {values['n_pitched']} of the "
            f"{section.n_targets} have a pitch, and so a pitch error. {_named_runs(section.rows)}",
            "",
        ]
        lines += [*_figure_table(values["rows"], section.held_out), ""]
        lines += median_table(values["rows"], section.held_out)
        if section.held_out:
            lines += ["", *_learning_table(section.rows)]
        lines += ["", "**How sure.** " + _how_sure(section, values), ""]
        lines += _sure_table(values)
        if section.held_out and any(r.variance_ratio is not None for r in section.rows):
            lines += ["", *_ratio_lines(section.rows, section.captions)]
        for line in section.skipped:
            lines += ["", f"Skipped {line}"]
    lines += claim_lines(data["claims"]) + paper_layout(data["sections"]) + [""]
    return "\n".join(lines)


def _named_runs(rows: Sequence[Row]) -> str:
    named = [f"{row.name}: {', '.join(row.runs)}" for row in rows if row.runs]
    return f"Runs: {'; '.join(named)}."


def _figure_table(rows: Sequence[Mapping[str, Any]], held_out: bool) -> list[str]:
    columns = [("mse_n", "MSE_n", 3)] if held_out else []
    columns += [(f.name, f.title, f.digits) for f in FIGURES]
    lines = [
        "| answer | " + " | ".join(title for _, title, _ in columns) + " |",
        "| --- |" + " --: |" * len(columns),
    ]
    for row in rows:
        cells = []
        for name, _, digits in columns:
            figure = row["figures"].get(name)
            cells.append(
                "" if figure is None else f"{figure['mean']:.{digits}f} ({figure['median']:.{digits}f})"
            )
        lines.append(f"| {row['name']} | " + " | ".join(cells) + " |")
    return lines


def _learning_table(rows: Sequence[Row]) -> list[str]:
    lines = [
        "**What training cost**, mean over the seeds; a pass is once through the training sounds.",
        "",
        "| model | parameters, millions | minutes | passes |",
        "| --- | --: | --: | --: |",
    ]
    for row in rows:
        if row.cost is not None:
            cells = f"{row.cost.parameters / 1e6:.2f} | {row.cost.minutes:.1f} | {row.cost.passes:.0f}"
            lines.append(f"| {row.name} | {cells} |")
    return lines


def _how_sure(section: Section, values: Mapping[str, Any]) -> str:
    parts = [
        "Soft MSS with its 95 % bootstrap interval over the sounds, its spread between seeds, and the "
        "difference from the nearest render on the same sounds (Wilcoxon's test, Holm's correction)."
    ]
    tests = values["anova"]
    named = {"mse_n": "MSE_n", **{f.name: f.title for f in FIGURES}}
    told = [
        f"{named[n]} F({tests[n]['degrees'][0]}, {tests[n]['degrees'][1]}) = {tests[n]['f']:.3g}, "
        f"p = {tests[n]['p']:.2g}, eta squared {tests[n]['eta_squared']:.2f}"
        for n in ("mse_n", _JUDGE, "mss_db", "sc", "mse")
        if n in tests
    ]
    if told:
        parts.append(f"One-way ANOVA over the models, as in the paper: {'; '.join(told)}.")
    if pairs := values["pairs"]:
        told = sum(pair["p"] < _SURE for pair in pairs.values())
        parts.append(f"{told} of the {len(pairs)} pairs of models can be told apart (the same test).")
    return " ".join(parts)


def _sure_table(values: Mapping[str, Any]) -> list[str]:
    lines = [
        "| answer | seeds | soft MSS, dB | 95 % | between seeds | minus nearest | 95 % | closer on | p |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for row in values["rows"]:
        f = row["figures"][_JUDGE]
        between = f"{f['std_over_seeds']:.2f}" if "std_over_seeds" in f else ""
        start = [row["name"], str(len(row["seeds"]) or ""), f"{f['mean']:.2f}"]
        cells = [*start, "{:.2f} to {:.2f}".format(*f["interval_95"]), between]
        test = values["against_nearest_render"].get(row["name"])
        if test is None:
            cells += ["", "", "", ""]
        else:
            interval = "{:+.2f} to {:+.2f}".format(*test["interval_95"])
            cells += [f"{test['difference']:+.2f}", interval, f"{test['closer_on']:.0%}", f"{test['p']:.2g}"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _ratio_lines(rows: Sequence[Row], captions: Sequence[str]) -> list[str]:
    lines = [
        "**Collapse.** Variance of predicted over variance of true values: near 0 means that the model "
        "answers with the average, whatever it hears.",
        "",
        "| model | mean | lowest | parameters below 0.1 |",
        "| --- | --: | --: | --- |",
    ]
    for row in rows:
        if row.variance_ratio is None:
            continue
        ratio = row.variance_ratio
        low = [captions[k] for k in np.argsort(ratio) if ratio[k] < 0.1]
        shown = ", ".join(low[:4]) + (f" and {len(low) - 4} more" if len(low) > 4 else "")
        least = f"{ratio.min():.2f} ({captions[int(np.argmin(ratio))]})"
        lines.append(f"| {row.name} | {ratio.mean():.2f} | {least} | {shown or 'none'} |")
    return lines


def _csv(sections: Sequence[Section]) -> str:
    """Return a line for each answer to each target."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["set", "answer", "seed", "target", "mse_n", *(f.name for f in FIGURES)])
    for section in sections:
        for row in section.rows:
            for s in range(len(row.figures[_JUDGE])):
                seed = row.seeds[s] if row.seeds else ""
                for k in range(section.n_targets):
                    error = "" if row.parameter_error is None else f"{row.parameter_error[s, k]:.6g}"
                    found = (float(row.figures[f.name][s, k]) for f in FIGURES)
                    values = ["" if isnan(value) else f"{value:.6g}" for value in found]
                    writer.writerow([section.title, row.name, seed, k, error, *values])
    return text.getvalue()


def _short(value: float) -> float:
    return float(f"{float(value):.5g}")


def _read(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; pick another --out.") from error
