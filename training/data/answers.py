"""Render what a model answers to training renders.

    python -m training.data.answers --model MODEL --data DATASET --count N --out FOLDER

A proxy knows drawn patches, but it is asked about answers, and answers gather where it is wrong: a descent
along its gradient seeks such places. With these renders in its training it is right there, too.

Targets are training renders of the dataset. Each is answered from its posterior mean or from a drawn latent,
after none, some or all of the usual steps along the proxy's gradient.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.command import exit_status
from core.errors import ConfigError
from models.folder import ModelFolder
from models.installed import find_model
from models.regression_flow import FIRST_ANSWER_STEPS
from models.torch_folder import load_regression_flow
from synths.engine import Note
from training.data.bank_patches import ListedPatches
from training.data.dataset import DatasetFolder
from training.data.executors import process_executor
from training.data.patch_source import dataset_facts
from training.data.render import SHARD_SIZE, render_dataset
from training.data.split import split_shards

__all__ = ["AnswerPatches"]

_STEPS = (0, FIRST_ANSWER_STEPS // 3, FIRST_ANSWER_STEPS)
_N_DRAWN = 4


class AnswerPatches:
    """The answers of a model to training renders, shard by shard; the same seed gives the same ones.

    Args:
        folder: The model.
        data: Where the targets are.
        seed: Of the choice of targets, and of how each is answered.
        shard_size: Patches per shard.

    Raises:
        CheckpointError: The folder has no complete encoder, flow and proxy.
        ConfigError: The dataset is empty, or of another space or mel.
    """

    def __init__(
        self, folder: ModelFolder, data: DatasetFolder, *, seed: int, shard_size: int = SHARD_SIZE
    ) -> None:
        if data.space.names != folder.space.names or data.mel != folder.mel:
            raise ConfigError(
                f"{data.path} has another space or mel than the model {folder.name}. Choose the dataset that "
                "it was trained on, or one like it."
            )
        self.space, self.kinds, self.seed, self.shard_size = data.space, data.kinds, seed, shard_size
        self._data, self._targets = data, split_shards(data.shards())[0]
        if not self._targets:
            raise ConfigError(
                f"{data.path} holds no renders yet. Make some: python -m training.data.render --help"
            )
        self._model, self._name = load_regression_flow(folder), folder.name
        self._weights = folder.files["weights.safetensors"]

    def facts(self) -> dict[str, Any]:
        """Return what `dataset.yaml` says of the answers."""
        return {
            "answers": {"model": self._name, "weights": self._weights, "targets": self._data.facts["seed"]}
        }

    def part(self, shard: int) -> ListedPatches:
        """Return the patches of a shard."""
        rng = np.random.default_rng([self.seed, shard])
        targets = self._data.read_shard(int(rng.choice(self._targets)))
        targets = targets[rng.permutation(len(targets))[: self.shard_size]]
        mels = torch.from_numpy(targets.mels).float()
        begun = self._model.beginnings(mels, torch.from_numpy(targets.fine).float(), _N_DRAWN)
        rows = torch.arange(len(begun))
        begun = begun[rows, torch.from_numpy(rng.integers(begun.shape[1], size=len(begun)))]
        patches = np.empty((len(begun), len(self.space)), np.float32)
        for steps, some in zip(_STEPS, np.array_split(rng.permutation(len(begun)), len(_STEPS)), strict=True):
            z = self._model.descend(begun[some], mels[some], steps)
            with torch.no_grad():
                patches[some] = self._model.flow.decode(z).clamp(0.0, 1.0).numpy()
        return ListedPatches(self.space, patches, targets.kinds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description="Render what a model answers to training renders.")
    parser.add_argument("--model", required=True, help="name of a shipped model, or a model folder")
    parser.add_argument("--data", type=Path, required=True, help="dataset whose training renders it answers")
    parser.add_argument("--count", type=int, required=True, help="total number of patches")
    parser.add_argument("--out", type=Path, required=True, help="dataset folder; resumed if it exists")
    parser.add_argument("--seed", type=int, default=3, help="seed of the draws (%(default)s)")
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        help="processes that render (default: one per core)",
    )
    return exit_status(partial(_render, parser.parse_args(arguments)))


def _render(args: argparse.Namespace) -> None:
    data = DatasetFolder(args.data)
    source = AnswerPatches(ModelFolder.load(find_model(args.model)), data, seed=args.seed)
    note = Note(**data.facts["note"])
    facts = dataset_facts(source, seed=args.seed, shard_size=SHARD_SIZE, note=note, mel=data.mel)
    folder = DatasetFolder.create(args.out, facts)
    with process_executor(max(1, args.workers)) as executor:
        render_dataset(folder, source, count=args.count, seed=args.seed, note=note, executor=executor)


if __name__ == "__main__":
    sys.exit(main())
