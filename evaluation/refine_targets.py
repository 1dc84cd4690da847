"""The answers of `evaluate.py match` as the server sends them: a guess, a first answer, and refined ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.errors import ConfigError
from evaluation.evaluated_model import EvaluatedModel
from sketching.answerer import Answerer
from sketching.candidate import Candidate
from sketching.hearing import HeardSound
from synths.engine import Note

__all__ = ["Target", "check_refinable", "first_answers", "refine_targets"]


@dataclass(frozen=True)
class Target:
    """A sound to be answered.

    Attributes:
        path: File of the sound.
        heard: The sound as the model hears it.
        note: Note at which an answer is played, unless it is refined.
    """

    path: Path
    heard: HeardSound
    note: Note


def check_refinable(model: EvaluatedModel, seconds: float, renders: int | None) -> None:
    """Check, before any work is done, that answers can be refined.

    Raises:
        ConfigError: The model is a run, or the budget is out of range.
    """
    if model.answerer is None:
        raise ConfigError(
            f"{model.name} is a run, but --refine needs a model folder. Make one: "
            "python -m evaluation.packaging --run RUN --out FOLDER"
        )
    if not 0.0 < seconds <= 3_600.0 or (renders is not None and renders < 1):
        raise ConfigError("--refine takes more than 0 and at most 3600 seconds, --renders at least 1.")


def first_answers(answerer: Answerer, targets: Sequence[Target]) -> tuple[np.ndarray, list[list[Candidate]]]:
    """Answer each target without renders.

    Returns:
        The guesses `(n, P)`, which a player hears at once, and the first answers, which follow.
    """
    guesses, first = [], []
    for target in tqdm(targets, unit="sound", desc="answer", leave=False):
        guesses.append(answerer.guess(target.heard)[0].patch)
        first.append(answerer.first(target.heard))
    return np.stack(guesses), first


def refine_targets(
    answerer: Answerer,
    targets: Sequence[Target],
    first: Sequence[Sequence[Candidate]],
    seconds: float,
    renders: int | None,
    seed: int,
) -> list[tuple[Candidate, Note]]:
    """Improve the answer to each target; return the best candidate for each, and the note it is played at.

    Args:
        answerer: Its workers end afterwards.
        targets: Sounds.
        first: Their first answers.
        seconds: Time budget per target.
        renders: Budget in renders per target, instead of seconds.
        seed: Seed of the search.

    Raises:
        RenderError: The engine fails.
    """
    best = []
    try:
        for target, start in zip(tqdm(targets, unit="sound", desc="refine"), first, strict=True):
            candidates = list(start)
            for progress in answerer.refine(target.heard, start, seconds, seed, renders=renders):
                candidates = progress.candidates or candidates
            best.append((candidates[0], answerer.note_at(target.heard)))
    finally:
        answerer.close()
    return best
