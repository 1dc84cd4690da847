"""Add the data for sketching to a model folder.

    python -m evaluation.packaging.sketch_data --model FOLDER --data DATASET

That is a render bank of the training renders, and the distances that define closeness, measured on held-out
patches: to the nearest render, to the mean patch, and between unrelated patches. `python -m
evaluation.packaging` does the same for a new model, `python -m evaluation.packaging.closeness_scale` measures
the distances anew without the dataset.
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
from evaluation.packaging.closeness_scale import guessed_scale, rendered_scale
from evaluation.patch_renderer import PatchRenderer
from evaluation.references import mean_patch, nearest_rows
from models.answer_model import AnswerModel
from models.folder import ModelFolder
from sketching.render_bank import RenderBank
from sketching.sketch_file import SketchFile
from synths.engine import Note
from training.data.dataset import Dataset, DatasetFolder
from training.data.split import split_shards

__all__ = ["add_sketch_data", "main"]

_N_CODE, _N_BYTES = 32, 8  # principal components of a mel, and bytes that stand for them; docs/experiments.md
_MOST_MEGABYTES = 20.0  # of a model folder
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
    closeness = rendered_scale(renderer, targets.patches, nearest, mean[0], note)
    estimate = guessed_scale(AnswerModel.load(folder), targets.mels, nearest, mean)
    SketchFile(bank, closeness, estimate).write(folder)
    megabytes = sum(file.stat().st_size for file in path.iterdir()) / 1e6
    logger.info("%s has %.2f MB now", path, megabytes)
    if megabytes > _MOST_MEGABYTES:
        raise ConfigError(
            f"{path} has {megabytes:.1f} MB, more than {_MOST_MEGABYTES:g}; use fewer --shards."
        )
    SketchFile.load(ModelFolder.load(path))


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
