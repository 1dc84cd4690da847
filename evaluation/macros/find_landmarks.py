"""Landmarks of a model's chart: every dial is heard at every preset of the map, from end to end."""

from functools import partial

import numpy as np

from core.loudness import momentary_loudness
from core.playing.note import Note
from core.space import ParameterSpace
from evaluation.patch_renderer import PatchRenderer
from models.macros import Macros
from models.served_flow import ServedFlow
from models.steering.landmarks import Landmarks
from models.steering.level_arrays import VolumeScale
from training.data.progress import Progress

__all__ = ["find_landmarks", "levelled"]

_PEAK = 0.98  # of full scale
_MOST_DB = 22.0  # that a curve adds or takes; a digit of the devices' numbers holds it
_LEAST_DB = (
    1.5  # from a curve's lowest to its highest: less is left as it is, for the devices carry the curves
)
_OFF_DB = 3.0  # from the landmark's own loudness: further away a dial ends
_APART = 0.1  # of two landmarks: half of the way between the nearest two is how far each is of use
_FINE = 256  # positions of a way, as a folder keeps them
_LEAST_WAY = 0.2  # of a dial's way, however loud or soft it gets


def find_landmarks(
    macros: Macros,
    latents: np.ndarray,
    space: ParameterSpace,
    flow: ServedFlow,
    renderer: PatchRenderer,
    *,
    note: Note,
    ways: int,
) -> Landmarks | None:
    """Hear every dial of a chart at some patches; those that are nearly another one are left out.

    Args:
        macros: All on one chart, without landmarks, each over its whole way.
        latents: The patches, `(N, D)`.
        space: Their parameters.
        flow: Latents to patches.
        renderer: Plays them.
        note: That is played.
        ways: Renders along a dial's way, two at least.

    Returns:
        The landmarks; None if the volume is on no known scale, or fewer than two patches differ.
    """
    scale, chart = VolumeScale.of(space), macros.chart
    if scale is None or chart is None:
        return None
    rests: list[np.ndarray] = []
    curves, ends = [], []
    with Progress(len(latents), unit="preset", label="landmarks") as bar:
        for z in latents.astype(np.float64):
            bar.update()
            free = flow.free_of(z)
            rest = chart.rest(free)
            if any(np.linalg.norm(rest - other) < _APART for other in rests):
                continue
            patches = np.concatenate([flow.decode(macro.walk(z, ways)) for macro in macros])
            heard = [
                (momentary_loudness(audio, renderer.sample_rate), float(np.abs(audio).max(initial=0.0)))
                for audio in renderer.stream(list(patches), note)
            ]
            lufs, peaks = np.array(heard).reshape(len(macros), ways, 2).transpose(2, 0, 1)
            own = np.array([chart.position(k, free) for k in range(len(macros))])
            found = levelled(lufs, peaks, scale.headroom_db(patches).reshape(lufs.shape), own)
            rests.append(rest)
            curves.append(found[0])
            ends.append(found[1])
    if len(rests) < 2:
        return None
    return Landmarks(np.array(rests), np.array(curves), np.array(ends))


def levelled(
    lufs: np.ndarray, peaks: np.ndarray, headroom_db: np.ndarray, own: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what keeps M dials as loud as they are at one patch.

    Args:
        lufs: Loudness at even positions of each dial's way, `(M, K)`.
        peaks: Largest absolute samples there, `(M, K)`.
        headroom_db: By how much the volume can be raised there, `(M, K)`.
        own: Where each dial is at the patch, `(M,)`; below 0 or above 1 past the ends.

    Returns:
        What the volume is given there, `(M, K)`, and where each dial begins and ends, `(M, 2)`: where the
        volume cannot help, a dial ends before it becomes too soft or too loud.
    """
    way = np.linspace(0.0, 1.0, lufs.shape[1])
    at = np.clip(own, 0.0, 1.0)
    wanted = np.array([np.interp(a, way, row) for a, row in zip(at, lufs, strict=True)])[:, None]
    most = np.minimum(headroom_db, 20.0 * np.log10(_PEAK / np.maximum(peaks, 1e-6)))
    given = np.clip(np.minimum(wanted - lufs, np.maximum(most, 0.0)), -_MOST_DB, _MOST_DB)
    given[np.ptp(given, axis=1) < _LEAST_DB] = 0.0
    ends = np.array(list(map(partial(_part, way), at, np.abs(lufs + given - wanted))))
    return given, ends


def _part(way: np.ndarray, at: float, off_db: np.ndarray) -> tuple[float, float]:
    """Return the part of a way around `at` within which a dial is loud enough."""
    fine = np.linspace(0.0, 1.0, _FINE)
    bad = np.interp(fine, way, off_db) > _OFF_DB
    j = round(at * (_FINE - 1))
    low = fine[max(np.flatnonzero(bad[:j]), default=-1) + 1]
    high = fine[j + min(np.flatnonzero(bad[j + 1 :]), default=_FINE - 1 - j)]
    if high - low < _LEAST_WAY:
        low = min(max(at - 0.5 * _LEAST_WAY, 0.0), 1.0 - _LEAST_WAY)
        high = low + _LEAST_WAY
    return float(low), float(high)
