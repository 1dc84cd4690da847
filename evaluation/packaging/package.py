"""From a finished run to a model folder: macros, preset map, figures on held-out patches, and the card."""

import logging
from pathlib import Path

import numpy as np
import torch
import yaml

from core.config import build
from core.errors import CheckpointError
from evaluation.macros.find import find_macros
from evaluation.macros.make import measured_macros
from evaluation.macros.ruler import RAW_PARAMETERS, Ruler
from evaluation.packaging.card import Card, write_card
from evaluation.packaging.choose_presets import choose_presets
from evaluation.packaging.held_out import measure_held_out
from evaluation.packaging.sketch_data import add_sketch_data
from evaluation.patch_renderer import PatchRenderer
from models.folder import ModelFolder, write_folder
from models.folder_files import in_bytes
from models.regression_flow import RegressionFlow
from models.served_flow import ServedCoupling
from models.settings import ModelSettings
from sketching.answerer import Answerer
from synths.engine import Engine, Note
from training.checkpoint import load_weights
from training.data.dataset import DatasetFolder
from training.data.split import split_shards
from training.settings import PackageSettings, TrainingSettings

__all__ = ["REAL_TIME", "load_trained", "package", "packaged_tensors"]

_LARGE = 4_096  # numbers of a matrix

logger = logging.getLogger(__name__)


# About 270 notes; at two seconds per note, ten minutes.
REAL_TIME = PackageSettings(
    sounds=2, steps=5, curve_points=7, landmark_ways=0, raw=0, targets=8, sketch_targets=8
)


def load_trained(run: Path) -> tuple[TrainingSettings, DatasetFolder, RegressionFlow]:
    """Read a finished run: its settings, its data, and its model in evaluation mode.

    Raises:
        CheckpointError: The run is not finished.
    """
    page = run / "settings.yaml"
    if not page.exists() or not (run / "flow.best.safetensors").exists():
        raise CheckpointError(f"{run} is not a finished run. Train one: python train.py CONFIG.yaml")
    settings = build(TrainingSettings, yaml.safe_load(page.read_text("utf-8")))
    folder = DatasetFolder(settings.data)
    model = RegressionFlow(
        folder.space, folder.mel, settings.model, settings.seed, folder.facts["note"]["held_seconds"]
    )
    load_weights(run / "flow.best.safetensors", model)
    return settings, folder, model.eval()


def package(
    run: Path,
    out: Path,
    budget: PackageSettings | None = None,
    *,
    workers: int = 2,
    engine: Engine | None = None,
) -> None:
    """Write the model folder of a finished run, with its card.

    Args:
        run: The run, as `train.py` wrote it.
        out: The model folder; its name becomes the model's.
        budget: How much is rendered; by default what the settings of the run say.
        workers: Number of engines.
        engine: One engine instead of them, such as an external synth.
    """
    settings, folder, model = load_trained(run)
    with PatchRenderer(folder.space, folder.mel.sample_rate, workers, engine) as renderer:
        _package(run, settings, folder, model, out, budget or settings.package, renderer)


def _package(
    run: Path,
    settings: TrainingSettings,
    folder: DatasetFolder,
    model: RegressionFlow,
    out: Path,
    budget: PackageSettings,
    renderer: PatchRenderer,
) -> None:
    train_shards, validation_shards, test_shards = split_shards(folder.shards()[: settings.shards])
    train, test = folder.read(train_shards), folder.read(test_shards)
    note = Note(**folder.facts["note"])
    weights = packaged_tensors(model)
    flow = ServedCoupling.from_tensors(
        {k.removeprefix("flow."): v for k, v in weights.items() if k.startswith("flow.")}
    )
    logger.info("preset map")
    presets = choose_presets(train, folder.kinds, flow, settings.seed, budget.presets_per_kind)
    resting = presets.latents[int(np.argmin(np.linalg.norm(presets.latents, axis=1)))]
    logger.info("macros")
    ruler = Ruler(
        folder.space,
        flow,
        presets,
        renderer,
        note=note,
        n_presets=budget.sounds,
        steps=budget.steps,
        seed=settings.seed,
    )
    found = find_macros(
        folder.space,
        train,
        presets.patches,
        renderer,
        note=note,
        base=flow.leveler,
        budget=budget,
        seed=settings.seed,
    )
    made = measured_macros(
        found,
        folder.space,
        flow,
        resting,
        ruler,
        renderer,
        note=note,
        curve_points=budget.curve_points,
        latents=presets.latents,
        ways=budget.landmark_ways,
    )
    head = ModelSettings(
        mel=folder.mel,
        architecture=settings.model.to_dict(),
        note=note,
        target_lufs=folder.facts["target_lufs"],
    )
    write_folder(out, space=folder.space, weights=weights, macros=made.macros, presets=presets, settings=head)
    logger.info("raw parameters")
    low, high = np.percentile(train.patches, (1, 99), axis=0)
    raw = ruler.parameters([n for n in RAW_PARAMETERS if n in folder.space][: budget.raw], low, high)
    logger.info("data for sketching")
    add_sketch_data(
        out,
        folder,
        renderer=renderer,
        shards=settings.shards,
        n_targets=budget.sketch_targets,
        train=train,
    )
    logger.info("held-out patches")
    held_out = measure_held_out(
        Answerer(out, 1), folder, train, test, n_targets=budget.targets, renderer=renderer
    )
    card = Card(
        run=run,
        out=out,
        settings=settings,
        folder=folder,
        n_train=len(train),
        n_validation=sum(folder.n_patches(shard) for shard in validation_shards),
        n_test=len(test),
        held_out=held_out,
        macros=made.figures,
        judged=(min(budget.sounds, len(presets)), budget.steps, settings.seed),
        parameters=raw,
        presets=presets,
    )
    write_card(out / "MODEL_CARD.md", card)
    ModelFolder.load(out)


def packaged_tensors(model: RegressionFlow) -> dict[str, np.ndarray]:
    """Return the weights: the flow in float32, for its inverse, other large matrices in 8 bits, for size.

    What is left is in float16.
    """
    tensors: dict[str, np.ndarray] = {}
    for name, value in model.state_dict().items():
        if name.startswith("flow."):
            tensors[name] = value.float().numpy()
        elif name.endswith(".weight") and value.ndim > 1 and value.numel() >= _LARGE:
            tensors |= in_bytes(name, value.float().numpy())
        else:
            tensors[name] = value.to(torch.float16).numpy()
    return tensors
