"""Make a model folder that the server plays: `python -m training.package --run RUN --out FOLDER`.

Finds the macros, lays out the preset map, measures the model on held-out patches and writes its card.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import yaml

from core.config import build
from core.errors import BridgeError, CheckpointError
from models.coupling_arrays import CouplingArrays
from models.folder import ModelFolder, write_folder
from models.regression_flow import RegressionFlow
from synths.engine import Note
from training.card import Card, write_card
from training.checkpoint import load_weights
from training.choose_presets import choose_presets
from training.dataset import DatasetFolder
from training.find_macros import find_macros
from training.held_out import measure_held_out
from training.settings import TrainingSettings
from training.sketch_data import add_sketch_data
from training.smoothness import macro_walks, parameter_walks
from training.split import split_shards

__all__ = ["load_trained", "main", "packaged_tensors"]

_JUDGED_AT = 4  # presets at which macros are judged and their smoothness is measured
# The raw parameters that stand beside the macros: those a player would reach for first.
_RAW = (
    "filter_1_cutoff",
    "env_1_attack",
    "env_1_decay",
    "osc_1_wave_frame",
    "sample_level",
    "osc_2_level",
    "osc_1_distortion_amount",
    "modulation_1_amount",
)

logger = logging.getLogger(__name__)


def load_trained(run: Path) -> tuple[TrainingSettings, DatasetFolder, RegressionFlow]:
    """Read a finished run: its settings, its data and its model in evaluation mode.

    Raises:
        CheckpointError: The run is not finished.
    """
    page = run / "settings.yaml"
    if not page.exists() or not (run / "flow.best.safetensors").exists():
        raise CheckpointError(f"{run} is no finished run; train it: python train.py CONFIG.yaml")
    settings = build(TrainingSettings, yaml.safe_load(page.read_text("utf-8")))
    folder = DatasetFolder(settings.data)
    model = RegressionFlow(
        folder.space, folder.mel, settings.model, settings.seed, folder.facts["note"]["held_seconds"]
    )
    load_weights(run / "flow.best.safetensors", model)
    return settings, folder, model.eval()


def package(run: Path, out: Path, *, n_targets: int, workers: int) -> None:
    """Write the model folder of a finished run, and its card."""
    settings, folder, model = load_trained(run)
    train_shards, _, test_shards = split_shards(folder.shards()[: settings.shards])
    train, test = folder.read(train_shards), folder.read(test_shards)
    note = Note(**folder.facts["note"])
    weights = packaged_tensors(model)
    flow = CouplingArrays.from_tensors(
        {k.removeprefix("flow."): v for k, v in weights.items() if k.startswith("flow.")}
    )
    logger.info("preset map")
    presets = choose_presets(train, folder.kinds, flow, settings.seed)
    resting = presets.latents[int(np.argmin(np.linalg.norm(presets.latents, axis=1)))]
    rng = np.random.default_rng(settings.seed)
    judged = rng.choice(len(presets), _JUDGED_AT, replace=False)
    logger.info("macros")
    rows = rng.permutation(len(train))[:20_000]
    macros = find_macros(
        flow,
        folder.space,
        flow.invert(train.patches[rows]),
        train.descriptors[rows],
        presets.latents[judged],
        resting,
        mel=folder.mel,
        note=note,
        workers=workers,
    )
    head = {
        "synth": folder.space.synth,
        "mel": folder.mel.to_dict(),
        "architecture": settings.model.to_dict(),
        "note": dict(folder.facts["note"]),
        "target_lufs": folder.facts["target_lufs"],
    }
    write_folder(out, space=folder.space, weights=weights, macros=macros, presets=presets, settings=head)
    logger.info("smoothness")
    walks = macro_walks(
        flow, macros, presets.latents[judged], folder.space, folder.mel, note=note, workers=workers
    )
    ranges = np.percentile(train.patches, (1, 99), axis=0)
    raw = parameter_walks(
        presets.patches[judged],
        ranges,
        folder.space,
        folder.mel,
        names=[n for n in _RAW if n in folder.space],
        note=note,
        workers=workers,
    )
    logger.info("held-out patches")
    held_out = measure_held_out(model, folder, train, test, n_targets=n_targets, workers=workers)
    card = Card(
        run=run,
        settings=settings,
        folder=folder,
        n_train=len(train),
        n_test=len(test),
        held_out=held_out,
        macros=walks,
        parameters=raw,
        presets=presets,
    )
    write_card(out / "MODEL_CARD.md", card)
    logger.info("what sketching needs")
    add_sketch_data(out, folder, shards=settings.shards, workers=workers)
    ModelFolder.load(out)


def packaged_tensors(model: RegressionFlow) -> dict[str, np.ndarray]:
    """Give the weights; the flow in float32, for its inverse, and the rest in float16, for size."""
    tensors = {}
    for name, value in model.state_dict().items():
        precise = name.startswith("flow.")
        tensors[name] = value.float().numpy() if precise else value.to(torch.float16).numpy()
    return tensors


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--run", type=Path, required=True, help="folder that train.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="model folder, models/pretrained/NAME")
    parser.add_argument("--targets", type=int, default=300, help="held-out patches to answer")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        package(args.run, args.out, n_targets=args.targets, workers=args.workers)
    except BridgeError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
