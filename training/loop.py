"""One loop for every phase: epochs, a budget, early stopping, resuming where it was stopped."""

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from training.checkpoint import load_run, load_weights, save_run, save_weights
from training.dataset import Dataset
from training.phases import Phase
from training.settings import PhaseSettings

__all__ = ["learn"]

_WARM_UP = 0.03  # of the whole run
_CLIP_NORM = 1.0

logger = logging.getLogger(__name__)


@dataclass
class _Progress:
    """Where a phase stands; saved with it."""

    epoch: int = 0
    seconds: float = 0.0
    best: float = math.inf
    best_epoch: int = 0
    done: bool = False


def learn(
    model: nn.Module,
    phase: Phase,
    settings: PhaseSettings,
    train: Dataset,
    validation: Dataset,
    *,
    folder: Path,
    seed: int,
    bfloat16: bool,
) -> float:
    """Learn a phase to its end; afterwards the model holds the weights that validated best.

    A run that was interrupted goes on from its last whole epoch; with an epoch count and no budget of
    minutes it then gives the same losses as one that was not.

    Args:
        model: Holds the phase's modules.
        phase: What is learned.
        settings: For how long, and how fast.
        train: Learned from.
        validation: Stops the learning.
        folder: For checkpoints, `<phase>.run.safetensors` and `<phase>.best.safetensors`.
        seed: Of batch order and noise.
        bfloat16: Whether matrix products may be in bfloat16.

    Returns:
        The best validation loss.
    """
    run_file, best_file = (folder / f"{phase.name}.{kind}.safetensors" for kind in ("run", "best"))
    parameters = [p for module in phase.modules() for p in module.parameters()]
    optimizer = torch.optim.AdamW(parameters, settings.learning_rate, weight_decay=settings.weight_decay)
    progress = _Progress()
    device = parameters[0].device
    torch.manual_seed(seed)
    model.eval()
    if run_file.exists():
        progress = _Progress(**load_run(run_file, model, optimizer))
        if not progress.done:
            logger.info("%s: going on after epoch %d", phase.name, progress.epoch)

    def fraction_done() -> float:
        done = progress.epoch / settings.epochs
        if settings.minutes is not None:
            done = max(done, progress.seconds / (60.0 * settings.minutes))
        return done

    with tqdm(total=settings.epochs, initial=progress.epoch, desc=phase.name, unit="epoch") as bar:
        while not progress.done:
            started = time.monotonic()
            _set_rate(optimizer, settings.learning_rate * _rate_at(fraction_done()))
            set_training(phase, True)
            terms = _one_epoch(
                phase, optimizer, train, settings.batch, seed + progress.epoch, device, bfloat16
            )
            set_training(phase, False)
            loss = _validate(phase, validation, settings.batch, device, bfloat16)
            progress.epoch += 1
            progress.seconds += time.monotonic() - started
            if loss < progress.best:
                progress.best, progress.best_epoch = loss, progress.epoch
                save_weights(best_file, model)
            waited = progress.epoch - progress.best_epoch
            progress.done = fraction_done() >= 1.0 or waited >= settings.patience
            save_run(run_file, model, optimizer, asdict(progress))
            bar.update()
            bar.set_postfix({"held out": f"{loss:.4f}", **{k: f"{v:.3f}" for k, v in terms.items()}})
            logger.debug("%s epoch %d: held out %.5f, %s", phase.name, progress.epoch, loss, terms)
    load_weights(best_file, model)
    logger.info(
        "%s: best held-out loss %.4f after epoch %d of %d, %.1f minutes",
        phase.name,
        progress.best,
        progress.best_epoch,
        progress.epoch,
        progress.seconds / 60.0,
    )
    return progress.best


def set_training(phase: Phase, on: bool) -> None:
    """Switch dropout of the phase's modules on or off."""
    for module in phase.modules():
        module.train(on)


def _rate_at(done: float) -> float:
    """Warm up, then fall as half a cosine to a hundredth."""
    if done < _WARM_UP:
        return 0.1 + 0.9 * done / _WARM_UP
    along = min(1.0, (done - _WARM_UP) / (1.0 - _WARM_UP))
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * along))


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def _batches(
    data: Dataset, order: np.ndarray, batch: int, device: torch.device
) -> Iterator[tuple[Tensor, Tensor]]:
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        yield (
            torch.from_numpy(data.patches[rows]).to(device),
            torch.from_numpy(data.mels[rows]).to(device).float(),
        )


def _one_epoch(
    phase: Phase,
    optimizer: torch.optim.Optimizer,
    data: Dataset,
    batch: int,
    seed: int,
    device: torch.device,
    bfloat16: bool,
) -> dict[str, float]:
    order = np.random.default_rng(seed).permutation(len(data))
    parameters = optimizer.param_groups[0]["params"]
    sums: dict[str, float] = {}
    for patches, mels in _batches(data, order, batch, device):
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            terms = phase.losses(patches, mels)
        optimizer.zero_grad(set_to_none=True)
        terms["total"].backward()
        nn.utils.clip_grad_norm_(parameters, _CLIP_NORM)
        optimizer.step()
        for name, value in terms.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach()) * len(patches) / len(data)
    return sums


@torch.no_grad()
def _validate(phase: Phase, data: Dataset, batch: int, device: torch.device, bfloat16: bool) -> float:
    total = 0.0
    for patches, mels in _batches(data, np.arange(len(data)), batch, device):
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            total += float(phase.validate(patches, mels)) * len(patches)
    return total / len(data)
