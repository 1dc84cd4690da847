"""The search among a player's own presets: what it asks for, what it leaves, and that it comes nearer."""

from pathlib import Path

import numpy as np
import pytest

from sketching.own.search import NearPreset, OwnRender, OwnSearch
from sketching.rendering.own_renderer import OwnMeasurement
from sketching.rendering.render_worker import RenderMeasurement

N = 12
AUDIBLE = (1, 3, 4, 7, 9)


def near(*expected, repeat_db=0.0):
    return [NearPreset(f"Pad {k}", Path(f"{k}.vital"), db, repeat_db) for k, db in enumerate(expected)]


def listened(trials, sound, distance):
    """What renders of trials would show: the distance of a patch, which starts at the middle."""
    found = []
    for trial in trials:
        patch = np.full(N, 0.5, np.float32) if trial.patch is None else trial.patch
        measured = RenderMeasurement(distance_db=distance(trial.preset, patch), loudness=-24.0, mel=None)
        found.append(OwnRender(trial.preset, OwnMeasurement(patch, AUDIBLE, measured), trial.parent))
    sound.tell(found)


def test_nothing_is_asked_for_without_presets():
    search = OwnSearch([], 0)
    assert search.ask(5.0) == [] and search.ask(5.0) == [] and search.best() == []


@pytest.mark.parametrize(
    "expected, probed",
    [((4.0, 5.0, 6.9, 9.0), 3), ((12.0, 13.0, 14.0), 1), ((9.0,), 1), ((1.0,) * 9, 6)],
)
def test_the_nearest_is_heard_and_others_where_they_may_lead(expected, probed):
    trials = OwnSearch(near(*expected), 0).ask(5.0)
    assert [trial.preset.name for trial in trials] == [f"Pad {k}" for k in range(probed)]
    assert all(trial.patch is None for trial in trials)


def test_one_that_is_far_from_leading_costs_no_further_render():
    search = OwnSearch(near(4.0, 5.0), 0)
    listened(search.ask(5.0), search, lambda preset, patch: 7.0)
    assert search.ask(5.0) == []
    assert [one.distance_db for one in search.best()] == [7.0, 7.0]
    assert search.ask(6.8) != []  # where the model is not ahead of it


def test_what_a_preset_varies_by_counts_against_it():
    search = OwnSearch(near(4.0, repeat_db=1.0), 0)
    listened(search.ask(5.0), search, lambda preset, patch: 4.8)
    assert search.best()[0].distance_db == pytest.approx(5.8) and search.ask(5.0) == []


def test_a_silent_preset_is_no_answer():
    search = OwnSearch(near(4.0), 0)
    listened(search.ask(5.0), search, lambda preset, patch: float("inf"))
    assert search.best() == [] and search.ask(5.0) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_search_moves_what_is_heard_of_the_leader_alone_and_comes_nearer(seed):
    aim = np.full(N, 0.5)
    aim[list(AUDIBLE)] = (0.9, 0.2, 0.6, 0.4, 0.75)

    def distance(preset, patch):
        return (2.0 if preset.name == "Pad 0" else 4.0) + 3.0 * float(np.abs(patch - aim).sum())

    search = OwnSearch(near(4.0, 5.0), seed)
    listened(search.ask(5.0), search, distance)
    best = [search.best()[0].distance_db]
    for _ in range(6):
        trials = search.ask(5.0)
        assert {trial.preset.name for trial in trials} == {"Pad 0"}
        silent = np.delete(np.stack([trial.patch for trial in trials]), AUDIBLE, axis=1)
        assert (silent == 0.5).all()
        assert all((trial.patch >= 0.0).all() and (trial.patch <= 1.0).all() for trial in trials)
        listened(trials, search, distance)
        best.append(search.best()[0].distance_db)
    assert best == sorted(best, reverse=True) and best[-1] < best[0] - 1.0
    assert search.best()[0].parent is not None and len(search.best()) == 2


def test_the_same_seed_asks_for_the_same():
    def asked(seed):
        search = OwnSearch(near(4.0), seed)
        listened(search.ask(5.0), search, lambda preset, patch: float(patch.sum()))
        return np.stack([trial.patch for trial in search.ask(7.0)])

    np.testing.assert_array_equal(asked(1), asked(1))
    assert (asked(1) != asked(2)).any()
