"""Add the data for sketching to a model folder.

    python -m evaluation.packaging.sketch_data --model FOLDER --data DATASET

That is a render bank of the training renders, and the distances that define closeness, measured on held-out
patches: to the nearest render, to the mean patch, and between unrelated patches. `python -m
evaluation.packaging` does the same for a new model.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from core.command import exit_status
from core.errors import ConfigError
from evaluation.patch_renderer import PatchRenderer
from evaluation.references import mean_patch, nearest_rows
from models.folder import ModelFolder
from models.regression_flow import RegressionFlow
from models.torch_folder import load_regression_flow
from sketching.closeness import Closeness
from sketching.distance import DistanceFeatures, distance_db, distance_features
from sketching.gradient import guessed_mels
from sketching.render_bank import RenderBank
from sketching.sketch_file import SketchFile
from synths.engine import Note
from training.data.dataset import Dataset, DatasetFolder
from training.data.split import split_shards

__all__ = ["add_sketch_data", "main"]

_N_CODE, _N_BYTES = 32, 8  # principal components of a mel, and bytes that stand for them; docs/experiments.md
_MOST_MEGABYTES = 20.0  # of a model folder
_DB = 10.0 / np.log(10.0)
logger = logging.getLogger(__name__)


def add_sketch_data(
    path: Path,
    data: DatasetFolder,
    *,
    renderer: PatchRenderer,
    shards: int | None = None,
    n_targets: int = 48,
    train: Dataset | None = None,
) -> None:
    """Write `sketch.safetensors` into a model folder.

    Args:
        path: The model folder.
        data: The model's training data; validation and test shards are kept out of the render bank.
        renderer: Renders patches. With one engine, the file is the same each time; with more, distances
            differ by a few hundredths of a dB.
        shards: How many of the shards the model was trained on; by default all of them.
        n_targets: Number of held-out patches, from the validation shards, to measure distances on.
        train: The training renders where they are in memory already.

    Raises:
        CheckpointError: The model folder is damaged.
        ConfigError: The dataset has another space or mel, is too small, or the folder would be too large.
    """
    folder = ModelFolder.load(path)
    if data.space.names != folder.space.names or data.mel != folder.mel:
        raise ConfigError(
            f"{data.path} is not the dataset of the model {folder.name}. Choose the one it was trained on."
        )
    train_shards, validation_shards, _ = split_shards(data.shards()[:shards])
    if not validation_shards:
        raise ConfigError(f"{data.path} has no held-out shards yet: it needs at least 40 shards.")
    train = data.read(train_shards) if train is None else train
    held_out = data.read(validation_shards)
    rows = np.random.default_rng(0).permutation(len(held_out))[:n_targets]
    targets = held_out[rows]
    logger.info("render bank of %d renders", len(train))
    bank = RenderBank.of(train.patches, train.mels, _N_CODE, _N_BYTES)
    nearest = train.patches[nearest_rows(targets.mels, train)]
    mean = np.repeat(mean_patch(train)[None], len(targets), axis=0)
    logger.info("known distances, on %d held-out patches", len(targets))
    note = Note(**data.facts["note"])
    closeness = _rendered(renderer, targets, nearest, mean, note)
    estimate = _guessed(load_regression_flow(folder), targets, nearest, mean)
    SketchFile(bank, closeness, estimate).write(folder)
    megabytes = sum(file.stat().st_size for file in path.iterdir()) / 1e6
    logger.info("%s has %.2f MB now", path, megabytes)
    if megabytes > _MOST_MEGABYTES:
        raise ConfigError(
            f"{path} has {megabytes:.1f} MB, more than {_MOST_MEGABYTES:g}; use fewer --shards."
        )
    SketchFile.load(ModelFolder.load(path))


def _rendered(
    renderer: PatchRenderer, targets: Dataset, nearest: np.ndarray, mean: np.ndarray, note: Note
) -> Closeness:
    def sounds(patches: np.ndarray) -> list[DistanceFeatures]:
        played = renderer.render(list(patches), note, "known distances")
        return [distance_features(audio, renderer.sample_rate, note.seconds) for audio in played]

    heard, near = sounds(targets.patches), sounds(nearest)
    (middle,) = sounds(mean[:1])
    return _anchored(
        np.array([distance_db(a, b) for a, b in zip(heard, near, strict=True)]),
        np.array([distance_db(a, middle) for a in heard]),
        np.array([distance_db(a, b) for a, b in zip(heard, heard[1:] + heard[:1], strict=True)]),
    )


def _guessed(model: RegressionFlow, targets: Dataset, nearest: np.ndarray, mean: np.ndarray) -> Closeness:
    mels = targets.mels.astype(np.float32)

    def off(answers: np.ndarray) -> np.ndarray:
        return np.asarray(np.abs(answers - mels).mean(axis=(1, 2)) * _DB)

    return _anchored(
        off(guessed_mels(model, nearest)), off(guessed_mels(model, mean)), off(np.roll(mels, 1, axis=0))
    )


def _anchored(nearest: np.ndarray, mean: np.ndarray, unrelated: np.ndarray) -> Closeness:
    """Return the distances that the words of closeness stand for; docs/sketching.md explains them."""
    steps = {
        "very_close": np.quantile(nearest, 0.1),
        "close": np.quantile(nearest, 0.5),
        "related": np.quantile(nearest, 0.95),
        "inspired": np.quantile(mean, 0.5),
        "unrelated": np.quantile(unrelated, 0.75),
    }
    logger.info("distances of the words, dB: %s", {name: round(float(d), 2) for name, d in steps.items()})
    rising = np.maximum.accumulate(list(steps.values())) + 1e-3 * np.arange(1, len(steps) + 1)
    return Closeness.of(dict(zip(steps, rising.tolist(), strict=True)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, required=True, help="model folder, models/pretrained/NAME")
    parser.add_argument("--data", type=Path, required=True, help="dataset that the model was trained on")
    parser.add_argument(
        "--shards", type=int, help="how many of its shards the model was trained on (default: all)"
    )
    parser.add_argument(
        "--targets", type=int, default=48, help="held-out patches to measure on (%(default)s)"
    )
    parser.add_argument(
        "--workers", type=int, default=2, help="engines that render in parallel (%(default)s)"
    )
    args = parser.parse_args(arguments)
    return exit_status(partial(_add, args))


def _add(args: argparse.Namespace) -> None:
    data = DatasetFolder(args.data)
    with PatchRenderer(data.space, data.mel.sample_rate, args.workers) as renderer:
        add_sketch_data(args.model, data, renderer=renderer, shards=args.shards, n_targets=args.targets)


if __name__ == "__main__":
    sys.exit(main())
