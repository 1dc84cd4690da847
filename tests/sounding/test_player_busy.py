"""What an instrument does while its renderers are busy, by a model of the time that Vital takes."""

import numpy as np
import pytest

from sounding.piece import Piece
from sounding.player import Player
from sounding.renderer import Renderer
from sounding.voice import HELD
from synths.engine import RestingEngine
from tests.sounding.playing import RATE, SPACE, SineEngine, key, vector

BASE_S, PER_S, RENEWAL_S = 0.012, 0.055, 0.16  # measured with Vital's engine; a renewal after 5 renders
TAIL_S = 2.0
BLOCK = 32


class BusyPlaying:
    """A player and two renderers that take as long as Vital's would, and make no sound."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.player = Player(RATE, 2)
        self.player.set_patch(0, vector())
        self.there, self.free, self.jobs, self.n = [0.0, 0.0], [0.0, 0.0], [None, None], [0, 0]
        self.rendered = []

    @property
    def now(self):
        return self.player.mixer.n_frames / RATE

    def run(self, seconds):
        out, end = np.zeros((BLOCK, 2), np.float32), self.now + seconds
        while self.now < end:
            for k in range(2):
                self.work(k)
            self.player.fill(out)

    def work(self, k):
        job = self.jobs[k]
        if job is not None and self.there[k] <= self.now:
            self.jobs[k] = None
            self.player.receive(job, self.piece(job))
        if self.free[k] > self.now or (job := self.player.next_job(spare=k == 0)) is None:
            return
        seconds = (BASE_S + PER_S * len(self.piece(job)) / RATE) * self.rng.lognormal(0.0, 0.2)
        self.player.note_render_time(seconds, job.n_frames)
        self.n[k] += 1
        self.rendered.append(job)
        self.jobs[k], self.there[k] = job, self.now + seconds
        self.free[k] = self.there[k] + (RENEWAL_S if self.n[k] % 5 == 0 else 0.0)

    @staticmethod
    def piece(job):
        if job.held == HELD:
            return Piece(np.full((job.n_frames, 2), 0.01, np.float32), job.n_frames // 2)
        n = min(job.n_frames, job.held + round(TAIL_S * RATE))
        return Piece(np.full((n, 2), 0.01, np.float32), is_over=n < job.n_frames)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_minute_of_busy_play_has_next_to_no_late_render(seed):
    # Where turns went before all that had more than a tenth of a second left, 41 to 87 were late.
    playing = BusyPlaying(seed)
    player, rng, held = playing.player, np.random.default_rng(seed), []
    while playing.now < 60.0:
        if rng.uniform() < 0.4:
            player.set_patch(0, vector(colour=float(rng.uniform())))
        elif len(held) < 3 and rng.uniform() < 0.6:
            held.append(int(rng.integers(36, 84)))
            player.press(key(held[-1]), 100)
        elif held:
            player.release("me", held.pop(int(rng.integers(len(held)))))
        playing.run(float(rng.exponential(0.25)))
    assert player.n_late <= 8


def test_turns_are_followed_by_what_is_held_and_later_by_what_rings_on():
    playing = BusyPlaying(0)
    player = playing.player
    player.press(key(60), 100)
    player.press(key(64), 100)
    playing.run(0.5)
    player.release("me", 60)
    playing.run(0.3)
    before = len(playing.rendered)
    player.set_patch(0, vector(colour=0.9))
    turned = player.patch_at_rest()[0]
    playing.run(0.4)
    assert {job.note for job in playing.rendered[before:] if job.revision == turned} == {64}
    player.release("me", 64)
    playing.run(0.6)
    assert {job.note for job in playing.rendered if job.revision == turned} == {60, 64}


def test_a_first_piece_is_longer_the_more_there_is_to_render():
    playing = BusyPlaying(0)
    firsts = []
    for note in (50, 54, 57, 61):
        playing.player.press(key(note), 100)
        playing.run(1.5)
        firsts.append(next(job.n_frames for job in playing.rendered if job.note == note))
    assert firsts == sorted(firsts) and 1.2 * RATE >= firsts[-1] > firsts[0] + 0.1 * RATE


class FadingSine(SineEngine):
    """Knows how long it fades, and wears out."""

    def __init__(self):
        super().__init__()
        self.n_renewed = 0

    is_worn = property(lambda self: len(self.rendered) % 3 == 0)

    def renew(self):
        self.n_renewed += 1

    def prepare(self, patch): ...

    def spare_memory(self): ...

    def tail_seconds(self, patch):
        return 0.25


def test_a_note_is_rendered_until_it_has_died_away_and_no_longer():
    assert isinstance(FadingSine(), RestingEngine)
    renderer, player = Renderer(SPACE, FadingSine()), Player(RATE)
    player.set_patch(0, vector())
    player.press(key(), 100)
    for _ in range(3):
        job = player.next_job()
        player.receive(job, piece := renderer.render(job))
        player.fill(np.zeros((400, 2), np.float32))
    player.release("me", 60)
    job = player.next_job()
    piece = renderer.render(job)
    assert job.n_frames > job.held + 0.7 * RATE
    assert len(piece) == job.held + 0.25 * RATE and piece.is_over
