"""Measure a model's first answers on held-out patches, and the references it has to beat."""

import logging
from dataclasses import dataclass

import numpy as np

from core.errors import RenderError
from core.loudness import level
from core.mel import log_mel
from evaluation.packaging.score import Score, score_answers
from evaluation.patch_renderer import PatchRenderer
from evaluation.references import mean_patch, nearest_rows
from evaluation.statistics import variance_ratio
from sketching.answerer import Answerer
from synths.engine import Note
from training.data.dataset import Dataset, DatasetFolder
from training.data.leveled_render import TARGET_LUFS

__all__ = ["CHECKED", "HeldOutScores", "measure_held_out"]

CHECKED = "first answer, rendered"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HeldOutScores:
    """What was measured on held-out patches.

    Attributes:
        scores: By row of the table: silence, mean patch, nearest render, posterior mean, first answer, and
            the first answer once its candidates have been rendered, if there is an engine for that.
        variance_ratio: Variance ratio of the model's answers, per parameter `(P,)`.
        n_targets: Number of held-out patches answered.
        wins: Share of targets on which the model's soft MSS is below the nearest render's.
    """

    scores: dict[str, Score]
    variance_ratio: np.ndarray
    n_targets: int
    wins: float


def measure_held_out(
    answerer: Answerer,
    folder: DatasetFolder,
    train: Dataset,
    test: Dataset,
    *,
    n_targets: int,
    renderer: PatchRenderer,
    seed: int = 0,
) -> HeldOutScores:
    """Answer held-out patches, render every answer, and measure it.

    Args:
        answerer: Answers with the model, and with the renders of its bank.
        folder: The dataset folder.
        train: Training renders, for the nearest render and the mean patch.
        test: Held-out renders.
        n_targets: How many of them to answer.
        renderer: Renders targets and answers.
        seed: Seed of the choice of targets.
    """
    note = Note(**folder.facts["note"])
    rows = np.random.default_rng(seed).permutation(len(test))[:n_targets]
    targets = test[rows]

    def rendered(vectors: np.ndarray) -> list[np.ndarray]:
        return renderer.render(list(vectors), note)

    sounds = rendered(targets.patches)
    played = [k for k, sound in enumerate(sounds) if sound.any()]  # an engine may fail at a patch
    sounds, targets, rows = [sounds[k] for k in played], targets[played], rows[played]
    heard = [answerer.hear(sound, folder.mel.sample_rate) for sound in sounds]
    mels = np.stack([log_mel(level(s, folder.mel.sample_rate, TARGET_LUFS), folder.mel) for s in sounds])
    first = [answerer.first(one) for one in heard]
    patches = {
        "mean patch": np.repeat(mean_patch(train)[None], len(rows), axis=0),
        "nearest render": train.patches[nearest_rows(mels, train)],
        "posterior mean": np.stack([answerer.follow(one.mel) for one in heard]),
        "first answer": np.stack([answers[0].patch for answers in first]),
    }
    try:
        checked = [answerer.best(answerer.check(*pair)) or pair[1] for pair in zip(heard, first, strict=True)]
        patches[CHECKED] = np.stack([answers[0].patch for answers in checked])
    except RenderError as error:  # a box that plays in real time has no other engine
        logger.warning("first answers are not rendered once more: %s", error)
    finally:
        answerer.close()
    scores = {"silence": score_answers(sounds, [np.zeros_like(s) for s in sounds], folder.mel)}
    for name, answer in patches.items():
        scores[name] = score_answers(
            sounds, rendered(answer), folder.mel, true_patches=targets.patches, patches=answer
        )
    answered, nearest = (scores[row].figures["soft_mss_db"] for row in ("first answer", "nearest render"))
    ratio = variance_ratio(targets.patches, patches["first answer"])
    return HeldOutScores(scores, ratio, len(rows), wins=float((answered < nearest).mean()))
