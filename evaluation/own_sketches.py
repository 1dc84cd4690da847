"""Measure what a player's own presets add to sketches: `python -m evaluation.own_sketches --help`.

Each sound is answered twice with the same number of renders: by the model alone, and with the presets of some
folders, which `python -m library FOLDER... --index FILE` has heard before. What is kept of a sound that was
measured is reused, so an interrupted run can be resumed.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.command import exit_status, print_line
from core.errors import ConfigError
from core.sound_file import read_sound, sound_files
from evaluation.cache_folder import cache_folder
from models.installed import find_model
from sketching.answer_files import write_text
from sketching.answerer import Answerer
from sketching.candidate import Candidate, TargetSound
from sketching.own.library import OwnLibrary
from sketching.own.search import NearPreset
from sketching.rendering.own_renderer import OwnRenderer
from sketching.rendering.render_worker import Renderer

__all__ = ["AnsweredTwice", "own_page"]

_WORSE_DB = 0.02  # two renders of an answer differ by less


@dataclass(frozen=True, kw_only=True)
class AnsweredTwice:
    """How near the best answers to one sound are, dB of soft MSS, each rendered anew.

    Attributes:
        folder, name: Of the sound.
        alone: Distance of the answer of the model alone.
        both: Distance of the answer where own presets compete.
        origin: What the latter is: empty for a patch of the model, or the name of a preset.
        is_refined: Whether the controls of that preset were moved.
        nearest_own: Distance of the nearest of the presets as it is; None where none was heard.
    """

    folder: str
    name: str
    alone: float
    both: float
    origin: str
    is_refined: bool
    nearest_own: float | None


class _Bench:
    def __init__(self, answerer: Answerer, own: OwnLibrary, renders: int, seed: int) -> None:
        self.answerer, self.own, self.renders, self.seed = answerer, own, renders, seed

    def measure(self, folder: Path, path: Path) -> AnsweredTwice:
        """Answer a sound twice."""
        rate = self.answerer.mel.sample_rate
        heard = self.answerer.hear(read_sound(path, rate), rate)
        near = self.own.near(heard.audio, heard.note, self.answerer.space)
        alone, both = self._best(heard, ()), self._best(heard, near)
        presets = {preset.name: preset.path for preset in near}
        as_they_are = [self._own(heard, presets[preset.name], None) for preset in near[:2]]
        return AnsweredTwice(
            folder=folder.name,
            name=path.name,
            alone=self._distance(heard, alone, presets),
            both=self._distance(heard, both, presets),
            origin=both.own,
            is_refined=both.is_refined,
            nearest_own=min(as_they_are, default=None),
        )

    def _best(self, heard: TargetSound, near: Sequence[NearPreset]) -> Candidate:
        first = self.answerer.first(heard)
        best = first[0]
        refining = self.answerer.refine(heard, first, 0.0, self.seed, renders=self.renders, own=near)
        for progress in refining:
            best = progress.candidates[0]
        return best

    def _distance(self, heard: TargetSound, answer: Candidate, presets: dict[str, Path]) -> float:
        if answer.own:
            return self._own(heard, presets[answer.own], answer.patch)
        how = self.answerer.mel, heard.audio, self.answerer.note_at(heard), self.answerer.target_lufs
        return Renderer(self.answerer.space, *how).measure(answer.patch, answer.gestures).distance_db

    def _own(self, heard: TargetSound, path: Path, patch: np.ndarray | None) -> float:
        how = self.answerer.mel, heard.audio, self.answerer.note_at(heard), self.answerer.target_lufs
        return OwnRenderer(*how).measure(path, patch).measurement.distance_db


def own_page(rows: Sequence[AnsweredTwice], command: str, renders: int, n_presets: int) -> str:
    """Return the table as Markdown.

    Args:
        rows: The sounds.
        command: What measured them.
        renders: Budget of each answer.
        n_presets: How many presets were heard.
    """
    lines = [
        "# Results: sketches with your own presets",
        "",
        f"Written by `{command}`.",
        "",
        f"Soft MSS of the best answer after {renders} renders, dB, lower is closer: by the model alone, and "
        f"with {n_presets} presets competing for the same renders. Each answer was rendered anew. *Preset as "
        "it is*: the nearer of the two that the library expects nearest.",
        "",
        "| sound | model alone | with presets | difference | answer | preset as it is |",
        "| --- | --: | --: | --: | --- | --: |",
    ]
    for one in rows:
        origin = "model" if not one.origin else one.origin + (", refined" if one.is_refined else "")
        as_it_is = "" if one.nearest_own is None else f"{one.nearest_own:.2f}"
        change = one.both - one.alone
        figures = f"{one.alone:.2f} | {one.both:.2f} | {change:+.2f}"
        lines.append(f"| {one.folder}/{one.name} | {figures} | {origin} | {as_it_is} |")
    changes = np.array([one.both - one.alone for one in rows])
    alone, both = (float(np.mean([getattr(one, key) for one in rows])) for key in ("alone", "both"))
    lines += [
        f"| mean of {len(rows)} | {alone:.2f} | {both:.2f} | {changes.mean():+.2f} | | |",
        "",
        f"Nearer: {int((changes < -_WORSE_DB).sum())}; the same within {_WORSE_DB} dB: "
        f"{int((np.abs(changes) <= _WORSE_DB).sum())}; farther: {int((changes > _WORSE_DB).sum())}.",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.own_sketches", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--model", default="vital-32", help="name of a shipped model, or a model folder")
    parser.add_argument("--audio", type=Path, action="append", required=True, metavar="FOLDER")
    parser.add_argument("--presets", type=Path, action="append", required=True, metavar="FOLDER")
    parser.add_argument("--index", type=Path, required=True, help="what `python -m library` heard of them")
    parser.add_argument("--renders", type=int, default=176, help="of each answer (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the refinements (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes that render (%(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="Markdown file")
    given = parser.parse_args(arguments)
    words = sys.argv[1:] if arguments is None else arguments
    command = shlex.join(["python", "-m", "evaluation.own_sketches", *words])
    stopped = "stopped; run the same command again to continue"
    return exit_status(lambda: _measure(given, command), stopped=stopped)


def _measure(given: argparse.Namespace, command: str) -> None:
    own = OwnLibrary(tuple(given.presets), given.index)
    shelf = own.shelf()
    heard = [] if shelf is None else [preset for preset in shelf.presets.values() if preset.heard]
    if not heard:
        raise ConfigError(f"no preset was heard; run: python -m library FOLDER... --index {given.index}")
    answerer = Answerer(find_model(given.model), given.workers, polite=False)
    bench = _Bench(answerer, own, given.renders, given.seed)
    facts = [dict(answerer.folder.files), given.renders, given.seed, given.workers, len(heard)]
    cache = cache_folder("measured") / f"own-sketches-{answerer.folder.name}.jsonl"
    known = _read(cache)
    rows = []
    try:
        files = [(folder, path) for folder in given.audio for path in sound_files(folder)[0]]
        for folder, path in tqdm(files, unit="sound"):
            key = json.dumps([facts, folder.name, path.name], sort_keys=True)
            if key not in known:
                known[key] = bench.measure(folder, path)
                with cache.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([key, asdict(known[key])]) + "\n")
            rows.append(known[key])
    finally:
        answerer.close()
    write_text(given.out, own_page(rows, command, given.renders, len(heard)))
    print_line(f"wrote {given.out}")


def _read(cache: Path) -> dict[str, AnsweredTwice]:
    known: dict[str, AnsweredTwice] = {}
    if cache.is_file():
        for line in cache.read_text("utf-8").splitlines():
            try:
                key, facts = json.loads(line)
                known[key] = AnsweredTwice(**facts)
            except (ValueError, TypeError):
                continue  # a line cut off by a crash
    return known


if __name__ == "__main__":
    sys.exit(main())
