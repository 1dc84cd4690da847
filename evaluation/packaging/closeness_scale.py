"""Measure the distances that closeness is based on, and renew those of a model folder.

    python -m evaluation.packaging.closeness_scale --model FOLDER

The folder needs its render bank and a space with kinds to draw patches from, but not the dataset. Patches
are drawn anew, as the training patches were, and the nearest of the bank is found among the 16 nearest by
code. `docs/sketching.md` says what the distances mean. The scale of answers that were not rendered stays.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from core.command import exit_status
from core.errors import ConfigError
from core.loudness import level
from core.mel import log_mel
from evaluation.patch_renderer import PatchRenderer
from models.answer_model import AnswerModel
from models.folder import ModelFolder
from sketching.closeness import Closeness
from sketching.gradient import guessed_mels
from sketching.render_bank import RenderBank
from sketching.rendering.distance import DistanceFeatures, distance_db, distance_features
from sketching.sketch_file import SketchFile
from synths.catalog import load_engine
from synths.engine import Note
from training.data.draw import Prior
from training.data.leveled_render import render_leveled

__all__ = ["guessed_scale", "main", "remeasure_closeness", "rendered_scale"]

_DB = 10.0 / np.log(10.0)
_DRAW = 0xC105E  # with the seed: no training shard has this number, so no such patch was trained on
_N_NEAR = 16  # by code; the nearest of them is 0.06 dB of log-mel further than the nearest of all
logger = logging.getLogger(__name__)


def remeasure_closeness(path: Path, *, renderer: PatchRenderer, n_targets: int = 48, seed: int = 0) -> None:
    """Renew the distances that the closeness of rendered answers is based on, in a model folder.

    Args:
        path: The model folder.
        renderer: Renders patches of its space.
        n_targets: Number of patches to measure distances on.
        seed: Seed of their draw.

    Raises:
        CheckpointError: The model folder is damaged.
        ConfigError: It has no render bank, or its space no kinds to draw patches from.
    """
    folder = ModelFolder.load(path)
    sketch = SketchFile.load(folder)
    if sketch.bank is None:
        raise ConfigError(
            f"{path} has no renders to compare with. Add them: "
            "python -m evaluation.packaging.sketch_data --help"
        )
    note = folder.settings.note
    patches, mels = _drawn(folder, n_targets, seed)
    nearest = _nearest(folder, sketch.bank, mels, renderer)
    mean = sketch.bank.values(np.arange(len(sketch.bank))).mean(axis=0)
    closeness = rendered_scale(renderer, patches, nearest, mean, note)
    replace(sketch, closeness=closeness).write(folder)


def rendered_scale(
    renderer: PatchRenderer, patches: np.ndarray, nearest: np.ndarray, mean: np.ndarray, note: Note
) -> Closeness:
    """Return the closeness of rendered answers, from distances between renders.

    Args:
        renderer: Renders patches.
        patches: Held-out patches, unrelated to each other, `(n, P)`.
        nearest: The patch of the nearest training render to each, `(n, P)`.
        mean: The mean patch, `(P,)`.
        note: The note that is played.
    """

    def sounds(some: np.ndarray) -> list[DistanceFeatures]:
        played = renderer.render(list(some), note, "known distances")
        return [distance_features(audio, renderer.sample_rate, note.seconds) for audio in played]

    heard, near = sounds(patches), sounds(nearest)
    (middle,) = sounds(mean[None])
    return _anchored(
        np.array([distance_db(a, b) for a, b in zip(heard, near, strict=True)]),
        np.array([distance_db(a, middle) for a in heard]),
        np.array([distance_db(a, b) for a, b in zip(heard, heard[1:] + heard[:1], strict=True)]),
    )


def guessed_scale(model: AnswerModel, mels: np.ndarray, nearest: np.ndarray, mean: np.ndarray) -> Closeness:
    """Return the closeness of answers that are not rendered, from log-mel distances that the proxy expects.

    Args:
        model: Its proxy is asked.
        mels: Levelled log-mels of held-out patches, `(n, n_mels, n_frames)`.
        nearest: The patch of the nearest training render to each, `(n, P)`.
        mean: The mean patch, n times, `(n, P)`.
    """
    mels = mels.astype(np.float32)

    def off(answers: np.ndarray) -> np.ndarray:
        return np.asarray(np.abs(answers - mels).mean(axis=(1, 2)) * _DB)

    return _anchored(
        off(guessed_mels(model, nearest)), off(guessed_mels(model, mean)), off(np.roll(mels, 1, axis=0))
    )


def _drawn(folder: ModelFolder, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw patches that no model was trained on; return them and the levelled log-mels of their renders."""
    prior, rng = Prior.for_space(folder.space), np.random.default_rng([seed, _DRAW])
    engine = load_engine(folder.space, folder.mel.sample_rate)
    patches: list[np.ndarray] = []
    mels: list[np.ndarray] = []
    while len(patches) < n:
        render = render_leveled(prior.draw(rng)[0], folder.space, engine, folder.settings.note)
        if render is not None:
            patches.append(render.vector)
            mels.append(log_mel(render.audio, folder.mel))
    return np.stack(patches), np.stack(mels)


def _nearest(folder: ModelFolder, bank: RenderBank, mels: np.ndarray, renderer: PatchRenderer) -> np.ndarray:
    """Return the patch of the bank `(n, P)` whose render is nearest to each levelled log-mel."""
    rate, lufs = folder.mel.sample_rate, folder.settings.target_lufs
    near = [bank.nearest(mel, _N_NEAR) for mel in mels]
    sounds = iter(renderer.render(list(np.concatenate(near)), folder.settings.note, "nearest renders"))
    found = []
    for mel, some in zip(mels, near, strict=True):
        heard = [log_mel(level(next(sounds), rate, lufs), folder.mel) for _ in some]
        found.append(some[int(np.argmin([np.abs(h - mel).mean() for h in heard]))])
    return np.stack(found)


def _anchored(nearest: np.ndarray, mean: np.ndarray, unrelated: np.ndarray) -> Closeness:
    """Return the distances that the words of closeness stand for; docs/sketching.md explains them."""
    steps = {
        "very_close": np.quantile(nearest, 0.1),
        "close": np.quantile(nearest, 0.5),
        "related": np.quantile(nearest, 0.95),
        "inspired": np.quantile(mean, 0.5),
        "unrelated": np.quantile(unrelated, 0.75),
    }
    logger.info("distances of the words, dB: %s", ", ".join(f"{name} {d:.2f}" for name, d in steps.items()))
    rising = np.maximum.accumulate(list(steps.values())) + 1e-3 * np.arange(1, len(steps) + 1)
    return Closeness.of(dict(zip(steps, rising.tolist(), strict=True)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, required=True, help="model folder, models/pretrained/NAME")
    parser.add_argument("--targets", type=int, default=48, help="patches to measure on (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of their draw (%(default)s)")
    parser.add_argument(
        "--workers", type=int, default=2, help="engines that render in parallel (%(default)s)"
    )
    args = parser.parse_args(arguments)
    return exit_status(partial(_remeasure, args))


def _remeasure(args: argparse.Namespace) -> None:
    if args.targets < 2:
        raise ConfigError("--targets must be at least 2: unrelated patches are compared with each other.")
    folder = ModelFolder.load(args.model)
    with PatchRenderer(folder.space, folder.mel.sample_rate, args.workers) as renderer:
        remeasure_closeness(args.model, renderer=renderer, n_targets=args.targets, seed=args.seed)


if __name__ == "__main__":
    sys.exit(main())
