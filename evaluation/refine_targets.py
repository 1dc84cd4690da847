"""Answers of `evaluate.py match` improved by real renders, as the server does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.errors import ConfigError
from core.pitch import HeardNote
from evaluation.evaluated_model import EvaluatedModel
from sketching.answerer import Answerer
from sketching.candidate import Candidate
from synths.engine import Note

__all__ = ["Target", "check_refinable", "refine_targets"]


@dataclass(frozen=True)
class Target:
    """A sound to be answered.

    Attributes:
        path: Its file.
        audio: Cut to a note, `(n_samples,)`, see `core.onset.cut_to_note`.
        pitch: That was heard.
        note: What an answer is played at.
    """

    path: Path
    audio: np.ndarray
    pitch: HeardNote
    note: Note


@dataclass(frozen=True)
class _Sound:
    """What an answerer needs to know of a target."""

    audio: np.ndarray
    mel: np.ndarray
    note: int
    glides: bool = False


def check_refinable(model: EvaluatedModel, seconds: float, renders: int | None) -> None:
    """Say before any work what cannot be refined.

    Raises:
        ConfigError: The model is a run, or the budget is none.
    """
    if model.folder is None:
        raise ConfigError(
            f"{model.name} is a run, and --refine needs a model folder; make one: "
            "python -m evaluation.packaging --run RUN --out FOLDER"
        )
    if not 0.0 < seconds <= 3_600.0 or (renders is not None and renders < 1):
        raise ConfigError("--refine takes seconds above 0, 3600 at most, and --renders 1 or more.")


def refine_targets(
    model: EvaluatedModel,
    targets: Sequence[Target],
    answers: np.ndarray,
    seconds: float,
    renders: int | None,
    seed: int,
    workers: int,
) -> list[Candidate]:
    """Improve an answer to each target; gives the best of each.

    Args:
        model: A model folder.
        targets: Sounds.
        answers: The first answers, `(n, P)`.
        seconds: For each.
        renders: Instead of seconds, for each.
        seed: Of the search.
        workers: Processes that render.

    Raises:
        RenderError: The engine fails.
    """
    assert model.folder is not None
    answerer = Answerer(model.folder.path, workers, polite=False)
    best = []
    try:
        for target, answer in zip(tqdm(targets, unit="sound", desc="refine"), answers, strict=True):
            sound = _Sound(target.audio, model.levelled_mel(target.audio), target.note.note)
            first = [Candidate(patch=answer, closeness=0.0, label=""), *answerer.first(sound)]
            candidates = first
            for progress in answerer.refine(sound, first, seconds, seed, renders=renders):
                candidates = progress.candidates or candidates
            best.append(candidates[0])
    finally:
        answerer.close()
    return best
