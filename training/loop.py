"""The training loop of every phase: epochs, a time budget, early stopping, resuming.

With several workers (`training/workers.py`) each runs this loop; the first one validates, keeps the time and
writes checkpoints, and the others follow what it found.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from training.checkpoint import load_run, load_weights, read_counters, save_run, save_weights
from training.phases import Phase
from training.settings import PhaseSettings
from training.workers import ALONE, Workers

__all__ = ["learn"]

_WARM_UP = 0.03  # of the whole run
_CLIP_NORM = 1.0
_TURNS_BEFORE_HALVING = 2  # at least: with a short budget, one unlucky turn is a large part of the run

# What batches are made of, each `(N, ...)`: patches, mels, and whatever else the phase's losses take.
Columns = Sequence[np.ndarray]

logger = logging.getLogger(__name__)


@dataclass
class _Progress:
    """How far a phase has come; saved with it. An epoch here is one turn of the loop."""

    epoch: int = 0
    seconds: float = 0.0
    best: float = math.inf
    best_epoch: int = 0
    done: bool = False
    rate: float = 1.0  # of the highest; only where the rate is halved
    steady_since: float = 0.0  # share of the run done when the loss last improved or the rate was last halved

    def part_done(self, settings: PhaseSettings, turns: int) -> float:
        """Return the share of the run that is done, by passes or by minutes, whichever is further.

        Args:
            settings: Settings of the phase.
            turns: Number of turns in a pass through the training data.
        """
        done = self.epoch / (turns * settings.epochs)
        if settings.minutes is not None:
            done = max(done, self.seconds / (60.0 * settings.minutes))
        return done

    def note(self, loss: float, seconds: float, settings: PhaseSettings, turns: int) -> bool:
        """Record the result of a turn, and return whether it was the best so far."""
        self.epoch += 1
        self.seconds += seconds
        done = self.part_done(settings, turns)
        better = loss < self.best or self.best_epoch == 0  # the first always counts, so that there is one
        if better:
            self.best = loss if math.isfinite(loss) else math.inf
            self.best_epoch, self.steady_since = self.epoch, done
        waited = self.epoch - self.best_epoch
        if settings.halve_after is not None and waited >= _TURNS_BEFORE_HALVING:
            # The margin is for rounding: the 20th of 500 epochs has to count as 0.04.
            if done - self.steady_since >= settings.halve_after - 1e-9:
                self.rate, self.steady_since = self.rate / 2.0, done
        self.done = done >= 1.0 or waited >= turns * settings.patience
        return better


def learn(
    model: nn.Module,
    phase: Phase,
    settings: PhaseSettings,
    train: Columns,
    validation: Columns,
    *,
    folder: Path,
    seed: int,
    bfloat16: bool,
    workers: Workers = ALONE,
    begin: Callable[[float], None] | None = None,
) -> float:
    """Train a phase to its end; afterwards the model holds the weights that validated best.

    An interrupted run resumes from its last complete turn, normally an epoch; with an epoch count and no
    budget of minutes it then gives the same losses as an uninterrupted one.

    Args:
        model: Holds the phase's modules.
        phase: What is trained.
        settings: How long and how fast to train.
        train: Training data.
        validation: Validation data, for early stopping.
        folder: Where checkpoints go: `<phase>.run.safetensors` and `<phase>.best.safetensors`.
        seed: Seed of batch order and noise.
        bfloat16: Whether matrix products may be in bfloat16.
        workers: The processes that train together.
        begin: Called before every turn with the share of the run that is done.

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
        progress = _Progress(**read_counters(run_file))
        if not progress.done:
            load_run(run_file, model, optimizer)
            logger.info("%s: resuming after epoch %d", phase.name, progress.epoch)

    turns = 1
    if settings.turn_sounds is not None:
        turns = max(1, round(len(train[0]) / settings.turn_sounds))
    losses = workers.together(_Losses(phase))
    with tqdm(
        total=settings.epochs * turns,
        initial=progress.epoch,
        desc=phase.name,
        unit="epoch" if turns == 1 else "turn",
        disable=not workers.first,
    ) as bar:
        while not progress.done:
            started = time.monotonic()
            done = progress.part_done(settings, turns)
            if begin is not None:
                begin(done)
            rate = _rate_at(done) if settings.halve_after is None else progress.rate
            _set_rate(optimizer, settings.learning_rate * rate)
            if workers.rank:  # its own noise; the random state of the first worker is saved with the run
                torch.manual_seed(seed + 7_919 * workers.rank + 104_729 * progress.epoch)
            order = _order(len(train[0]), seed, progress.epoch, turns)
            set_training(phase, True)
            terms = _one_epoch(losses, optimizer, train, order, settings.batch, device, bfloat16, workers)
            set_training(phase, False)
            loss = math.nan
            if workers.first:
                loss = _validate(phase, validation, settings.batch, device, bfloat16)
            loss, seconds = workers.agree(loss, time.monotonic() - started)
            if not math.isfinite(loss):
                logger.warning(
                    "%s: the validation loss is %f after epoch %d", phase.name, loss, progress.epoch
                )
            better = progress.note(loss, seconds, settings, turns)
            if workers.first:
                if better:
                    save_weights(best_file, model)
                save_run(run_file, model, optimizer, asdict(progress))
            bar.update()
            bar.set_postfix({"validation": f"{loss:.4f}", **{k: f"{v:.3f}" for k, v in terms.items()}})
            logger.debug("%s epoch %d: validation %.5f, %s", phase.name, progress.epoch, loss, terms)
    workers.wait()
    load_weights(best_file, model)
    logger.info(
        "%s: best validation loss %.4f after epoch %d of %d, %.1f minutes",
        phase.name,
        progress.best,
        progress.best_epoch,
        progress.epoch,
        progress.seconds / 60.0,
    )
    return progress.best


class _Losses(nn.Module):
    """A phase as a module whose forward pass returns the losses, as distributed training needs it."""

    def __init__(self, phase: Phase) -> None:
        super().__init__()
        self.parts = nn.ModuleList(phase.modules())
        self.phase = phase

    def forward(self, *batch: Tensor) -> dict[str, Tensor]:
        return self.phase.losses(*batch)


def set_training(phase: Phase, on: bool) -> None:
    """Switch dropout of the phase's modules on or off."""
    for module in phase.modules():
        module.train(on)


def _rate_at(done: float) -> float:
    """Return the learning rate's factor: a warm-up, then half a cosine down to a hundredth."""
    if done < _WARM_UP:
        return 0.1 + 0.9 * done / _WARM_UP
    along = min(1.0, (done - _WARM_UP) / (1.0 - _WARM_UP))
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * along))


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def _batches(
    columns: Columns, order: np.ndarray, batch: int, device: torch.device
) -> Iterator[tuple[Tensor, ...]]:
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        yield tuple(torch.from_numpy(column[rows]).to(device).float() for column in columns)


def _one_epoch(
    losses: nn.Module,
    optimizer: torch.optim.Optimizer,
    columns: Columns,
    order: np.ndarray,
    batch: int,
    device: torch.device,
    bfloat16: bool,
    workers: Workers,
) -> dict[str, float]:
    order, batch = _share(order, batch, workers)
    parameters = optimizer.param_groups[0]["params"]
    sums: dict[str, float] = {}
    for rows in _batches(columns, order, batch, device):
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            terms = losses(*rows)
        optimizer.zero_grad(set_to_none=True)
        terms["total"].backward()
        # If a flow overflows on one batch, that batch is lost and not the run.
        if nn.utils.clip_grad_norm_(parameters, _CLIP_NORM).isfinite():
            optimizer.step()
        for name, value in terms.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach()) * len(rows[0]) / len(order)
    return sums


def _order(n: int, seed: int, turn: int, turns: int) -> np.ndarray:
    """Return the rows of a turn: its piece of a pass through the data."""
    order = np.random.default_rng(seed + turn // turns).permutation(n)
    return np.array_split(order, turns)[turn % turns]


def _share(order: np.ndarray, batch: int, workers: Workers) -> tuple[np.ndarray, int]:
    """Return one worker's rows and its share of a batch: every `count`-th row, equally many for each worker.

    Batch normalization needs two rows, so a last batch that would leave a worker fewer is dropped, and
    with it the few rows that cannot be divided evenly.
    """
    share = max(2, batch // workers.count)
    whole = share * workers.count
    last = len(order) % whole // workers.count
    n = len(order) // whole * whole + (last * workers.count if last >= 2 else 0)
    return order[:n][workers.rank :: workers.count], share


@torch.no_grad()
def _validate(phase: Phase, columns: Columns, batch: int, device: torch.device, bfloat16: bool) -> float:
    total, n = 0.0, len(columns[0])
    for rows in _batches(columns, np.arange(n), batch, device):
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            total += float(phase.validate(*rows)) * len(rows[0])
    return total / n
