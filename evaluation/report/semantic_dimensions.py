"""Semantic dimensions of a Flow_dis run: tags before and after disentangling, and a walk along each."""

from typing import Any

import numpy as np
import torch

from core.errors import ConfigError
from core.tags import TagRules, measure_tags
from evaluation.evaluated_model import EvaluatedModel
from evaluation.report.charts import heat_rows, lines_of, most_moving
from evaluation.report.sections import ReportContext
from models.paper.autoencoder import AutoEncoder
from models.paper.latent_spaces import DisentangledLatent
from training.data.split import split_shards

__all__ = ["area_under_curve", "semantic"]

_SHOWN = 300  # sounds in a scatter
_WALK = 7  # renders from -2 to 2
_REACH = 2.0
_N_MOVING = 6


def semantic(context: ReportContext) -> list[dict[str, Any]]:
    """Return what the page shows of every tagged pair of a Flow_dis run.

    Before: the latent dimension of the posterior, before the disentangling flow, that separates the pair
    best. After: the pair's own dimension. The figure is the area under the curve: 0.5 is chance, 1 perfect.

    Args:
        context: Context of that run.

    Raises:
        ConfigError: The run has no disentangled latent space.
    """
    run = context.model.run
    network = run.model if run else None
    if (
        run is None
        or not isinstance(network, AutoEncoder)
        or not isinstance(network.latent, DisentangledLatent)
    ):
        raise ConfigError(
            "--semantic needs a run of flow_dis. Train one: "
            "python train.py configs/paper.yaml configs/flow_dis.yaml"
        )
    mels, tags = _tagged(context.model, run.tag_names)
    with torch.no_grad():
        after = network.encode(torch.from_numpy(mels))
        before = network.latent.disentangling.inverse(after)[0]
    middle = np.median(after.numpy(), axis=0)
    found = []
    for k, name in enumerate(run.tag_names):
        told = ~np.isnan(tags[:, k])
        high = tags[told, k] == 1.0
        areas = [area_under_curve(column, high) for column in before.numpy()[told].T]
        best = int(np.argmax([abs(a - 0.5) for a in areas]))
        own = area_under_curve(after.numpy()[told, k], high)
        low_word, high_word = name.split("-", 1)
        way = np.repeat(middle[None], _WALK, axis=0)
        way[:, k] = np.linspace(-_REACH, _REACH, _WALK)
        with torch.no_grad():
            patches = network.answer(torch.from_numpy(way.astype(np.float32))).numpy()
        sounds = context.render(patches, name)
        places = most_moving(context.model.space, patches, _N_MOVING)
        across = 0 if k else 1
        captions = [context.model.space[p].caption for p in places]
        found.append(
            {
                "low": low_word,
                "high": high_word,
                "before": _scatter(before.numpy()[told], high, best, 0 if best else 1),
                "after": _scatter(after.numpy()[told], high, k, across),
                "auc_before": max(areas[best], 1.0 - areas[best]),
                "auc_after": own,
                "clips": [
                    context.clips.add(s, f"{name} at {x:+.1f}")
                    for s, x in zip(sounds, way[:, k], strict=True)
                ],
                "parameters": lines_of(captions, patches[:, places].T),
                "rows": heat_rows(context.model.space, patches, places),
            }
        )
    return found


def area_under_curve(values: np.ndarray, high: np.ndarray) -> float:
    """Return the probability that a sound of the high word has the larger value; 0.5 if a word is missing."""
    n_high, n_low = int(high.sum()), int((~high).sum())
    if not n_high or not n_low:
        return 0.5
    from scipy.stats import rankdata

    ranks = rankdata(values)
    return float((ranks[high].sum() - n_high * (n_high + 1) / 2) / (n_high * n_low))


def _tagged(model: EvaluatedModel, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return held-out mels, and their tags by the rules of the training part, in the run's order."""
    from core.tags import TAG_NAMES

    run = model.run
    assert run is not None
    train, _, test = split_shards(run.folder.shards()[: run.settings.shards])
    held = model.note.held_seconds
    learned, sounds = run.folder.read(train), run.folder.read(test)
    rules = TagRules.of(measure_tags(learned.descriptors, learned.mels, model.mel, held))
    tags = rules.tags(measure_tags(sounds.descriptors, sounds.mels, model.mel, held))
    columns = [TAG_NAMES.index(name) for name in names if name in TAG_NAMES]
    if len(columns) < len(names):
        raise ConfigError(
            f"the run was trained on other tags ({', '.join(names)}) than this version measures. "
            "Train it again."
        )
    return sounds.mels.astype(np.float32), tags[:, columns]


def _scatter(points: np.ndarray, high: np.ndarray, x: int, y: int) -> dict[str, Any]:
    """Return points in a square of 100, within three of their own spreads."""
    pair = points[:, [x, y]][:_SHOWN]
    middle, spread = np.median(pair, axis=0), np.maximum(pair.std(axis=0), 1e-6)
    place = np.clip((pair - middle) / (3.0 * spread), -1.0, 1.0) * 47.0 + 50.0
    return {
        "x": x,
        "y": y,
        "points": [
            {"x": round(float(a), 1), "y": round(100.0 - float(b), 1), "high": bool(h)}
            for (a, b), h in zip(place, high[:_SHOWN], strict=True)
        ],
    }
