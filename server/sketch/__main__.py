"""Answer one sound file with a patch: `python -m server.sketch FILE [--refine SECONDS] [--out FOLDER]`.

Writes the answer as a sound, a readable patch, a Vital preset, and a picture beside the sound.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from core.command import log_to_terminal, print_line
from core.errors import BridgeError, ConfigError, RenderError
from models.installed import find_model

if TYPE_CHECKING:
    from sketching.answerer import Answerer
    from sketching.candidate import Candidate
    from sketching.hearing import HeardSound

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when all is written, 2 for what a user can put right."""
    parser = argparse.ArgumentParser(
        prog="python -m server.sketch", description="Answer one sound file with a patch."
    )
    parser.add_argument("file", type=Path, help="a sound file of any kind")
    parser.add_argument("--model", default="vital-32", help="name or folder (%(default)s)")
    parser.add_argument(
        "--refine", type=float, default=0.0, metavar="SECONDS", help="how long to refine it (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the refinement (%(default)s)")
    parser.add_argument("--out", type=Path, help="folder for the files (that of the sound)")
    parser.add_argument("--workers", type=int, help="processes that render (one for each core, 8 at most)")
    given = parser.parse_args(arguments)
    log_to_terminal(logging.INFO)
    try:
        _sketch(given)
    except BridgeError as error:
        logger.error("%s", error)
        return 2
    except KeyboardInterrupt:
        logger.info("stopped; nothing was written")
        return 130
    return 0


def _sketch(given: argparse.Namespace) -> None:
    if not 0.0 <= given.refine <= 3_600.0:
        raise ConfigError("--refine takes 0 to 3600 seconds.")
    if given.workers is not None and given.workers < 1:
        raise ConfigError("--workers must be at least 1.")
    out: Path = given.out or given.file.parent
    from core.sound_file import read_sound  # slow to load, so not before --help is answered
    from sketching.answer_files import make_folder, write_answer
    from sketching.answerer import Answerer
    from sketching.picture import draw_answer
    from synths.catalog import load_engine
    from synths.engine import play

    answerer = Answerer(find_model(given.model), given.workers)
    rate = answerer.mel.sample_rate
    heard = answerer.hear(read_sound(given.file, rate), rate)
    for warning in heard.warnings:
        logger.info("%s", warning)
    make_folder(out)
    try:
        first = answerer.first(heard)
        if given.refine:
            best = _refined(answerer, heard, first, given.refine, given.seed)
        else:
            best = (answerer.best(answerer.check(heard, first)) or first)[0]
    finally:
        answerer.close()
    engine, note = load_engine(answerer.space, rate), answerer.note_at(heard)
    audio = play(engine, answerer.space.decode(best.patch), note, best.gestures)
    name = f"{given.file.stem} answer"
    files = write_answer(
        out,
        name,
        space=answerer.space,
        note=note,
        patch=best.patch,
        audio=audio.mean(axis=0),
        sample_rate=rate,
        gestures=best.gestures,
    )
    picture = out / f"{name}.png"
    try:
        draw_answer(
            picture, heard.audio, audio.mean(axis=0), answerer.mel, f"{given.file.name}: {best.label}"
        )
        files.append(picture)
    except ConfigError as error:
        logger.warning("%s", error)
    pitch = f"note {heard.note}" if heard.pitched else f"no pitch, played at note {heard.note}"
    print(f"{best.label} ({best.closeness:.2f}), {pitch}")
    for file in files:
        print_line(file)


def _refined(
    answerer: "Answerer", heard: "HeardSound", first: "list[Candidate]", seconds: float, seed: int
) -> "Candidate":
    best = None
    with tqdm(total=100, unit="%", desc="refine", bar_format="{desc} {bar} {n:.0f} % {postfix}") as bar:
        for progress in answerer.refine(heard, first, seconds, seed):
            if progress.candidates:
                best = progress.candidates[0]
                bar.set_postfix_str(f"{best.label} ({best.closeness:.2f})", refresh=False)
            bar.update(100 * progress.fraction - bar.n)
    if best is None:
        raise RenderError(f"nothing could be rendered in {seconds:g} s; give --refine more seconds.")
    return best


if __name__ == "__main__":
    sys.exit(main())
