"""The training loop of every phase: epochs, a time budget, early stopping, resuming.

With several workers (`training/workers.py`) each runs this loop; the first one validates, keeps the time and
writes checkpoints, and the others follow what it found.
"""

import contextlib
import logging
import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from core.command import held_interrupt
from training.batches import Batches, Columns
from training.checkpoint import load_weights, read_counters, resume_run, save_run, save_weights
from training.data.progress import Progress
from training.phase_progress import PhaseProgress
from training.phases import Phase
from training.settings import PhaseSettings
from training.workers import ALONE, Workers

__all__ = ["learn"]

_WARM_UP = 0.03  # of the whole run
_CLIP_NORM = 1.0
_CARD_SAVES_EVERY_S = 20.0  # a checkpoint is three times the weights, and a turn on a card may take a second

logger = logging.getLogger(__name__)


class _Checkpoint:
    """The files of a phase, written now and then: the run to go on with, and its best weights."""

    def __init__(self, folder: Path, name: str, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.run_file, self.best_file = (folder / f"{name}.{kind}.safetensors" for kind in ("run", "best"))
        self._model, self._optimizer = model, optimizer
        card = next(model.parameters()).device.type == "cuda"
        self._every_s = _CARD_SAVES_EVERY_S if card else 0.0
        self._best: dict[str, Tensor] | None = None  # not written yet
        self._written_s = -math.inf

    def resume(self) -> PhaseProgress:
        """Return how far the phase has come; model and optimizer are restored if it is not done."""
        if not self.run_file.exists():
            return PhaseProgress()
        progress = PhaseProgress(**read_counters(self.run_file))
        if not progress.done:
            resume_run(self.run_file, self._model, self._optimizer)
        return progress

    def keep_best(self) -> None:
        """Keep the weights as they are now as the best."""
        self._best = {name: value.detach().clone() for name, value in self._model.state_dict().items()}

    def write(self, progress: PhaseProgress, *, now: bool = False) -> None:
        """Write both files; on a card, if `now` or if the last time is a while ago."""
        if not now and time.monotonic() - self._written_s < self._every_s:
            return
        if self._best is not None:
            save_weights(self.best_file, self._best)
            self._best = None
        save_run(self.run_file, self._model, self._optimizer, asdict(progress))
        self._written_s = time.monotonic()


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
    compiled: bool = False,
    workers: Workers = ALONE,
    begin: Callable[[float], None] | None = None,
    spent_s: float = 0.0,
) -> float:
    """Train a phase to its end; afterwards the model holds the weights that validated best.

    After Ctrl-C the batch in hand is finished and what was learned is saved; the next run goes on from there.
    One that ended in another way goes on from its last complete turn. With an epoch count and no budget of
    minutes, an interrupted run gives the same losses as an uninterrupted one.

    Args:
        model: Holds the phase's modules.
        phase: What is trained.
        settings: How long and how fast to train.
        train: Training data.
        validation: Validation data, for early stopping.
        folder: Where checkpoints go: `<phase>.run.safetensors` and `<phase>.best.safetensors`.
        seed: Seed of batch order and noise.
        bfloat16: Whether matrix products may be in bfloat16.
        compiled: Whether `torch.compile` is to fuse the losses; that takes a minute before the first batch.
        workers: The processes that train together.
        begin: Called before every turn with the share of the run that is done.
        spent_s: Seconds that count as this phase's own, such as those of reading the data.

    Returns:
        The best validation loss.
    """
    learner = _Learner(model, phase, settings, folder, seed, bfloat16, workers)
    if not learner.progress.done:
        learner.progress.seconds += spent_s
        learner.learn(train, validation, compiled=compiled, begin=begin)
    workers.wait()
    load_weights(learner.checkpoint.best_file, model)
    progress = learner.progress
    logger.info(
        "%s: best validation loss %.4f after epoch %d of %d, %.1f minutes",
        phase.name,
        progress.best,
        progress.best_epoch,
        progress.epoch,
        progress.seconds / 60.0,
    )
    return progress.best


class _Learner:
    """A phase in training; see `learn`."""

    def __init__(
        self,
        model: nn.Module,
        phase: Phase,
        settings: PhaseSettings,
        folder: Path,
        seed: int,
        bfloat16: bool,
        workers: Workers,
    ) -> None:
        parameters = [p for module in phase.modules() for p in module.parameters()]
        self.phase, self.settings, self.seed, self.workers = phase, settings, seed, workers
        self.device, self.bfloat16 = parameters[0].device, bfloat16
        self.optimizer = torch.optim.AdamW(
            parameters,
            settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=self.device.type == "cuda",
        )
        torch.manual_seed(seed)
        model.eval()
        self.checkpoint = _Checkpoint(folder, phase.name, model, self.optimizer)
        self.progress = self.checkpoint.resume()
        self.turns = 1
        if (self.progress.epoch or self.progress.rows) and not self.progress.done:
            logger.info("%s: resuming after epoch %d", phase.name, self.progress.epoch)

    def learn(
        self, train: Columns, validation: Columns, *, compiled: bool, begin: Callable[[float], None] | None
    ) -> None:
        """Take turns until the phase is done."""
        settings, workers = self.settings, self.workers
        if settings.turn_sounds is not None:
            self.turns = max(1, round(len(train[0]) / settings.turn_sounds))
        losses = workers.together(_Losses(self.phase))
        if compiled:
            losses.compile()
        rows, watched = Batches(train, self.device), Batches(validation, self.device)
        held = held_interrupt() if workers.count == 1 else contextlib.nullcontext(lambda: False)
        with self._bar() as bar, held as interrupted:
            while not self.progress.done:
                started, done = time.monotonic(), self._part_done()
                if begin is not None:
                    begin(done)
                rate = _rate_at(done) if settings.halve_after is None else self.progress.rate
                _set_rate(self.optimizer, settings.learning_rate * rate)
                terms = self._turn(losses, rows, bar, interrupted)
                if interrupted():
                    self.progress.seconds += time.monotonic() - started
                    self.checkpoint.write(self.progress, now=True)
                    raise KeyboardInterrupt
                loss = self._note(watched, started)
                bar.update(1, self._part_done())
                bar.figures(validation=f"{loss:.4f}", **{k: f"{v:.3f}" for k, v in terms.items()})
                logger.debug("%s epoch %d: %.5f, %s", self.phase.name, self.progress.epoch, loss, terms)

    def _bar(self) -> Progress:
        return Progress(
            self.settings.epochs * self.turns,
            initial=self._part_done() * self.settings.epochs * self.turns,
            by_share=True,
            label=self.phase.name,
            unit="epoch" if self.turns == 1 else "turn",
            hidden=not self.workers.first,
        )

    def _part_done(self, seconds: float = 0.0) -> float:
        return self.progress.part_done(self.settings, self.turns, seconds)

    def _turn(
        self, losses: nn.Module, rows: Batches, bar: Progress, interrupted: Callable[[], bool]
    ) -> dict[str, float]:
        """Learn until the end of a turn, of the budget, or Ctrl-C."""
        progress, workers, started = self.progress, self.workers, time.monotonic()
        if workers.rank:  # its own noise; the random state of the first worker is saved with the run
            torch.manual_seed(self.seed + 7_919 * workers.rank + 104_729 * progress.epoch)
        order = _order(len(rows), self.seed, progress.epoch, self.turns)
        order, batch = _share(order, self.settings.batch, workers)

        def goes_on(n: int) -> bool:
            by_time = self._part_done(time.monotonic() - started + progress.validation_s)
            turned = progress.epoch + (progress.rows + n) / len(order)
            bar.update(0, max(by_time, turned / (self.turns * self.settings.epochs)))
            # Several workers have to make equally many steps.
            return workers.count > 1 or not (interrupted() or by_time >= 1.0)

        set_training(self.phase, True)
        terms, n = _one_epoch(
            losses, self.optimizer, rows, order[progress.rows :], batch, self.bfloat16, goes_on
        )
        set_training(self.phase, False)
        progress.rows += n
        return terms

    def _note(self, watched: Batches, started: float) -> float:
        """Validate after a turn, note how it went, and return the loss."""
        loss, workers, before = math.nan, self.workers, time.monotonic()
        if workers.first:
            loss = _validate(self.phase, watched, self.settings.batch, self.device, self.bfloat16)
        loss, seconds = workers.agree(loss, time.monotonic() - started)
        if not math.isfinite(loss):
            logger.warning(
                "%s: the validation loss is %f after epoch %d", self.phase.name, loss, self.progress.epoch
            )
        self.progress.validation_s = time.monotonic() - before
        better = self.progress.note(loss, seconds, self.settings, self.turns)
        if workers.first:
            if better:
                self.checkpoint.keep_best()
            self.checkpoint.write(self.progress, now=self.progress.done)
        return loss


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


def _one_epoch(
    losses: nn.Module,
    optimizer: torch.optim.Optimizer,
    source: Batches,
    order: np.ndarray,
    batch: int,
    bfloat16: bool,
    goes_on: Callable[[int], bool],
) -> tuple[dict[str, float], int]:
    """Learn from rows in an order; return the mean of each term, and how many rows there were until the end.

    Args:
        losses: Returns the terms of a batch.
        optimizer: Steps along their total.
        source: Training data.
        order: Rows of it.
        batch: Rows per step.
        bfloat16: Whether matrix products may be in bfloat16.
        goes_on: Asked after each step, with the number of rows so far.
    """
    parameters = optimizer.param_groups[0]["params"]
    device = parameters[0].device
    sums: dict[str, Tensor] = {}  # on the device: reading one waits for it
    n = 0
    for rows in source.rows(order, batch):
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            terms = losses(*rows)
        optimizer.zero_grad(set_to_none=True)
        terms["total"].backward()
        # If a flow overflows on one batch, that batch is lost and not the run.
        if nn.utils.clip_grad_norm_(parameters, _CLIP_NORM).isfinite():
            optimizer.step()
        n += len(rows[0])
        for name, value in terms.items():
            part = value.detach() * len(rows[0])
            sums[name] = sums[name] + part if name in sums else part
        if not goes_on(n):
            break
    return {name: float(value) / n for name, value in sums.items()}, n


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
def _validate(phase: Phase, source: Batches, batch: int, device: torch.device, bfloat16: bool) -> float:
    total = torch.zeros((), device=device)
    for rows in source.rows(np.arange(len(source)), batch):
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            total += phase.validate(*rows) * len(rows[0])
    return float(total) / len(source)
