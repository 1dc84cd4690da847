"""Play answers on the real engine and measure how far they are from their targets."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import local

import numpy as np
from tqdm import tqdm

from core.distances import log_mel_distance, multi_scale_mel_distance, spectral_convergence
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from core.space import ParameterSpace
from synths.engine import Note
from synths.vital import VitalEngine
from training.leveled_render import TARGET_LUFS

__all__ = ["FIGURES", "Score", "level", "render_all", "score_answers", "variance_ratio"]

FIGURES = ("mss_db", "log_mel_db", "convergence", "loudness_error_db")
_engines = local()


@dataclass(frozen=True)
class Score:
    """Figures of one set of answers, each `(n,)`, lower is closer.

    Attributes:
        figures: By name, see `FIGURES`: MSS, log-mel distance after levelling, spectral convergence after
            levelling, and how much louder or quieter the answer is as played.
        parameter_error: Mean absolute error of normalized parameters `(n,)`; None without true patches.
    """

    figures: Mapping[str, np.ndarray]
    parameter_error: np.ndarray | None

    def mean(self, name: str) -> float:
        """Mean of a figure over the targets."""
        return float(np.mean(self.figures[name]))

    def median(self, name: str) -> float:
        """Median of a figure over the targets."""
        return float(np.median(self.figures[name]))


def level(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Scale a sound to the loudness that all training renders have; silence stays silence."""
    gain_db = TARGET_LUFS - momentary_loudness(audio, sample_rate)
    return np.asarray(audio * 10.0 ** (min(gain_db, 60.0) / 20.0), np.float32)


def render_all(
    vectors: Sequence[np.ndarray], space: ParameterSpace, note: Note, *, sample_rate: int, workers: int = 2
) -> list[np.ndarray]:
    """Render patches to mono audio, in order, on several threads."""

    def render(vector: np.ndarray) -> np.ndarray:
        if not hasattr(_engines, "engine") or _engines.engine.sample_rate != sample_rate:
            _engines.engine = VitalEngine(sample_rate)
        audio: np.ndarray = _engines.engine.render(space.decode(vector), note)
        return audio.mean(axis=0)

    with ThreadPoolExecutor(workers) as pool:
        return list(tqdm(pool.map(render, vectors), total=len(vectors), unit="render", leave=False))


def score_answers(
    targets: Sequence[np.ndarray],
    answers: Sequence[np.ndarray],
    mel: MelConfig,
    *,
    true_patches: np.ndarray | None = None,
    patches: np.ndarray | None = None,
) -> Score:
    """Measure answers against targets.

    Args:
        targets: Sounds, mono, at the mel's sample rate.
        answers: One sound each.
        mel: How log-mel distance and spectral convergence hear.
        true_patches: `(n, P)` where the targets are patches.
        patches: Of the answers, `(n, P)`.
    """
    rows = []
    for target, answer in zip(targets, answers, strict=True):
        a, b = level(target, mel.sample_rate), level(answer, mel.sample_rate)
        louder = momentary_loudness(answer, mel.sample_rate) - momentary_loudness(target, mel.sample_rate)
        rows.append(
            (
                multi_scale_mel_distance(a, b, mel.sample_rate),
                log_mel_distance(log_mel(a, mel), log_mel(b, mel)),
                spectral_convergence(a, b, mel),
                abs(louder),
            )
        )
    figures = dict(zip(FIGURES, np.array(rows).T, strict=True))
    error = None
    if true_patches is not None and patches is not None:
        error = np.abs(true_patches - patches).mean(axis=1)
    return Score(figures, error)


def variance_ratio(true_patches: np.ndarray, patches: np.ndarray) -> np.ndarray:
    """Variance of predicted over variance of true values, per parameter `(P,)`; near 0 is collapse."""
    return np.asarray(patches.var(axis=0) / np.maximum(true_patches.var(axis=0), 1e-9))
