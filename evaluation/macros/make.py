"""The macros of a model, from renders to what its folder holds; only what keeps its word has its name."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES, describe
from core.playing.note import Note
from core.ruler.vocabulary import MEANINGS
from core.space import ParameterSpace
from evaluation.macros.find_chart import FoundChart
from evaluation.macros.find_landmarks import find_landmarks
from evaluation.macros.ruler import DialFigures, Ruler, keeps_its_word
from evaluation.patch_renderer import PatchRenderer
from models.macros import N_DIALS, Macros
from models.served_flow import ServedFlow

__all__ = ["MeasuredMacros", "measured_macros"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MeasuredMacros:
    """Macros as they ship, and what was measured of each."""

    macros: Macros
    figures: Sequence[DialFigures]


def measured_macros(
    found: FoundChart,
    space: ParameterSpace,
    flow: ServedFlow,
    resting: np.ndarray,
    ruler: Ruler,
    renderer: PatchRenderer,
    *,
    note: Note,
    curve_points: int = 50,
    latents: np.ndarray | None = None,
    ways: int = 0,
) -> MeasuredMacros:
    """Measure the macros of a chart, and leave out or rename those whose names do not hold.

    Those that stay are heard at the presets of the map, which become the chart's landmarks.

    Args:
        found: The chart.
        space: Its parameters, and the volume.
        flow: Latents to patches.
        resting: Latent `(D,)` around which the descriptor curves are measured.
        ruler: Measures.
        renderer: Plays patches for the curves.
        note: That is played.
        curve_points: Renders for each macro's curves, with lines between them.
        latents: Presets that become landmarks, `(N, D)`; none by default.
        ways: Renders for each macro at each of them; none if fewer than two.
    """
    n = len(found.names)
    macros = Macros(
        names=found.names,
        directions=np.zeros((n, flow.n_latent), np.float32),
        low=np.zeros(n, np.float32),
        high=np.ones(n, np.float32),
        resting=resting.astype(np.float32),
        descriptor_names=DESCRIPTOR_NAMES,
        descriptor_curves=np.zeros((n, len(DESCRIPTOR_NAMES), 2), np.float32),
        chart=found.chart,
        charted=tuple(range(n)),
        flow=flow,
    )
    figures = ruler.macros(macros)
    true = [k for k in range(n) if macros.names[k] in MEANINGS and keeps_its_word(figures[k])]
    logger.info("left out: %s", ", ".join(macros.names[k] for k in range(n) if k not in true) or "none")
    # A device has eight dials: where too few names hold, a dial says which parameter it turns.
    spare = [k for k in range(n) if k not in true][: max(0, N_DIALS - len(true))]
    names = [*macros.names]
    for k in spare:
        names[k] = _caption(space, flow, int(found.chart.leads[k]))
    rows = [*true, *spare]
    chart = found.chart.select(rows)
    kept = replace(macros, names=tuple(names)).select(rows)
    rises = np.array([figures[k].rise if k in true else 0.0 for k in rows], np.float32)
    kept = replace(kept, chart=chart, charted=tuple(range(len(rows))), rises=rises)
    figures = [replace(figures[k], name=names[k]) for k in rows]
    if latents is not None and ways > 1:
        landmarks = find_landmarks(kept, latents, space, flow, renderer, note=note, ways=ways)
        kept = replace(kept, chart=replace(chart, landmarks=landmarks))
        logger.info("macros as they ship")
        figures = ruler.macros(kept)
    curves = np.stack([_curves(kept, k, flow, renderer, note, curve_points) for k in range(len(kept))])
    return MeasuredMacros(replace(kept, descriptor_curves=curves.astype(np.float32)), figures)


def _caption(space: ParameterSpace, flow: ServedFlow, lead: int) -> str:
    others = [p for p in space if p.name != "volume"] if flow.has_level else list(space)
    return others[lead].caption


def _curves(
    macros: Macros, k: int, flow: ServedFlow, renderer: PatchRenderer, note: Note, n: int
) -> np.ndarray:
    """Return each descriptor at 50 even positions, `(n_descriptors, 50)`."""
    patches = flow.decode(macros[k].walk(macros.resting.astype(np.float64), n))
    audio = renderer.render(list(patches), note, macros.names[k])
    heard = np.stack([describe(one, renderer.sample_rate, note.held_seconds) for one in audio])
    wanted, there = np.linspace(0.0, 1.0, 50), np.linspace(0.0, 1.0, n)
    return np.stack([np.interp(wanted, there, curve) for curve in heard.T])
