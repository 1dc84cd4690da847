"""Improving the answers of `evaluate.py match` by real renders, as the server does."""

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
        path: File of the sound.
        audio: The sound, cut to a note, `(n_samples,)`; see `core.onset.cut_to_note`.
        pitch: Its detected pitch.
        note: Note at which an answer is played, unless it is refined.
        seconds: How long it sounds.
        pitch_hz: Its pitch at each frame of the mel, nan where there is none, `(n_frames,)`.
    """

    path: Path
    audio: np.ndarray
    pitch: HeardNote
    note: Note
    seconds: float
    pitch_hz: np.ndarray


@dataclass(frozen=True)
class _Sound:
    """What an answerer needs to know about a target."""

    audio: np.ndarray
    mel: np.ndarray
    note: int
    seconds: float
    pitch_hz: np.ndarray
    glides: bool = False


def check_refinable(model: EvaluatedModel, seconds: float, renders: int | None) -> None:
    """Check, before any work is done, that answers can be refined.

    Raises:
        ConfigError: The model is a run, or the budget is out of range.
    """
    if model.folder is None:
        raise ConfigError(
            f"{model.name} is a run, but --refine needs a model folder. Make one: "
            "python -m evaluation.packaging --run RUN --out FOLDER"
        )
    if not 0.0 < seconds <= 3_600.0 or (renders is not None and renders < 1):
        raise ConfigError("--refine takes more than 0 and at most 3600 seconds, --renders at least 1.")


def refine_targets(
    model: EvaluatedModel,
    targets: Sequence[Target],
    answers: np.ndarray,
    seconds: float,
    renders: int | None,
    seed: int,
    workers: int,
) -> list[tuple[Candidate, Note]]:
    """Improve the answer to each target; return the best candidate for each, and the note it is played at.

    Args:
        model: A model folder.
        targets: Sounds.
        answers: The first answers, `(n, P)`.
        seconds: Time budget per target.
        renders: Budget in renders per target, instead of seconds.
        seed: Seed of the search.
        workers: Processes that render.

    Raises:
        RenderError: The engine fails.
    """
    assert model.folder is not None
    answerer = Answerer(model.folder.path, workers, polite=False)
    best = []
    try:
        for target, answer in zip(tqdm(targets, unit="sound", desc="refine"), answers, strict=True):
            sound = _Sound(
                target.audio,
                model.levelled_mel(target.audio),
                target.note.note,
                target.seconds,
                target.pitch_hz,
            )
            first = [Candidate(patch=answer, closeness=0.0, label=""), *answerer.first(sound)]
            candidates = first
            for progress in answerer.refine(sound, first, seconds, seed, renders=renders):
                candidates = progress.candidates or candidates
            best.append((candidates[0], answerer.note_at(sound)))
    finally:
        answerer.close()
    return best
