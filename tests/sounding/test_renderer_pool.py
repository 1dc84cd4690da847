"""Renderers whose answers come when the test says so, in place of processes."""

import threading
from queue import Queue

import numpy as np
import pytest

from sounding import renderer_pool
from sounding.piece import Piece
from sounding.player import Player
from sounding.renderer import Rendered
from sounding.renderer_pool import RendererPool
from tests.sounding.playing import RATE, SPACE, key, vector

PIECE = Piece(np.zeros((400, 2), np.float32), 200)


class Child:
    """Answers what the test puts into its queue; it is its own pipe."""

    def __init__(self, *_):
        self.first, self.job, self.prepared, self.is_ready, self.refused = 0, None, 0, True, ""
        self.answers = Queue()

    pipe = property(lambda self: self)
    is_free = property(lambda self: self.is_ready and self.job is None)

    def send(self, job):
        self.job = job

    def receive(self):
        answer = self.answers.get(timeout=10.0)
        if answer is None:
            raise EOFError
        return answer

    def close(self): ...

    def end(self): ...


@pytest.fixture
def playing(monkeypatch):
    monkeypatch.setattr(renderer_pool, "_Child", Child)
    pool, player = RendererPool(SPACE.to_dict(), RATE, 1), Player(RATE, 1)
    player.set_patch(0, vector())
    player.press(key(), 100)
    pool.dispatch(player, 0.0)
    return pool, player, pool.pipes[0], threading.Lock()


@pytest.mark.parametrize("answer", [Rendered(PIECE), None])
def test_the_speakers_need_not_wait_for_a_render_that_is_slow_to_come(playing, answer):
    pool, player, child, lock = playing
    receiving = threading.Thread(target=pool.receive, args=(child, player, lock))
    receiving.start()
    assert lock.acquire(timeout=5.0)  # while the render is on its way
    child.answers.put(answer)
    receiving.join(0.2)
    assert receiving.is_alive()  # it waits for the speakers, not they for it
    lock.release()
    receiving.join(5.0)
    assert not receiving.is_alive()
    assert len(player.voices) == (0 if answer is None else 1)


def test_a_renderer_that_renews_its_engine_gets_nothing_to_do_until_it_has(playing):
    pool, player, child, lock = playing
    child.answers.put(Rendered(PIECE, is_last=False))
    assert pool.receive(child, player, lock) == ""
    assert player.voices[0].job is not None  # its render plays
    pool.dispatch(player, 0.0)
    assert not child.is_free and player.voices[0].in_hand == []
    child.answers.put(Rendered(None))
    pool.receive(child, player, lock)
    pool.dispatch(player, 0.0)
    assert len(player.voices[0].in_hand) == 1
