"""Measure trained runs and the references they have to beat: the rows of `python evaluate.py table`."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml
from tqdm import tqdm

from core.errors import ConfigError
from core.ruler.metrics import (
    FIGURES,
    AnalysedSound,
    analyse,
    compare,
    normalised_parameter_error,
    parameter_magnitude,
)
from evaluation.cache_folder import cache_folder
from evaluation.evaluated_model import EvaluatedModel
from evaluation.patch_renderer import PatchRenderer
from evaluation.references import ReferenceSounds, refined_by_proxy
from evaluation.score_cache import ScoreCache, answer_key
from evaluation.statistics import variance_ratio
from evaluation.target_sets import TargetSet, held_out_set, is_dataset, shared_set, sound_set
from evaluation.training_cost import TrainingCost, training_cost
from models.regression_flow import RegressionFlow

__all__ = ["PAPER_NAMES", "Row", "Section", "group_runs", "measure_table"]

PAPER_NAMES = {
    "mlp": "MLP",
    "cnn": "CNN",
    "resnet": "ResNet",
    "ae": "AE",
    "vae": "VAE",
    "wae": "WAE",
    "vae_flow": "VAE_flow",
    "flow_reg": "Flow_reg",
    "flow_dis": "Flow_dis",
    "flow_matching": "Flow matching",  # not the paper's: its rival today
}
logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was measured of one kind of answer.

    Attributes:
        name: Name of the row.
        figures: By name, `(n_seeds, n_targets)`; one seed for references.
        parameter_error: MSE_n, `(n_seeds, n_targets)`; None without true patches, or for silence.
        variance_ratio: Predicted over true variance per parameter, mean over seeds, `(P,)`, or None.
        seeds: Seeds of the runs; empty for references.
        runs: Names of the runs; empty for references.
        is_model: Whether it is a model and not a reference.
        cost: What training cost; None for references.
    """

    name: str
    figures: Mapping[str, np.ndarray]
    parameter_error: np.ndarray | None = None
    variance_ratio: np.ndarray | None = None
    seeds: tuple[int, ...] = ()
    runs: tuple[str, ...] = ()
    is_model: bool = False
    cost: TrainingCost | None = None

    def per_target(self, figure: str) -> np.ndarray:
        """Return a figure's mean over seeds, `(n_targets,)`."""
        values = self.parameter_error if figure == "mse_n" else self.figures[figure]
        assert values is not None
        return np.asarray(values.mean(axis=0))


@dataclass(frozen=True, kw_only=True)
class Section:
    """One table: all rows on one set of targets.

    Attributes:
        title, description: Heading, and what the targets are.
        rows: Rows in the order shown.
        n_targets: Number of targets.
        captions: Captions of the parameters, for the variance ratios.
        skipped: A line for each file that could not be heard.
        held_out: Whether the targets are renders of known patches.
        space: Name of the models' space.
        sounds: What the same targets are called in the sections of other spaces: the dataset, or the folder.
    """

    title: str
    description: str
    rows: tuple[Row, ...]
    n_targets: int
    captions: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    held_out: bool = False
    space: str = ""
    sounds: str = ""


def group_runs(models: Sequence[EvaluatedModel]) -> dict[str, list[EvaluatedModel]]:
    """Group runs that differ only in their seed; order and names are those of the paper.

    A model that the paper does not have goes by the name of its runs, and comes last.

    Raises:
        ConfigError: Two runs of a model have the same seed.
    """
    groups: dict[str, list[EvaluatedModel]] = {}
    names: dict[str, str] = {}
    for model in models:
        assert model.run is not None
        settings = model.run.settings
        facts = {k: str(v) for k, v in vars(replace(settings, name="", seed=0, runs=Path())).items()}
        key = yaml.safe_dump(facts)
        architecture = str(getattr(settings, "architecture", "proxy_flow"))
        groups.setdefault(key, []).append(model)
        names.setdefault(key, PAPER_NAMES.get(architecture) or _without_seed(model))
    order = list(PAPER_NAMES.values())
    places = {key: order.index(name) if name in order else len(order) for key, name in names.items()}
    groups = dict(sorted(groups.items(), key=lambda item: places[item[0]]))
    result: dict[str, list[EvaluatedModel]] = {}
    for key, members in groups.items():
        seeds = [m.run.settings.seed for m in members if m.run]
        if len(set(seeds)) < len(seeds):
            raise ConfigError(f"two runs of {names[key]} have the same seed. Name each run once.")
        name = names[key]
        if list(names.values()).count(name) > 1:
            name = f"{name} ({_without_seed(members[0])})"
        result[name if name not in result else f"{name} {len(result)}"] = members
    return result


def _without_seed(model: EvaluatedModel) -> str:
    """Return the name of a run without the seed behind it, as in `vae-0` or `mine-seed1`."""
    assert model.run is not None
    return re.sub(rf"([-_ ]|[-_ ]?(s|seed)[-_ ]?){model.run.settings.seed}$", "", model.name)


def measure_table(
    models: Sequence[EvaluatedModel],
    sets: Sequence[str],
    *,
    n_targets: int,
    workers: int,
    seed: int = 0,
    cache: Path | None = None,
) -> list[Section]:
    """Answer every set of targets with every model and reference, render the answers, and measure them.

    Args:
        models: Runs; those of one dataset share a section.
        sets: `test`, datasets of smaller spaces, or folders of sounds. A dataset that a model's space does
            not hold is left out.
        n_targets: Held-out targets at most.
        workers: Engines that render.
        seed: Seed of the draw of targets.
        cache: Folder of earlier measurements; the program's own by default.
    """
    sections = []
    datasets: dict[str, list[EvaluatedModel]] = {}
    for model in models:
        assert model.run is not None
        settings = model.run.settings
        datasets.setdefault(f"{model.run.folder.path.resolve()} {settings.shards}", []).append(model)
    for members in datasets.values():
        first, references = members[0], members[0].references()
        assert first.run is not None
        for name in sets:
            skipped: list[str] = []
            if name == "test":
                targets = held_out_set(first, n_targets, seed)
            elif is_dataset(Path(name)):
                shared = shared_set(first, Path(name), n_targets, seed)
                if shared is None or Path(name).resolve() == first.run.folder.path.resolve():
                    continue  # its own held-out sounds are `test`
                targets = shared
            else:
                targets, skipped = sound_set(first, Path(name))
            logger.info("%s: %s", targets.name, targets.description)
            file = (cache or cache_folder("measured")) / f"{first.space.name}.jsonl"
            section = _measure(members, references, targets, ScoreCache(file), workers)
            sounds = first.run.folder.path.name if name == "test" else Path(name).name
            sections.append(replace(section, skipped=tuple(skipped), sounds=sounds))
    return sections


def _measure(
    members: Sequence[EvaluatedModel],
    references: ReferenceSounds,
    targets: TargetSet,
    scores: ScoreCache,
    workers: int,
) -> Section:
    n = len(targets)
    nearest = references.sounds.patches[references.nearest(targets.mels)]
    answers: dict[str, list[np.ndarray | None]] = {
        "silence": [None],
        "mean patch": [np.repeat(references.mean_patch[None], n, axis=0)],
        "nearest render": [nearest],
    }
    proxies = [m.run.model for m in members if m.run and isinstance(m.run.model, RegressionFlow)]
    if proxies:
        answers["nearest, refined"] = [refined_by_proxy(one, nearest, targets.mels) for one in proxies]
    groups = group_runs(members)
    for name, runs in groups.items():
        answers[name] = [_answers(run, targets.mels, targets.fine) for run in runs]
    vectors = [rows for seeds in answers.values() for rows in seeds]
    _render_and_score(members[0], targets, vectors, scores, workers)
    rows = []
    for name, seeds in answers.items():
        values = [
            [scores[answer_key(key, None if v is None else v[k])] for k, key in enumerate(targets.keys)]
            for v in seeds
        ]
        figures = {f.name: np.array([[row[f.name] for row in one] for one in values]) for f in FIGURES}
        runs = groups.get(name, [])
        rows.append(
            Row(
                name=name,
                figures=figures,
                parameter_error=_parameter_error(targets, [v for v in seeds if v is not None]),
                variance_ratio=_variance_ratio(runs, targets),
                seeds=tuple(run.run.settings.seed for run in runs if run.run),
                runs=tuple(run.name for run in runs),
                is_model=name in groups,
                cost=training_cost(runs) if runs else None,
            )
        )
    return Section(
        title=targets.name,
        description=f"{targets.description}; nearest of {references.description}",
        rows=tuple(rows),
        n_targets=n,
        captions=tuple(
            p.caption for k, p in enumerate(members[0].space) if targets.judged is None or k in targets.judged
        ),
        held_out=targets.patches is not None,
        space=members[0].space.name,
    )


def _render_and_score(
    model: EvaluatedModel,
    targets: TargetSet,
    answers: Sequence[np.ndarray | None],
    scores: ScoreCache,
    workers: int,
) -> None:
    """Render and measure what is not in the cache yet, target by target."""
    mel, seconds = model.mel, model.note.seconds
    plan: list[tuple[int, str | None, np.ndarray]] = []  # target, key of the answer or None, what to render
    silent: list[tuple[int, str]] = []
    for k, key in enumerate(targets.keys):
        missing = {answer_key(key, None if v is None else v[k]): None if v is None else v[k] for v in answers}
        missing = {name: v for name, v in missing.items() if name not in scores}
        if not missing:
            continue
        if targets.patches is not None:
            plan.append((k, None, targets.patches[k]))
        silent += [(k, name) for name, v in missing.items() if v is None]
        plan += [(k, name, v) for name, v in missing.items() if v is not None]
    still = analyse(np.zeros(1, np.float32), mel, seconds=seconds)
    at, target = -1, still

    def analysed_target(k: int) -> AnalysedSound:
        nonlocal at, target
        if k != at:
            assert targets.audio is not None
            at, target = k, analyse(targets.audio[k], mel, seconds=seconds)
        return target

    with PatchRenderer(model.space, mel.sample_rate, workers) as renderer:
        renders = renderer.stream([v for *_, v in plan], [targets.notes[k] for k, *_ in plan])
        bar = tqdm(zip(plan, renders, strict=True), total=len(plan), unit="render", desc=targets.name)
        quiet = dict(silent)
        for (k, name, _), audio in bar:
            if name is None:
                at, target = k, analyse(audio, mel, seconds=seconds)
            else:
                scores.add(name, compare(analysed_target(k), analyse(audio, mel, seconds=seconds)))
            if k in quiet:
                scores.add(quiet.pop(k), compare(analysed_target(k), still))
    for k, name in quiet.items():  # sounds for which only silence was missing
        scores.add(name, compare(analysed_target(k), still))


def _parameter_error(targets: TargetSet, seeds: Sequence[np.ndarray]) -> np.ndarray | None:
    if targets.patches is None or targets.all_patches is None or not seeds:
        return None
    k = slice(None) if targets.judged is None else targets.judged
    magnitude = parameter_magnitude(targets.all_patches[:, k])
    return np.stack([normalised_parameter_error(targets.patches[:, k], v[:, k], magnitude) for v in seeds])


def _answers(model: EvaluatedModel, mels: np.ndarray, fine: np.ndarray | None) -> np.ndarray:
    assert model.run is not None
    return model.run.answers(mels, fine)


def _variance_ratio(runs: Sequence[EvaluatedModel], targets: TargetSet) -> np.ndarray | None:
    """Return the ratio over the whole held-out part: it needs no renders, and few targets make it noisy."""
    if targets.all_patches is None or targets.all_mels is None or not runs:
        return None
    k = slice(None) if targets.judged is None else targets.judged
    every = [
        variance_ratio(targets.all_patches[:, k], _answers(run, targets.all_mels, targets.all_fine)[:, k])
        for run in runs
    ]
    return np.asarray(np.mean(every, axis=0))
