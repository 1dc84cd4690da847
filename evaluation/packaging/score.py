"""The figures of a model card: how far rendered answers are from their targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.distances import log_mel_distance, multi_scale_mel_distance, spectral_convergence
from core.loudness import level, momentary_loudness
from core.mel import MelConfig, log_mel
from core.ruler.envelope_error import envelope_error
from core.ruler.pitch_error import pitch_error
from core.ruler.soft_mss import soft_multi_scale_mel_distance
from evaluation.statistics import measured
from training.data.leveled_render import TARGET_LUFS

__all__ = ["CARD_FIGURES", "Score", "score_answers"]

# Name of each figure of a card, and its heading.
CARD_FIGURES = {
    "soft_mss_db": "soft MSS, dB",
    "pitch_cents": "pitch error, cents",
    "envelope_db": "envelope error, dB",
    "mss_db": "MSS, dB",
    "log_mel_db": "log-mel, dB",
    "convergence": "spectral convergence",
    "loudness_error_db": "loudness error, dB",
}


@dataclass(frozen=True)
class Score:
    """Figures of one set of answers, each `(n,)`; lower is closer.

    Attributes:
        figures: By name, see `CARD_FIGURES`: all after levelling, but how much louder or quieter the
            unlevelled answer is; the pitch error of a target without pitch is nan.
        parameter_error: Mean absolute error of normalized parameters `(n,)`; None without true patches.
    """

    figures: Mapping[str, np.ndarray]
    parameter_error: np.ndarray | None

    def mean(self, name: str) -> float:
        """Return the mean of a figure over the targets; nan if none of them has it."""
        values = measured(self.figures[name])
        return float(values.mean()) if len(values) else float("nan")

    def median(self, name: str) -> float:
        """Return the median of a figure over the targets; nan if none of them has it."""
        values = measured(self.figures[name])
        return float(np.median(values)) if len(values) else float("nan")


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
        targets: Mono sounds at the mel's sample rate.
        answers: Mono sounds, one for each target.
        mel: Mel settings of log-mel distance and spectral convergence.
        true_patches: Patches of the targets, `(n, P)`, if there are any.
        patches: Patches of the answers, `(n, P)`.
    """
    rows = []
    for target, answer in zip(targets, answers, strict=True):
        a, b = (level(sound, mel.sample_rate, TARGET_LUFS) for sound in (target, answer))
        louder = momentary_loudness(answer, mel.sample_rate) - momentary_loudness(target, mel.sample_rate)
        rows.append(
            (
                soft_multi_scale_mel_distance(a, b, mel.sample_rate),
                pitch_error(a, b, mel.sample_rate),
                envelope_error(a, b, mel.sample_rate),
                multi_scale_mel_distance(a, b, mel.sample_rate),
                log_mel_distance(log_mel(a, mel), log_mel(b, mel)),
                spectral_convergence(a, b, mel),
                abs(louder),
            )
        )
    figures = dict(zip(CARD_FIGURES, np.array(rows).T, strict=True))
    error = None
    if true_patches is not None and patches is not None:
        error = np.abs(true_patches - patches).mean(axis=1)
    return Score(figures, error)
