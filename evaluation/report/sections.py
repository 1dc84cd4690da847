"""The sections of the page: each renders what it shows, and measures it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES
from core.distances import log_mel_distance
from core.mel import log_mel
from core.ruler.metrics import analyse, compare
from evaluation.evaluated_model import EvaluatedModel
from evaluation.patch_renderer import PatchRenderer
from evaluation.references import ReferenceSounds
from evaluation.report.charts import heat_rows, lines_of, most_moving
from evaluation.report.clips import ClipFolder
from evaluation.report.latent_view import LatentView
from synths.engine import Note

__all__ = [
    "ReportContext",
    "interpolation",
    "latent_map",
    "macros",
    "moving",
    "one_a_kind",
]

_STEPS = 8
_N_MOVING = 6
_NEIGHBOURS = 4
_NEIGHBOUR_SPREAD = 0.1  # in the latent space, as on the paper's page
_PAIRS = 4  # over which smoothness is averaged


@dataclass(frozen=True)
class ReportContext:
    """What every section needs.

    Attributes:
        model: The model.
        renderer: Renders its patches.
        clips: Where sounds go.
        references: The sounds among which the nearest is found.
        view: The latent space, if the model has one.
        seed: Seed of every draw.
        others: Models whose answers are shown beside its own; of the same space.
    """

    model: EvaluatedModel
    renderer: PatchRenderer
    clips: ClipFolder
    references: ReferenceSounds
    view: LatentView | None
    seed: int
    others: Sequence[EvaluatedModel] = ()

    def render(
        self, patches: np.ndarray, label: str, notes: Note | Sequence[Note] | None = None
    ) -> list[np.ndarray]:
        """Render patches `(n, P)`."""
        return self.renderer.render(list(patches), notes or self.model.note, label)

    def distance(self, a: np.ndarray, b: np.ndarray) -> dict[str, float]:
        """Return the figures of a sound against its target."""
        mel, seconds = self.model.mel, self.model.note.seconds
        return compare(analyse(a, mel, seconds=seconds), analyse(b, mel, seconds=seconds))


def macros(context: ReportContext) -> list[dict[str, Any]]:
    """Turn every macro of a model folder from 0 to 1 at its resting point."""
    folder = context.model.folder
    if folder is None:
        return []
    found, dial, z = [], np.linspace(0.0, 1.0, _STEPS), folder.macros.resting
    for k, (name, macro) in enumerate(zip(folder.macros.names, folder.macros, strict=True)):
        patches, curves = (folder.flow.decode(macro.walk(z, n)) for n in (_STEPS, 50))
        sounds = context.render(patches, name)
        places = most_moving(folder.space, curves, _N_MOVING)
        told = np.asarray(folder.macros.descriptor_curves[k], np.float64)
        words = folder.macros.descriptor_names
        moved = np.argsort(-_in_spreads(told, folder.macros.descriptor_curves), kind="stable")[:4]
        found.append(
            {
                "name": name,
                "clips": [
                    context.clips.add(s, f"{name} at {v:.0%}") for s, v in zip(sounds, dial, strict=True)
                ],
                "parameters": lines_of([folder.space[p].caption for p in places], curves[:, places].T),
                "descriptors": lines_of([words[d] for d in moved], told[moved], own_range=True),
                "rows": heat_rows(folder.space, patches, places),
                "smoothness": _smoothness(context, sounds),
            }
        )
    return found


def moving(context: ReportContext, n: int = 16) -> dict[str, Any] | None:
    """Return how far every macro moves each parameter over its whole range; the n that move furthest."""
    folder = context.model.folder
    if folder is None:
        return None
    walks = [folder.flow.decode(macro.walk(folder.macros.resting, 25)) for macro in folder.macros]
    table = np.stack([np.ptp(patches, axis=0) for patches in walks])
    order = np.argsort(-table.max(axis=0), kind="stable")[:n]
    rows = [
        {
            "name": folder.space[int(p)].caption,
            "cells": [{"value": round(float(v), 3), "shown": f"{v:.2f}"} for v in table[:, p]],
        }
        for p in order
    ]
    return {"heads": folder.macros.names, "rows": rows}


def interpolation(context: ReportContext) -> dict[str, Any] | None:
    """Return neighbours of two sounds, paths between them in both spaces, and how smooth the paths are."""
    if context.view is None:
        return None
    rng = np.random.default_rng(context.seed + 1)
    sounds = context.references.sounds
    rows = rng.choice(len(sounds), 2 * _PAIRS, replace=len(sounds) < 2 * _PAIRS)
    latents = context.view.encode(np.asarray(sounds.mels[rows], np.float32))
    share = np.linspace(0.0, 1.0, _STEPS)[:, None]
    ways: dict[str, Any] = {}
    figures: dict[str, list[dict[str, float]]] = {"latent": [], "parameters": []}
    for pair in range(_PAIRS):
        z0, z1 = latents[2 * pair], latents[2 * pair + 1]
        v0, v1 = context.view.decode(np.stack([z0, z1]))
        for space, patches in (
            ("latent", context.view.decode((1 - share) * z0 + share * z1)),
            ("parameters", np.asarray((1 - share) * v0 + share * v1, np.float32)),
        ):
            played = context.render(patches, f"way {pair + 1}, {space}")
            figures[space].append(_smoothness(context, played))
            if pair == 0:
                places = most_moving(context.model.space, patches, _N_MOVING)
                ways[space] = {
                    "clips": [context.clips.add(s, f"{space}, step {k + 1}") for k, s in enumerate(played)],
                    "rows": heat_rows(context.model.space, patches, places),
                }
    neighbours = []
    for z, name in ((latents[0], "Sound A"), (latents[1], "Sound B")):
        cloud = z + _NEIGHBOUR_SPREAD * rng.normal(size=(_NEIGHBOURS, len(z)))
        patches = context.view.decode(np.concatenate([z[None], cloud]).astype(np.float32))
        played = context.render(patches, "neighbours")
        away = [context.distance(played[0], s) for s in played[1:]]
        neighbours.append(
            {
                "name": name,
                "clips": [context.clips.add(s, f"{name}, neighbour {k}") for k, s in enumerate(played)],
                **{f: float(np.mean([one[f] for one in away])) for f in ("soft_mss_db", "mss_db")},
                "moved": float(np.abs(patches[1:] - patches[0]).mean()),
            }
        )
    means = {
        space: {key: float(np.mean([f[key] for f in every])) for key in every[0]}
        for space, every in figures.items()
    }
    return {
        "ways": ways,
        "smoothness": means,
        "pairs": _PAIRS,
        "neighbours": neighbours,
        "spread": _NEIGHBOUR_SPREAD,
    }


def latent_map(context: ReportContext, n_played: int = 28) -> dict[str, Any] | None:
    """Return the preset map of a model folder, with renders of some of its points."""
    folder = context.model.folder
    if folder is None:
        return None
    presets = folder.presets
    rows = one_a_kind(presets.kinds, n_played, np.random.default_rng(context.seed + 2))
    sounds = context.render(presets.patches[rows], "map")
    clips = {k: context.clips.add(s, presets.names[k]) for k, s in zip(rows, sounds, strict=True)}
    kinds = list(dict.fromkeys(presets.kinds))
    points = [
        {
            "x": round(3.0 + 94.0 * float(presets.places[k, 0]), 2),
            "y": round(57.0 - 54.0 * float(presets.places[k, 1]), 2),
            "name": presets.names[k],
            "kind": kinds.index(presets.kinds[k]),
            "clip": clips.get(k),
        }
        for k in range(len(presets))
    ]
    return {"points": points, "kinds": kinds}


def _smoothness(context: ReportContext, sounds: Sequence[np.ndarray]) -> dict[str, float]:
    """Return figures of a path: change from end to end, largest over mean step, length over distance."""
    mels = [log_mel(s, context.model.mel) for s in sounds]
    steps = np.array([log_mel_distance(a, b) for a, b in zip(mels[:-1], mels[1:], strict=True)])
    change = log_mel_distance(mels[0], mels[-1])
    return {
        "change_db": change,
        "roughness": float(steps.max() / max(float(steps.mean()), 1e-6)),
        "detour": float(steps.sum() / max(change, 1e-6)),
    }


def _in_spreads(curves: np.ndarray, every: np.ndarray) -> np.ndarray:
    """Return how far each descriptor moves, relative to the most any macro moves it; loudness last."""
    reach = np.ptp(curves, axis=1) / np.maximum(np.ptp(every, axis=2).max(axis=0), 1e-9)
    if len(reach) == len(DESCRIPTOR_NAMES):
        reach[DESCRIPTOR_NAMES.index("loudness")] = -1.0
    return np.asarray(reach)


def one_a_kind(kinds: Sequence[str], n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the rows of n points, taking the kinds in turn so that all of them are heard."""
    left = {kind: list(rng.permutation([k for k, x in enumerate(kinds) if x == kind])) for kind in kinds}
    rows: list[int] = []
    while len(rows) < min(n, len(kinds)):
        for points in left.values():
            if points and len(rows) < n:
                rows.append(int(points.pop()))
    return np.array(rows)
