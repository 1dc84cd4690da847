"""Semantic dimensions of a Flow_dis run: tags before and after disentangling, and a walk along each."""

from typing import Any

import numpy as np
import torch

from evaluation.report.charts import heat_rows, lines_of, most_moving
from evaluation.report.sections import ReportContext
from evaluation.tagged_sounds import area_under_curve, disentangled_run, tagged_sounds
from models.paper.latent_spaces import DisentangledLatent

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
    run, network = disentangled_run(context.model)
    assert isinstance(network.latent, DisentangledLatent)
    mels, tags = tagged_sounds(context.model)
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
