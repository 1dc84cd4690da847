"""The paper's recipe: warm-up, halving on a plateau, budgets, and shares of a batch."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from core.config import build, read_settings
from models.paper.catalog import PAPER_MODELS, RIVAL
from training.batches import Batches
from training.loop import _one_epoch, _order, _share
from training.paper_phase import PaperPhase
from training.phase_progress import PhaseProgress
from training.settings import PaperRecipe, PhaseSettings, TrainingSettings, share_minutes
from training.workers import Workers

CONFIGS = Path(__file__).parents[2] / "configs"
PAGE = PaperRecipe()


def run(losses, recipe=PAGE, turns=1, seconds=1.0):
    """The rate after each of these validation losses."""
    progress, rates = PhaseProgress(), []
    for loss in losses:
        progress.note(loss, seconds, recipe, turns)
        rates.append(progress.rate)
    return progress, rates


def test_the_configuration_is_the_recipe_of_the_page():
    made = build(TrainingSettings, read_settings([CONFIGS / "paper.yaml"]))
    assert made.recipe == PAGE
    assert (PAGE.epochs, PAGE.batch, PAGE.learning_rate) == (500, 64, 2e-4)
    assert (PAGE.halve_after, PAGE.warm_up) == (20 / 500, 100 / 500)


@pytest.mark.parametrize("name", [*PAPER_MODELS, RIVAL])
def test_each_model_is_one_small_file_over_the_recipe(name):
    overlay = read_settings([CONFIGS / f"{name}.yaml"])
    assert set(overlay) == {"name", "architecture"}
    made = build(TrainingSettings, read_settings([CONFIGS / "paper.yaml", CONFIGS / f"{name}.yaml"]))
    assert made.architecture == made.name == name and made.recipe == PAGE


def test_the_rate_is_halved_after_twenty_epochs_without_a_better_loss():
    _, rates = run([1.0] + [2.0] * 45)
    assert rates[:20] == [1.0] * 20
    assert rates[20:40] == [0.5] * 20
    assert rates[40] == 0.25


def test_a_better_loss_starts_the_wait_anew():
    _, rates = run([1.0] + [2.0] * 19 + [0.9] + [2.0] * 19)
    assert rates == [1.0] * 40


def test_one_unlucky_turn_of_a_short_budget_halves_nothing():
    recipe = PaperRecipe(minutes=10.0)
    _, rates = run([1.0, 2.0, 0.9, 2.0, 2.0], recipe, seconds=60.0)
    assert rates == [1.0, 1.0, 1.0, 1.0, 0.5]


def test_all_500_epochs_are_learned_and_no_more():
    progress, _ = run(np.linspace(2, 1, 499))
    assert not progress.done
    progress.note(1.0, 1.0, PAGE, 1)
    assert progress.done


def test_epochs_are_passes_however_many_turns_they_take():
    progress, _ = run(np.linspace(2, 1, 1_999), PAGE, turns=4)
    assert not progress.done
    progress.note(1.0, 1.0, PAGE, 4)
    assert progress.done


def test_the_budget_ends_a_run():
    progress, _ = run([1.0] * 5, PaperRecipe(minutes=1.0), seconds=15.0)
    assert progress.done
    progress, _ = run([1.0] * 3, PaperRecipe(minutes=1.0), seconds=15.0)
    assert not progress.done


def test_a_loss_that_is_no_number_is_never_the_best_for_long():
    progress, _ = run([float("nan")])
    assert progress.best_epoch == 1  # there are weights to go on with
    progress, _ = run([float("nan"), 2.0, float("nan"), 3.0])
    assert (progress.best, progress.best_epoch) == (2.0, 2)


def test_counters_of_runs_from_before_the_recipe_are_read():
    assert PhaseProgress(epoch=3, seconds=1.0, best=0.5, best_epoch=2, done=False).rate == 1.0


def test_a_budget_is_every_architectures():
    made = build(TrainingSettings, share_minutes({"name": "x", "recipe": {"batch": 8}}, 10.0))
    assert made.recipe.minutes == 10.0 and made.recipe.batch == 8 and made.recipe.turn_sounds
    assert made.proxy.minutes + made.flow.minutes == pytest.approx(10.0)


@pytest.mark.parametrize(("done", "beta"), [(0.0, 0.0), (0.1, 0.5), (0.2, 1.0), (0.9, 1.0)])
def test_the_divergence_warms_up_over_a_fifth_of_the_run(done, beta):
    phase = PaperPhase(torch.nn.Identity(), PAGE.warm_up)
    phase.begin(done)
    assert phase.beta == pytest.approx(beta)


def test_no_warm_up_is_the_whole_weight():
    phase = PaperPhase(torch.nn.Identity(), 0.0)
    phase.begin(0.0)
    assert phase.beta == 1.0


@pytest.mark.parametrize("turns", [1, 3])
def test_the_turns_of_a_pass_hold_every_row_once(turns):
    for epoch in range(2):
        rows = np.concatenate([_order(100, 0, epoch * turns + k, turns) for k in range(turns)])
        assert sorted(rows) == list(range(100))


@pytest.mark.parametrize("n", [64, 100, 129, 131])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_workers_share_each_batch_and_none_is_left_with_one_row(n, count):
    order = np.random.default_rng(0).permutation(n)
    shares = [_share(order, 32, Workers(rank, count)) for rank in range(count)]
    sizes = {len(rows) for rows, _ in shares}
    assert len(sizes) == 1  # or gradients would wait for a worker that has none
    rows = np.concatenate([rows for rows, _ in shares])
    assert len(set(rows)) == len(rows) >= n - 2 * count
    (size,), batch = sizes, shares[0][1]
    assert batch * count <= 32
    assert size % batch != 1  # batch normalization needs two


def test_alone_every_row_is_learned_from():
    order = np.arange(100)
    rows, batch = _share(order, 32, Workers())
    assert batch == 32 and np.array_equal(rows, order)


def test_a_batch_that_overflows_costs_that_batch_alone():
    class Overflow(torch.nn.Linear):
        def forward(self, x):
            return {"total": (super().forward(x) * torch.where(x.max() > 90, torch.inf, 1.0)).mean()}

    module = Overflow(1, 1)
    before = module.weight.item()
    rows = np.arange(100, dtype=np.float32)[:, None]
    optimizer = torch.optim.SGD(module.parameters(), 0.1)
    source = Batches([rows], torch.device("cpu"))
    _, n = _one_epoch(module, optimizer, source, np.arange(100), 10, False, lambda n: True)
    assert n == 100
    assert module.weight.isfinite().all() and module.weight.item() != before


def test_the_shipped_phases_keep_their_cosine():
    assert PhaseSettings().halve_after is None and asdict(PhaseSettings())["turn_sounds"] is None
