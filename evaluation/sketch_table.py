"""Measure the answers to sketches: `python evaluate.py sketch --out docs/results-sketch.md`.

First answers and answers after a number of real renders, beside silence, the mean patch and the nearest of
all training renders, which are in the model's render bank. Budgets are in renders, because seconds depend on
the machine. Each target is cached as soon as it is measured, so an interrupted run can be resumed.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from core.errors import ConfigError, SoundError
from core.loudness import level
from core.mel import log_mel
from core.playing.gestures import Gestures
from core.ruler.metrics import VERSION, analyse, compare
from core.sound_file import SOUND_KINDS, read_sound, sound_files
from evaluation.cache_folder import cache_folder
from sketching.answerer import Answerer
from sketching.candidate import Candidate
from sketching.early_renders import EarlyRenders
from sketching.render_bank import RenderBank
from synths.catalog import load_engine
from synths.engine import Note, play
from training.data.draw import Prior
from training.data.leveled_render import render_leveled

__all__ = ["SketchSet", "measure_sketches", "rows_of"]

logger = logging.getLogger(__name__)
_PROTOCOL = 5  # version of the cache; raise it when what is measured changes
_DRAW = 0x5CE7C4  # with the seed: no training shard has this number, so no such patch was trained on
_N_NEAR = 48  # of the render bank, rendered again to find the nearest among them
_ROUND_SECONDS = 0.65  # of a recording per round of early renders: 38 renders in 4 s


@dataclass(frozen=True, kw_only=True)
class SketchSet:
    """What was measured on one set of sounds.

    Attributes:
        title: Its heading.
        rows: By name of the answer and name of the figure, one value per target.
        closeness: Closeness after the last refinement, one per target.
        n_targets: Number of targets measured.
        n_bank: Number of renders among which the nearest was searched.
        skipped: A line for each file that could not be heard.
    """

    title: str
    rows: dict[str, dict[str, list[float]]]
    closeness: list[float]
    n_targets: int
    n_bank: int
    skipped: list[str]


@dataclass(frozen=True, eq=False)
class _Target:
    name: str
    audio: np.ndarray
    mel: np.ndarray
    note: int
    glides: bool
    seconds: float
    pitch_hz: np.ndarray
    drawn: bool  # from the prior, and so at a known note


def rows_of(budgets: Sequence[int]) -> list[str]:
    """Return the names of the rows, in the order shown."""
    return [
        "silence",
        "mean patch",
        "nearest render",
        "posterior mean",
        "first answer",
        "first answer, rendered",
        "first answer, sung",
        *(f"after {n} renders" for n in budgets),
    ]


def measure_sketches(
    model: Path,
    folders: Sequence[Path],
    *,
    n_held_out: int,
    budgets: Sequence[int],
    seed: int,
    workers: int,
    cache: Path | None = None,
) -> list[SketchSet]:
    """Answer held-out patches and folders of sounds, refine the answers, and measure them.

    Args:
        model: Model folder, with a render bank.
        folders: Folders of sounds.
        n_held_out: Number of patches to draw anew, as the training patches were; 0 for none.
        budgets: Numbers of renders after which answers are measured, rising.
        seed: Seed of the draw of patches and of the refinement.
        workers: Processes that render.
        cache: Folder of earlier measurements; the program's own by default.

    Raises:
        ConfigError: The model has no render bank, its space has no kinds to draw from, or the budgets do not
            rise.
        SoundError: A folder holds no sound.
    """
    if list(budgets) != sorted(set(budgets)) or not budgets or budgets[0] < 1:
        raise ConfigError("--renders takes rising numbers of at least 1, such as 32 176.")
    answerer = Answerer(model, workers, polite=False)
    if answerer.sketch_file.bank is None:
        raise ConfigError(
            f"{model} has no renders to compare with. Add them: "
            "python -m evaluation.packaging.sketch_data --help"
        )
    bench = _SketchBench(answerer, answerer.sketch_file.bank, tuple(budgets), seed, cache)
    try:
        sets = []
        if n_held_out:
            targets = _held_out(answerer, n_held_out, seed)
            sets.append(bench.measure(f"{n_held_out} held-out patches", targets, []))
        for folder in folders:
            heard, skipped = _sounds(answerer, folder)
            sets.append(bench.measure(f"{len(heard)} sounds of {folder.name}", heard, skipped))
        return sets
    finally:
        answerer.close()


class _SketchBench:
    """Answers targets in every way, renders the answers and compares them."""

    def __init__(
        self, answerer: Answerer, bank: RenderBank, budgets: tuple[int, ...], seed: int, cache: Path | None
    ) -> None:
        self.answerer, self.bank, self.budgets, self.seed = answerer, bank, budgets, seed
        self.mean_patch = bank.values(np.arange(len(bank))).mean(axis=0)
        self.engine = load_engine(answerer.space, answerer.mel.sample_rate)
        self.cache = (cache or cache_folder("measured")) / f"sketch-{answerer.folder.name}.jsonl"
        self.known: dict[str, dict[str, Any]] = {}
        if self.cache.is_file():
            for line in self.cache.read_text("utf-8").splitlines():
                try:
                    one = json.loads(line)
                    self.known[one["key"]] = one
                except (ValueError, KeyError):
                    continue  # a line cut off by a crash

    def measure(self, title: str, targets: Sequence[_Target], skipped: list[str]) -> SketchSet:
        measured = [self._one(target) for target in tqdm(targets, unit="sound", desc=title)]
        figures = measured[0]["rows"]["silence"]
        return SketchSet(
            title=title,
            rows={
                row: {figure: [one["rows"][row][figure] for one in measured] for figure in figures}
                for row in rows_of(self.budgets)
            },
            closeness=[one["closeness"] for one in measured],
            n_targets=len(targets),
            n_bank=len(self.bank),
            skipped=skipped,
        )

    def _one(self, target: _Target) -> dict[str, Any]:
        files = self.answerer.folder.files
        facts = [_PROTOCOL, VERSION, dict(files), self.budgets, self.seed, target.note]
        words = json.dumps(facts, sort_keys=True).encode()
        key = hashlib.sha256(words + np.ascontiguousarray(target.audio).tobytes()).hexdigest()
        if key not in self.known:
            one = {"key": key, "name": target.name, **self._answers(target)}
            with self.cache.open("a", encoding="utf-8") as file:
                file.write(json.dumps(one) + "\n")
            self.known[key] = one
        return self.known[key]

    def _answers(self, target: _Target) -> dict[str, Any]:
        first = self.answerer.first(target)
        patches = {
            "mean patch": self.mean_patch,
            "nearest render": self._nearest(target.mel),
            "posterior mean": self.answerer.follow(target.mel),
            "first answer": first[0].patch,
            "first answer, rendered": self._checked(target, first)[0].patch,
            "first answer, sung": self._sung(target),
        }
        refined = {f"after {n} renders": first[0] for n in self.budgets}
        candidates = first
        for progress in self.answerer.refine(target, first, 0.0, self.seed, renders=self.budgets[-1]):
            for budget in self.budgets:
                if progress.n_renders <= budget:  # what was known when the budget ran out
                    refined[f"after {budget} renders"] = progress.candidates[0]
            candidates = progress.candidates
        note, mel = self.answerer.note_at(target), self.answerer.mel
        whole = replace(self.answerer.note, note=note.note)  # references know nothing of the sound's length
        notes = {"mean patch": whole, "nearest render": whole}
        sounds = {row: self._render(patch, notes.get(row, note)) for row, patch in patches.items()}
        sounds |= {row: self._render(one.patch, note, one.gestures) for row, one in refined.items()}
        heard = analyse(target.audio, mel, seconds=note.seconds)
        rows = {
            row: compare(heard, analyse(sound, mel, seconds=note.seconds))
            for row, sound in {"silence": np.zeros(1, np.float32), **sounds}.items()
        }
        return {"rows": rows, "closeness": candidates[0].closeness}

    def _checked(self, target: _Target, first: list[Candidate]) -> list[Candidate]:
        """Return the first answers once they have been rendered, the nearest first."""
        return self.answerer.best(self.answerer.check(target, first)) or first

    def _nearest(self, mel: np.ndarray) -> np.ndarray:
        """Return the training patch whose render is nearest to a log-mel."""
        near = self.bank.nearest(mel, _N_NEAR)
        rate = self.answerer.mel.sample_rate
        sounds = [
            level(self._render(patch, self.answerer.note), rate, self.answerer.target_lufs) for patch in near
        ]
        off = [float(np.abs(log_mel(sound, self.answerer.mel) - mel).mean()) for sound in sounds]
        return np.asarray(near[int(np.argmin(off))])

    def _sung(self, target: _Target) -> np.ndarray:
        """Return the first answer to a recording of the sound, with what was rendered while it was sung."""
        early, rate = EarlyRenders(self.answerer), self.answerer.mel.sample_rate
        for seconds in np.arange(_ROUND_SECONDS, target.seconds, _ROUND_SECONDS):
            try:
                so_far = self.answerer.hear(target.audio[: round(seconds * rate)], rate)
            except SoundError:  # nothing audible yet
                continue
            if target.drawn:
                so_far = replace(so_far, note=target.note, glides=False)
            early.render_round(so_far, seconds, lambda: False)
        return self.answerer.first(target, early.compared(target))[0].patch

    def _render(self, patch: np.ndarray, note: Note, gestures: Gestures | None = None) -> np.ndarray:
        audio = play(self.engine, self.answerer.space.decode(patch), note, gestures)
        return np.asarray(audio.mean(axis=0))


def _held_out(answerer: Answerer, n: int, seed: int) -> list[_Target]:
    """Draw patches that no model was trained on; their note is known."""
    prior, rng = Prior.for_space(answerer.space), np.random.default_rng([seed, _DRAW])
    engine = load_engine(answerer.space, answerer.mel.sample_rate)
    targets: list[_Target] = []
    while len(targets) < n:
        render = render_leveled(prior.draw(rng)[0], answerer.space, engine, answerer.note)
        if render is not None:
            heard = answerer.hear(render.audio, engine.sample_rate)
            name = f"patch {len(targets)}"
            targets.append(
                _Target(
                    name,
                    heard.audio,
                    heard.mel,
                    answerer.note.note,
                    False,
                    heard.seconds,
                    heard.pitch_hz,
                    True,
                )
            )
    return targets


def _sounds(answerer: Answerer, folder: Path) -> tuple[list[_Target], list[str]]:
    files, left_out = sound_files(folder)
    targets, skipped = [], [f"{path.name}: {reason}" for path, reason in left_out]
    for path in files:
        try:
            heard = answerer.hear(read_sound(path, answerer.mel.sample_rate), answerer.mel.sample_rate)
        except SoundError as error:
            skipped.append(f"{path.name}: {error}")
            continue
        targets.append(
            _Target(
                path.name,
                heard.audio,
                heard.mel,
                heard.note,
                heard.glides,
                heard.seconds,
                heard.pitch_hz,
                False,
            )
        )
    if not targets:
        raise SoundError(
            f"no sound in {folder} can be heard. Choose a folder of sound files ({SOUND_KINDS})."
        )
    return targets, skipped
