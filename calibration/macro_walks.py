"""Turning macros from 0 to 1 on a synth: which part of each is heard, and how loudness runs along it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from calibration.macro_facts import MacroFacts
from core.distances import log_mel_distance
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from models.folder import ModelFolder

__all__ = ["MacroWalk", "common_course", "facts_of", "walk_macro", "walk_macros"]

_HEARD_DB = 1.0  # of log-mel; what differs from an end by less sounds like that end
_IN_SOUNDS = 0.75  # of the sounds in which an end has to be dead or silent
_SILENT_DB = 35.0  # below the loudest position of the same walk
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the common course of loudness that may be evened out
_WORTH = 0.9  # at most this share of the loudness range may be left, or the gain is chance
_LEAST_PART = 0.25  # of the dial; a macro that is heard in less of it is left alone


@dataclass(frozen=True)
class MacroWalk:
    """One macro turned from 0 to 1 at one sound.

    Attributes:
        loudness_lufs: Loudness at each position, `(n,)`.
        mels: Log-mels, as loud as played, `(n, n_mels, n_frames)`.
    """

    loudness_lufs: np.ndarray
    mels: np.ndarray

    @property
    def silent_lufs(self) -> float:
        """Loudness below which a position is silent beside the rest."""
        return float(self.loudness_lufs.max()) - _SILENT_DB

    @property
    def loudness_range_db(self) -> float:
        """Loudest minus softest that is not silent."""
        return float(np.ptp(np.maximum(self.loudness_lufs, self.silent_lufs)))

    @property
    def change_db(self) -> float:
        """Log-mel distance from end to end."""
        return log_mel_distance(self.mels[0], self.mels[-1])


def walk_macro(
    model: ModelFolder, k: int, latent: np.ndarray, n: int, play: Callable[[np.ndarray], np.ndarray]
) -> MacroWalk:
    """Turn macro `k` from 0 to 1 in `n` positions at a sound, and listen.

    Args:
        model: The model.
        k: Index of the macro.
        latent: The sound, `(D,)`.
        n: Number of positions.
        play: Turns a patch `(P,)` into mono audio at the mel's sample rate.
    """
    mel = MelConfig()
    patches = model.flow.decode(model.macros[k].walk(latent, n))
    audio = [play(patch) for patch in patches]
    return MacroWalk(
        np.array([momentary_loudness(one, mel.sample_rate) for one in audio]),
        np.stack([log_mel(one, mel) for one in audio]),
    )


def facts_of(name: str, walks: Sequence[MacroWalk], noise_db: float = 0.0) -> MacroFacts:
    """Work out which part of a macro is heard, and how loudness runs along it.

    Args:
        name: Name of the macro.
        walks: Of it, at several sounds, all of equal length.
        noise_db: Log-mel distance between two takes of the same patch.
    """
    n = len(walks[0].mels)
    dead = max(_HEARD_DB, 1.5 * noise_db)
    first, last = (_end(walks, positions, dead) for positions in (range(n), range(n - 1, -1, -1)))
    if last - first < _LEAST_PART * (n - 1):
        first, last = 0, n - 1
    # A position that is silent in one sound says nothing about the loudness of the macro.
    loudness = np.stack([np.maximum(one.loudness_lufs, one.silent_lufs)[first : last + 1] for one in walks])
    course = common_course(loudness - loudness.mean(axis=1, keepdims=True))
    evenly = np.interp(np.linspace(0.0, 1.0, n), np.linspace(0.0, 1.0, len(course)), course)
    return MacroFacts(
        name=name,
        low=first / (n - 1),
        high=last / (n - 1),
        loudness_db=tuple(round(float(db), 2) for db in evenly - evenly.mean()),
    )


def common_course(courses: np.ndarray) -> np.ndarray:
    """Return what courses of loudness `(S, n)` have in common, `(n,)`; 0 if that is of no use.

    A macro may make one sound louder and the next one softer, and correcting one by the other would be worse
    than nothing. So as much of the median course is used as evens out sounds that it was not taken from.
    """
    if len(courses) < 2:
        return np.zeros(courses.shape[1])
    others = [_smooth(np.delete(courses, s, axis=0)) for s in range(len(courses))]

    def uneven(share: float) -> float:
        left = [np.ptp(course - share * other) for course, other in zip(courses, others, strict=True)]
        return float(np.mean(left))

    best = min(_SHARES, key=uneven)
    return best * _smooth(courses) * (uneven(best) < _WORTH * uneven(0.0))


def _smooth(courses: np.ndarray) -> np.ndarray:
    """Return a parabola through the median of courses: finer detail belongs to single sounds."""
    positions = np.linspace(-1.0, 1.0, courses.shape[1])
    return np.asarray(np.polyval(np.polyfit(positions, np.median(courses, axis=0), 2), positions))


def _end(walks: Sequence[MacroWalk], positions: Sequence[int], dead_db: float) -> int:
    """Return the last position, seen from an end, up to which the macro is dead or silent in most sounds."""
    end = positions[0]
    for here in positions:
        quiet = [one.loudness_lufs[here] < one.silent_lufs for one in walks]
        same = [log_mel_distance(one.mels[positions[0]], one.mels[here]) < dead_db for one in walks]
        gone = [a or b for a, b in zip(quiet, same, strict=True)]
        if np.mean(gone) < _IN_SOUNDS:
            break
        end = here
    return end


def walk_macros(
    model: ModelFolder, play: Callable[[np.ndarray], np.ndarray], latents: np.ndarray, n: int
) -> list[list[MacroWalk]]:
    """Walk along every macro at every sound `(S, D)`; return a list of walks for each macro."""
    bar = tqdm(total=len(model.macros) * len(latents), unit="walk", leave=False)
    walks: list[list[MacroWalk]] = []
    with bar:
        for k in range(len(model.macros)):
            walks.append([])
            for latent in latents:
                walks[k].append(walk_macro(model, k, latent, n, play))
                bar.update()
    return walks
