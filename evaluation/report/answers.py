"""The sections in which every model answers the same sounds, side by side, and their means at the top."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ConfigError
from core.ruler.metrics import FIGURES
from core.sound_file import sound_files
from evaluation.evaluated_model import EvaluatedModel
from evaluation.match import read_targets
from evaluation.report.charts import heat_rows
from evaluation.report.sections import ReportContext, one_a_kind
from evaluation.statistics import measured
from synths.catalog import facts_of, load_engine
from synths.engine import Note
from training.data.leveled_render import render_leveled
from training.data.render import drawn_source
from training.data.split import split_shards

__all__ = ["SHOWN", "answer_titles", "check_side_by_side", "elsewhere", "reconstruction", "summary"]

SHOWN = FIGURES[:4]  # in the summary
_JUDGE = FIGURES[0].name
_DRAW = 0x0DDB0A  # with the seed: no training shard has this number, so no such patch was trained on


def check_side_by_side(model: EvaluatedModel, others: Sequence[EvaluatedModel]) -> None:
    """Check that models can answer the same sounds.

    Raises:
        ConfigError: One has another space or sample rate.
    """
    for other in others:
        if other.space.names != model.space.names or other.mel.sample_rate != model.mel.sample_rate:
            raise ConfigError(
                f"{other.name} is a model of {other.space.name}, {model.name} of {model.space.name}, and "
                "their answers cannot stand side by side. Write a page for each."
            )


def answer_titles(context: ReportContext) -> list[str]:
    """Return what the answers of each model are called: by its name where there are several."""
    if not context.others:
        return ["Model's answer"]
    names = [model.name for model in (context.model, *context.others)]
    return [name if names.count(name) == 1 else f"{name} ({k + 1})" for k, name in enumerate(names)]


def reconstruction(context: ReportContext, n: int) -> dict[str, Any]:
    """Answer sounds of the synth itself that no model has heard; see `_own_sounds`."""
    model = context.model
    true, names, held_out = _own_sounds(context, n)
    targets = context.render(true, "reconstruction")
    answers = _answers(context, targets)
    nearest = "Nearest render" if model.run is not None else "Nearest preset"
    items = _items(context, names, targets, answers, nearest if held_out else None, model.note)
    for k, item in enumerate(items):
        vectors = np.stack([true[k], *(one[k] for one in answers.values())])
        order = np.argsort(-np.abs(vectors[0] - vectors[1]), kind="stable")
        item["rows"] = heat_rows(model.space, vectors, order.tolist())
    heads = ["target", *answers] if context.others else ["target", "answer"]
    means = _means(items, list(answers), nearest)
    return {"held_out": held_out, "items": items, "heads": heads, "mean": means}


def elsewhere(context: ReportContext, folder: Path, n: int) -> dict[str, Any]:
    """Return other sounds with the models' answers and the nearest reference sound."""
    files, left_out = sound_files(folder)
    targets, skipped = read_targets(files[:n], context.model)
    items: list[dict[str, Any]] = []
    titles: list[str] = []
    if targets:
        sounds = [target.heard.audio for target in targets]
        answers = _answers(context, sounds)
        names, notes = [target.path.stem for target in targets], [target.note for target in targets]
        items, titles = _items(context, names, sounds, answers, "Nearest sound", notes), list(answers)
        for target, item in zip(targets, items, strict=True):
            item["note"] = target.note.note if target.heard.pitched else None
    return {
        "name": folder.name,
        "items": items,
        "left_out": max(0, len(files) - n),
        "skipped": [
            *(f"{path.name}: {reason}" for path, reason in left_out),
            *(f"{s.path.name}: {s.reason}" for s in skipped),
        ],
        "mean": _means(items, titles, "Nearest sound"),
    }


def summary(sections: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the means of each set of sounds that was answered, for the top of the page."""
    own = sections["reconstruction"]
    name = "Held-out sounds" if own["held_out"] else "Presets of the map"
    sets = [{"name": name, **own}, *sections["elsewhere"], *sections["voices"]]
    return [
        {"name": one["name"], "n": len(one["items"]), "means": one["mean"]} for one in sets if one["items"]
    ]


def _own_sounds(context: ReportContext, n: int) -> tuple[np.ndarray, list[str], bool]:
    """Return patches `(n, P)` to answer, their names, and whether no model was trained on them.

    Runs of one dataset answer its held-out renders; others newly drawn patches, or presets of the map for
    a synth of which nothing can be drawn.
    """
    model, rng = context.model, np.random.default_rng(context.seed)
    runs = [one.run for one in (model, *context.others)]
    places = {run and (run.folder.path.resolve(), run.settings.shards) for run in runs}
    if model.run is not None and len(places) == 1:
        run = model.run
        test = run.folder.read(split_shards(run.folder.shards()[: run.settings.shards])[2])
        true = test.patches[rng.permutation(len(test))[:n]]
        return true, [f"Held-out sound {k + 1}" for k in range(len(true))], True
    if facts_of(model.space).read_banks is None:
        return *_drawn(model, n, context.seed), True
    if model.folder is None:
        raise ConfigError(
            f"no sound can be drawn of {model.space.name} that is new to every model. Compare runs of one "
            "dataset."
        )
    presets = model.folder.presets
    rows = one_a_kind(presets.kinds, n, rng)
    return presets.patches[rows], [presets.names[k] for k in rows], False


def _drawn(model: EvaluatedModel, n: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """Draw patches that no model was trained on, each named by its kind."""
    source, rng = drawn_source(model.space), np.random.default_rng([seed, _DRAW])
    engine = load_engine(model.space, model.mel.sample_rate)
    vectors: list[np.ndarray] = []
    names: list[str] = []
    while len(vectors) < n:
        vector, kind = source.draw(rng)
        if (render := render_leveled(vector, model.space, engine, model.note)) is not None:
            vectors.append(render.vector)
            names.append(f"New sound {len(vectors)}: {source.kinds[kind]}")
    return np.stack(vectors), names


def _answers(context: ReportContext, sounds: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Return the answers `(n, P)` of each model, by title; each hears the sounds in its own way."""
    models = (context.model, *context.others)
    return {title: model.answers(sounds) for title, model in zip(answer_titles(context), models, strict=True)}


def _items(
    context: ReportContext,
    names: Sequence[str],
    targets: Sequence[np.ndarray],
    answers: Mapping[str, np.ndarray],
    nearest: str | None,
    notes: Note | Sequence[Note],
) -> list[dict[str, Any]]:
    """Return each sound with its answers and, unless it is one of them, the nearest of the references.

    The mean patch and silence are measured beside them, but not played.
    """
    columns, references = dict(answers), context.references
    if nearest is not None:  # a preset's nearest preset is itself
        mels, _ = context.model.hear_all(targets)
        columns[nearest] = references.sounds.patches[references.nearest(mels)]
    played = {title: context.render(vectors, "answers", notes) for title, vectors in columns.items()}
    middle = context.render(np.repeat(references.mean_patch[None], len(targets), 0), "mean", notes)
    items = []
    for k, (name, target) in enumerate(zip(names, targets, strict=True)):
        cells: list[dict[str, Any]] = [
            {"title": "Target", "clip": context.clips.add(target, f"{name}, target"), "figures": None}
        ]
        for title, sounds in played.items():
            clip = context.clips.add(sounds[k], f"{name}, {title.lower()}")
            cells.append({"title": title, "clip": clip, "figures": context.distance(target, sounds[k])})
        unheard = {"Mean patch": middle[k], "Silence": np.zeros(1, np.float32)}
        beside = {title: context.distance(target, sound) for title, sound in unheard.items()}
        items.append({"name": name, "cells": cells, "references": beside})
    return items


def _means(items: Sequence[dict[str, Any]], models: Sequence[str], nearest: str) -> list[dict[str, Any]]:
    """Return the mean of the figures of each kind of answer, as shown; empty where no sound has one.

    For models, also on how many sounds they are closer than the nearest reference.
    """
    every: dict[str, list[dict[str, float]]] = {}
    for item in items:
        answers = {cell["title"]: cell["figures"] for cell in item["cells"][1:]}
        for title, figures in {**answers, **item["references"]}.items():
            every.setdefault(title, []).append(figures)
    rows = []
    for title, figures in every.items():
        values = [measured(np.array([one[f.name] for one in figures])) for f in SHOWN]
        cells = [f"{v.mean():.{f.digits}f}" if len(v) else "" for v, f in zip(values, SHOWN, strict=True)]
        closer = ""
        if title in models and nearest in every:
            pairs = zip(figures, every[nearest], strict=True)
            closer = f"{sum(one[_JUDGE] < other[_JUDGE] for one, other in pairs)} of {len(figures)}"
        rows.append({"title": title, "cells": [*cells, closer]})
    return rows
