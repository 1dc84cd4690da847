"""Answer a folder of sounds with patches: `python evaluate.py match`."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from core.errors import ConfigError, SoundError
from core.pitch import PitchTracker
from core.playing.gestures import Gestures
from core.ruler.metrics import FIGURES, AnalysedSound, analyse, compare
from core.sound_file import SOUND_KINDS, read_sound, sound_files
from evaluation.evaluated_model import EvaluatedModel
from evaluation.patch_renderer import PatchRenderer
from evaluation.refine_targets import Target, check_refinable, first_answers, refine_targets
from evaluation.statistics import measured
from sketching.answer_files import make_folder, write_answer, write_text
from sketching.candidate import Candidate
from sketching.hearing import hear_recording
from synths.engine import Note

__all__ = ["Skipped", "Target", "read_targets", "match"]

_Figures = dict[str, float | None]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Skipped:
    """A file that could not be answered, and the reason."""

    path: Path
    reason: str


def read_targets(
    files: Sequence[Path], model: EvaluatedModel, tracker: PitchTracker | None = None
) -> tuple[list[Target], list[Skipped]]:
    """Read sounds as a model hears them.

    Args:
        files: Sound files.
        model: Determines length, loudness and sample rate.
        tracker: Pitch tracker; SwiftF0 by default, as for sketches.

    Returns:
        The targets, and the files that could not be heard.
    """
    targets, skipped = [], []
    rate, trained_note = model.mel.sample_rate, model.note
    for path in tqdm(files, unit="sound", desc="hear", leave=False):
        try:
            heard = hear_recording(
                read_sound(path, rate),
                rate,
                mel=model.mel,
                trained_note=trained_note,
                target_lufs=model.target_lufs,
                tracker=tracker,
            )
        except SoundError as error:
            skipped.append(Skipped(path, str(error)))
            continue
        targets.append(Target(path, heard, replace(trained_note, note=heard.note)))
    return targets, skipped


def match(
    model: EvaluatedModel,
    audio: Path,
    out: Path,
    *,
    seed: int = 0,
    workers: int = 2,
    refine: float | None = None,
    renders: int | None = None,
    command: str = "",
) -> dict[str, Any]:
    """Answer every sound of a folder, and write sounds, patches, presets and `results.json`.

    A model folder answers as the server does: what a player hears at once is measured as *guess*, and the
    first answer, which follows within a second, as *answer*.

    Args:
        model: The model.
        audio: Folder of sounds.
        out: Folder for the answers, created if absent.
        seed: Seed of the refinement; first answers are deterministic.
        workers: Engines that render.
        refine: Seconds to improve each answer for, by real renders. The improved answer is then written,
            and the first one is measured beside it.
        renders: Number of renders instead of seconds, for the same answers on any machine.
        command: Recorded in the results.

    Returns:
        The contents of `results.json`.

    Raises:
        SoundError: The folder is missing, or no sound in it could be answered.
        ConfigError: `out` cannot be written or is the folder of the sounds, or the model is a run and cannot
            be refined.
    """
    if refine is not None:
        check_refinable(model, refine, renders)
    files, left_out = sound_files(audio)
    if not files and not left_out:
        raise SoundError(f"there is no sound file in {audio} ({SOUND_KINDS}). Choose another --audio.")
    _make(out, audio)
    targets, unheard = read_targets(files, model)
    skipped = sorted([*(Skipped(*one) for one in left_out), *unheard], key=lambda one: one.path)
    for one in skipped:
        logger.warning("skipped %s: %s", one.path.name, one.reason)
    if not targets:
        raise SoundError(
            f"none of the {len(skipped)} files in {audio} could be heard. The lines above say why."
        )
    references = model.references()
    rows = references.nearest(np.stack([t.heard.mel for t in targets]))
    vectors, first = _answers(model, targets)
    vectors["nearest"] = references.sounds.patches[rows]
    vectors["mean patch"] = np.repeat(references.mean_patch[None], len(targets), axis=0)
    written, notes = "answer", [t.note for t in targets]
    sounds = _rendered(model, vectors, notes, workers)
    gestures: list[Gestures | None] = [None] * len(targets)
    closeness: list[dict[str, Any]] = [{} for _ in targets]
    if refine is not None and model.answerer is not None:
        better = refine_targets(model.answerer, targets, first, refine, renders, seed)
        written, notes = "refined", [note for _, note in better]
        gestures = [one.gestures for one, _ in better]
        vectors["refined"] = np.stack([one.patch for one, _ in better])
        closeness = [{"closeness": round(one.closeness, 3), "words": one.label} for one, _ in better]
        with PatchRenderer(model.space, model.mel.sample_rate, workers) as renderer:
            sounds = {
                "refined": renderer.render(list(vectors["refined"]), notes, "answers", gestures),
                **sounds,
            }
    heard = [analyse(t.heard.audio, model.mel, seconds=model.note.seconds) for t in targets]
    names = _answer_names([t.path for t in targets])
    results: list[dict[str, Any]] = []
    for k, target in enumerate(targets):
        write_answer(
            out,
            names[k],
            space=model.space,
            note=notes[k],
            patch=vectors[written][k],
            audio=sounds[written][k],
            sample_rate=model.mel.sample_rate,
            gestures=gestures[k],
        )
        distances = _distances(model, heard[k], {row: s[k] for row, s in sounds.items()})
        results.append(
            {
                "file": target.path.name,
                "answer": f"{names[k]}.wav",
                "note": target.note.note,
                "pitch_found": target.heard.pitched,
                "pitch_cents": round(target.heard.cents, 1),
                "pitch_confidence": round(target.heard.confidence, 3),
                **closeness[k],
                "nearest": references.names[rows[k]] if references.names else int(rows[k]),
                "distances": distances,
            }
        )
    page = {
        "model": model.name,
        "command": command,
        "seed": seed,
        "refined_seconds": refine,
        "refined_renders": renders,
        "sample_rate": model.mel.sample_rate,
        "nearest_of": references.description,
        "answered": len(results),
        "skipped": [{"file": s.path.name, "reason": s.reason} for s in skipped],
        "summary": _summary([r["distances"] for r in results]),
        "sounds": results,
    }
    write_text(out / "results.json", json.dumps(page, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return page


def _answers(
    model: EvaluatedModel, targets: Sequence[Target]
) -> tuple[dict[str, np.ndarray], list[list[Candidate]]]:
    """Return the answers `(n, P)` by row, and all candidates of the first answers of a model folder."""
    if model.answerer is None:
        return {"answer": model.answers([t.heard.audio for t in targets])}, []
    guesses, first = first_answers(model.answerer, targets)
    return {"guess": guesses, "answer": np.stack([one[0].patch for one in first])}, first


def _rendered(
    model: EvaluatedModel, vectors: Mapping[str, np.ndarray], notes: Sequence[Note], workers: int
) -> dict[str, list[np.ndarray]]:
    with PatchRenderer(model.space, model.mel.sample_rate, workers) as renderer:
        flat = [v for rows in vectors.values() for v in rows]
        sounds = renderer.render(flat, [n for _ in vectors for n in notes], "answers")
    n = len(notes)
    return {row: sounds[k * n : (k + 1) * n] for k, row in enumerate(vectors)}


def _distances(
    model: EvaluatedModel, target: AnalysedSound, sounds: Mapping[str, np.ndarray]
) -> dict[str, _Figures]:
    """Return the figures of each answer to a target; None for a pitch error if the target has no pitch."""
    every = {**sounds, "silence": np.zeros(1, np.float32)}
    result = {}
    for row, audio in every.items():
        values = compare(target, analyse(audio, model.mel, seconds=model.note.seconds))
        result[row] = {name: None if isnan(value) else round(value, 5) for name, value in values.items()}
    return result


def _summary(distances: Sequence[Mapping[str, _Figures]]) -> dict[str, dict[str, dict[str, float]]]:
    """Return mean and median of every figure by row; without the pitch error if no sound has a pitch."""
    summary: dict[str, dict[str, dict[str, float]]] = {}
    for row in distances[0]:
        values = {f.name: measured(np.array([d[row][f.name] for d in distances], float)) for f in FIGURES}
        summary[row] = {
            name: {"mean": round(float(v.mean()), 5), "median": round(float(np.median(v)), 5)}
            for name, v in values.items()
            if len(v)
        }
    return summary


def _answer_names(paths: Sequence[Path]) -> list[str]:
    """Return a name for each answer: the sound's without its suffix, or with it where that is taken."""
    names: list[str] = []
    for path in paths:
        names.append(path.stem if path.stem not in names else path.name)
    return names


def _make(out: Path, audio: Path) -> None:
    make_folder(out)
    if out.resolve() == audio.resolve():
        raise ConfigError("--out is the folder of the sounds, which would be overwritten. Choose another.")
