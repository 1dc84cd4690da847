"""Processes that render, with Vital's real engine, and what happens when they end."""

import os
import signal
import threading
import time

import numpy as np
import pytest

from core.errors import RenderError
from core.mel import MelConfig
from core.playing.gestures import GESTURE_POINTS, Gesture, Gestures
from sketching.rendering.render_worker import INAUDIBLE, Renderer
from sketching.rendering.workers import RenderWorkers
from synths.engine import Note
from synths.space_files import load_space

SPACE = load_space("vital-16")
MEL = MelConfig(n_frames=16)
NOTE = Note(note=57, held_seconds=0.3, seconds=0.5)


def never():
    return False


def patches(n, seed=0):
    """Audible patches of vital-16."""
    moved = [SPACE.index(name) for name in ("osc_1_wave_frame", "filter_1_cutoff", "osc_2_level")]
    vectors = np.repeat(SPACE.neutral[None], n, axis=0)
    vectors[:, moved] = 0.5 + 0.5 * np.random.default_rng(seed).random((n, 3))
    return vectors.astype(np.float32)


@pytest.fixture(scope="module")
def workers():
    pool = RenderWorkers(SPACE, MEL, count=2, polite=False)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def sound():
    from synths.catalog import load_engine

    return load_engine(SPACE, 22_050).render(SPACE.decode(patches(1)[0]), NOTE).mean(axis=0)


def test_the_sound_of_a_patch_is_nearest_to_that_patch(workers, sound):
    workers.begin(sound, NOTE, never)
    measured = workers.measure(list(patches(6)), never)
    assert measured[0].distance_db < 1.0 < min(m.distance_db for m in measured[1:])
    assert measured[0].mel.shape == MEL.shape and measured[0].mel.dtype == np.float16
    np.testing.assert_allclose([m.distance_db for m in measured[1::2]], measure_here(sound), atol=0.3)


def measure_here(sound):
    """Without processes, the share of the second worker."""
    here = Renderer(SPACE, MEL, sound, NOTE, -24.0)
    return [here.measure(p).distance_db for p in patches(6)[1::2]]


def test_the_same_patches_give_the_same_distances(workers, sound):
    runs = []
    for _ in range(2):
        workers.begin(sound, NOTE, never)
        batches = [workers.measure(list(patches(5, seed)), never) for seed in (0, 1)]
        runs.append([m.distance_db for batch in batches for m in batch])
    assert runs[0] == runs[1]


def test_a_silent_patch_is_as_far_as_can_be(workers, sound):
    silent = patches(2)
    silent[1, SPACE.index("volume")] = 0.0
    workers.begin(sound, NOTE, never)
    heard, unheard = workers.measure(list(silent), never)
    assert np.isfinite(heard.distance_db)
    assert unheard.distance_db == INAUDIBLE.distance_db == np.inf and unheard.mel is None


def test_what_was_stopped_is_none_and_does_not_leak_into_the_next(workers, sound):
    workers.begin(sound, NOTE, never)
    asked = 0

    def soon():
        nonlocal asked
        asked += 1
        return asked > 4

    many = workers.measure(list(patches(40)), soon)
    assert 0 < sum(m is None for m in many) < 41
    assert all(m is None for m in workers.measure(list(patches(3)), lambda: True))
    workers.begin(sound, NOTE, never)
    again = workers.measure(list(patches(2)), never)
    assert again[0].distance_db < 1.0 < again[1].distance_db


def test_stopping_takes_no_longer_than_a_render(workers, sound):
    workers.begin(sound, NOTE, never)
    workers.measure(list(patches(4)), never)  # both are awake
    stop = threading.Event()
    stopped_at = []

    def soon():
        stop.set()
        stopped_at.append(time.monotonic())

    timer = threading.Timer(0.2, soon)
    timer.start()
    workers.measure(list(patches(300)), stop.is_set)
    took = time.monotonic() - stopped_at[0]
    timer.join()
    assert took < 1.0


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_worker_that_dies_is_replaced(workers, sound):
    workers.begin(sound, NOTE, never)
    expected = [m.distance_db for m in workers.measure(list(patches(6)), never)]
    victim = workers._workers[0].process.pid
    workers.begin(sound, NOTE, never)
    os.kill(victim, signal.SIGKILL)
    measured = workers.measure(list(patches(6)), never)
    assert victim not in [w.process.pid for w in workers._workers]
    np.testing.assert_allclose([m.distance_db for m in measured], expected, atol=0.3)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_workers_that_die_again_and_again_are_reported(sound):
    pool = RenderWorkers(SPACE, MEL, count=1, polite=False)
    over = threading.Event()

    def kill():
        while not over.wait(0.05):
            for worker in list(pool._workers):
                if worker.process.pid and worker.process.is_alive():
                    os.kill(worker.process.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with pytest.raises(RenderError, match="ended 5 times"):
            pool.begin(sound, NOTE, never)
    finally:
        over.set()
        killer.join()
        pool.close()


def test_an_engine_that_does_not_start_is_said(sound):
    from core.space import ParameterSpace

    nowhere = ParameterSpace("elsewhere", "plugin:nowhere.vst3", SPACE.parameters)
    pool = RenderWorkers(nowhere, MEL, count=1, polite=False)
    try:
        with pytest.raises(RenderError, match="nowhere"):
            pool.begin(sound, NOTE, never)
    finally:
        pool.close()


def test_a_render_lasts_no_longer_than_it_sounds(sound):
    long = Note(note=57, held_seconds=0.3, seconds=4.0)
    renderer = Renderer(SPACE, MEL, sound, long, -24.0)
    dying, ringing = patches(2)
    dying[SPACE.index("env_1_release")] = 0.0
    ringing[SPACE.index("env_1_release")] = 1.0
    brief, whole = renderer.render(dying), renderer.render(ringing)
    assert len(brief) < 0.5 * 22_050 and len(whole) == 4 * 22_050
    engine = Renderer(SPACE, MEL, sound, long, -24.0).engine
    full = engine.render(SPACE.decode(dying), long).mean(axis=0)
    np.testing.assert_allclose(full[: len(brief)], brief, atol=1e-4 * np.abs(full).max())
    assert np.abs(full[len(brief) :]).max() < 0.01 * np.abs(full).max()


def test_gestures_are_rendered_and_measured(workers, sound):
    falling = Gesture(points=tuple(np.linspace(1.0, 0.0, GESTURE_POINTS).tolist()), depth=1.0)
    gestures = [None, Gestures(seconds=0.3, loudness=falling)]
    workers.begin(sound, NOTE, never)
    plain, faded = workers.measure([patches(1)[0]] * 2, never, gestures)
    assert plain.distance_db < 1.0 < faded.distance_db
    assert abs(plain.loudness - faded.loudness) < 3.0  # told as if the curve were not there
    assert plain.soft.shape == faded.soft.shape and np.isfinite(faded.soft).all()
