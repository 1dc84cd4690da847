"""How soon a key and a turn are heard, whether chords begin together, and whether anything is late or stuck.

    python -m benchmarks.playing
    python -m benchmarks.playing --minutes 10
    python -m benchmarks.playing --live 60

The first two play by seed on a clock of their own: each render is made and timed by the processor time that
it takes, and comes that much later. So they tell what this computer does when nothing else runs, even if
something does; what pipes and sound cards add is not in them. Beside the instrument stands what there was
before: a note of three seconds, rendered whole, and then played. `--live` plays by seed on a whole server
whose speakers are a JACK server without hardware, in real time, and prints what the server counted. Beside
it stands what a program counts that plays silence while two others compute: what this computer does to
anybody who has no real-time priority. It needs JACK: sudo apt install jackd2. With `--browser` it is heard
in Chromium in place of that, and the page counts, too.
"""

import argparse
import sys
import time
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from benchmarks.rig.played_live import play_in_browser, play_live
from core.command import exit_status
from models.folder import ModelFolder
from models.installed import find_model
from sounding.keyboard import Key
from sounding.piece import Piece
from sounding.player import Player
from sounding.renderer import Renderer
from sounding.voice import RenderJob
from synths.catalog import load_engine
from synths.engine import Note

_RATE = 44_100
_BLOCK = 128  # frames between two looks at what has been rendered
_AT_REST_S = 0.05


def main(given: list[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.playing", description=__doc__.split("\n")[0])
    p.add_argument("--model", default="vital-32", help="model name or folder (%(default)s)")
    p.add_argument("--renderers", type=int, default=2, help="as many cores are assumed (%(default)s)")
    p.add_argument("--sounds", type=int, default=12, help="presets, drawn by seed (%(default)s)")
    p.add_argument("--seed", type=int, default=0, help="(%(default)s)")
    p.add_argument("--minutes", type=float, help="instead, play at random for as long")
    p.add_argument("--live", type=float, metavar="SECONDS", help="instead, play a server in real time")
    p.add_argument("--browser", action="store_true", help="with --live, be heard in Chromium instead")
    p.add_argument("--period", type=int, default=512, help="with --live, frames of JACK's (%(default)s)")
    return exit_status(partial(_run, p.parse_args(given)))


def _run(options: argparse.Namespace) -> None:
    model = ModelFolder.load(find_model(options.model))
    if options.live and options.browser:
        play_in_browser(str(model.path), options.live, options.seed)
    elif options.live:
        play_live(str(model.path), options.live, options.seed, options.period)
    elif options.minutes:
        play_at_random(model, 60.0 * options.minutes, options.renderers, options.seed)
    else:
        measure(model, options.sounds, options.renderers, options.seed)


@dataclass
class _Worker:
    """A renderer, what it renders, when that is there, and when it is free again."""

    renderer: Renderer
    there_at: float = 0.0
    free_at: float = 0.0
    job: RenderJob | None = None
    piece: Piece | None = None
    rested_at: int = 0


@dataclass
class Rehearsal:
    """A player and its renderers on a clock of their own.

    Attributes:
        model: What is played.
        n_renderers: How many work at the same time.
        heard: What was played, a block each.
    """

    model: ModelFolder
    n_renderers: int
    heard: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.player = Player(_RATE, self.n_renderers)
        self._workers = [
            _Worker(Renderer(self.model.space, load_engine(self.model.space, _RATE)))
            for _ in range(self.n_renderers)
        ]
        self._moved = 0, 0.0

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self.player.mixer.n_frames / _RATE

    def run(self, seconds: float, keep: bool = True) -> None:
        """Play on for some seconds."""
        end = self.now + seconds
        out = np.zeros((_BLOCK, 2), np.float32)
        while self.now < end:
            self._render()
            self.player.fill(out)
            if keep:
                self.heard.append(out.copy())

    def _render(self) -> None:
        for k, worker in enumerate(self._workers):
            if worker.job is not None and worker.piece is not None and worker.there_at <= self.now:
                self.player.receive(worker.job, worker.piece)
                worker.job = worker.piece = None
            if worker.free_at > self.now:
                continue
            job = self.player.next_job(spare=k == 0 and self.n_renderers > 1)
            began = time.thread_time()
            if job is not None:
                worker.job, worker.piece, worker.rested_at = job, worker.renderer.render(job), 0
                seconds = time.thread_time() - began
                self.player.note_render_time(seconds, job.n_frames)
                worker.there_at = self.now + seconds
                if worker.renderer.is_worn:
                    worker.renderer.renew()
            elif not self._rest(worker):
                continue
            worker.free_at = self.now + time.thread_time() - began

    def _rest(self, worker: _Worker) -> bool:
        """Have a renderer get ready for the patch that plays; return whether it had to."""
        known = self.player.patch_at_rest()
        if known is None:
            return False
        if known[0] != self._moved[0]:
            self._moved = known[0], self.now
        if worker.rested_at == known[0] or self.now - self._moved[1] < _AT_REST_S:
            return False
        worker.renderer.prepare(known[1])
        worker.rested_at = known[0]
        return True


def measure(model: ModelFolder, n_sounds: int, n_renderers: int, seed: int) -> None:
    """Time keys, chords and turns at some presets, and print a table."""
    rng = np.random.default_rng(seed)
    played = Rehearsal(model, n_renderers)
    player, before = played.player, load_engine(model.space, _RATE)
    keys, spreads, turns, clicks, whole = [], [], [], [], []
    for k in rng.choice(len(model.presets), n_sounds, replace=False):
        patch = model.presets.patches[k]
        began = time.thread_time()
        before.render(model.space.decode(patch), Note(held_seconds=2.0, seconds=3.0))
        whole.append(time.thread_time() - began)
        player.set_patch(0, patch)
        played.run(0.3)
        player.press(Key(0, "seed", int(rng.integers(40, 76))), 100)
        keys.append(_until_heard(played)[0])
        for turned in _turned(model, patch, rng):
            played.run(float(rng.uniform(0.3, 1.5)))
            player.set_patch(0, turned)
            seconds, click = _until_turned(played)
            turns.append(seconds)
            clicks.append(click)
        player.panic()
        played.run(0.3)
        for note in rng.choice(np.arange(40, 76), 3, replace=False):
            player.press(Key(0, "seed", int(note)), 100)
        starts = _until_heard(played)
        spreads.append(max(starts) - min(starts))
        player.panic()
        played.run(0.1)
    print(f"{n_sounds} presets of {model.name}, {n_renderers} renderers, processor time; ms")
    print(f"{'':42}{'p50':>8}{'p95':>8}{'most':>8}{'aim':>8}")
    _row("a whole note rendered first, as before", whole, "")
    _row("key to its first sample", keys, "60")
    _row("turn to the sample that follows it", turns, "200")
    _row("first to last of three keys", spreads, "20")
    print(
        f"largest step while a turn fades in, to the largest of the sound before and after: "
        f"{np.median(clicks):.2f} (most {np.max(clicks):.2f}); late renders: {player.n_late}"
    )


def _turned(model: ModelFolder, patch: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Return a few patches, each a macro's turn further."""
    z = model.flow.invert(patch).astype(np.float64)
    patches = []
    for _ in range(3):
        macro = model.macros[int(rng.integers(len(model.macros)))]
        z = macro.turn(z, float(rng.uniform()))
        patches.append(np.clip(model.flow.decode(z.astype(np.float32)), 0.0, 1.0))
    return patches


def _until_heard(played: Rehearsal) -> list[float]:
    """Play until every voice has begun; return after how many seconds each did."""
    while any(voice.playback is None for voice in played.player.voices):
        played.run(_BLOCK / _RATE)
    return [(voice.started - voice.began) / _RATE for voice in played.player.voices]


def _until_turned(played: Rehearsal) -> tuple[float, float]:
    """Play until a turn is heard; return after how many seconds, and its largest step beside the sound's."""
    (voice,) = played.player.voices
    at, revision = played.now, (played.player.patch_at_rest() or (0, None))[0]
    while voice.job is None or voice.job.revision != revision:
        played.run(_BLOCK / _RATE)
    seconds = played.now - at
    played.run(0.25)
    recent = np.concatenate(played.heard[-round(0.5 * _RATE / _BLOCK) :])
    steps = np.abs(np.diff(recent.astype(float), axis=0)).max(axis=1)
    fading = slice(len(steps) - round(0.25 * _RATE), len(steps) - round(0.2 * _RATE))
    around = np.concatenate([steps[: fading.start], steps[fading.stop :]])
    return seconds, float(steps[fading].max() / max(around.max(), 1e-4))


def _row(name: str, seconds: list[float], aim: str) -> None:
    p50, p95 = np.percentile(seconds, [50, 95]) * 1e3
    print(f"{name:42}{p50:8.1f}{p95:8.1f}{max(seconds) * 1e3:8.1f}{aim:>8}")


def play_at_random(model: ModelFolder, seconds: float, n_renderers: int, seed: int) -> None:
    """Play keys, chords and turns at random, and print what was late, and what was left."""
    rng = np.random.default_rng(seed)
    played = Rehearsal(model, n_renderers)
    player, silent = played.player, 0
    held: list[int] = []
    z = model.macros.resting.astype(np.float64)
    player.set_patch(0, model.flow.decode(z.astype(np.float32)))
    while played.now < seconds:
        if rng.uniform() < 0.4:
            macro = model.macros[int(rng.integers(len(model.macros)))]
            z = macro.turn(z, float(rng.uniform()))
            player.set_patch(0, np.clip(model.flow.decode(z.astype(np.float32)), 0.0, 1.0))
        elif len(held) < 3 and rng.uniform() < 0.6:
            held.append(int(rng.integers(36, 84)))
            player.press(Key(0, "seed", held[-1]), int(rng.integers(30, 128)))
        elif held:
            player.release("seed", held.pop(int(rng.integers(len(held)))))
        played.run(float(rng.exponential(0.25)), keep=False)
    for note in held:
        player.release("seed", note)
    while player.voices and silent < 20:
        played.run(1.0, keep=False)
        silent += 1
    print(
        f"{seconds:g} s by seed {seed}: {player.n_late} late renders, {player.n_stolen} notes ended for "
        f"others, {len(player.voices)} stuck"
    )


if __name__ == "__main__":
    sys.exit(main())
