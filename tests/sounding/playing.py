"""An engine that is known in closed form, and an instrument whose renders come when the test says so."""

import numpy as np

from core.space import Parameter, ParameterSpace
from sounding.keyboard import Key
from sounding.player import Player
from sounding.renderer import Renderer

RATE = 8_000
SPACE = ParameterSpace(
    "sines", "sines", [Parameter(name=name, label=name, low=0.0, high=1.0) for name in ("level", "colour")]
)
ATTACK, RELEASE = 200, 1_600  # frames


class SineEngine:
    """A sine with an overtone, an attack and a release; it begins at the same phase each time.

    `level` is its amplitude, `colour` that of the overtone.
    """

    def __init__(self, sample_rate=RATE):
        self.sample_rate = sample_rate
        self.rendered = []

    def render(self, patch, note):
        self.rendered.append((patch, note))
        n = round(note.seconds * self.sample_rate)
        held = round(note.held_seconds * self.sample_rate)
        t = np.arange(n)
        hz = 440.0 * 2.0 ** ((note.note - 69) / 12.0)
        wave = np.sin(2 * np.pi * hz * t / self.sample_rate)
        wave += patch["colour"] * np.sin(4 * np.pi * hz * t / self.sample_rate)
        shape = np.minimum(t / ATTACK, 1.0) * np.clip(1.0 - (t - held) / RELEASE, 0.0, 1.0)
        sound = patch["level"] * note.velocity / 127.0 * shape * wave
        return np.stack([sound, sound]).astype(np.float32)


def vector(level=0.3, colour=0.2):
    return np.array([level, colour], np.float32)


def key(note=60, instrument=0, source="me"):
    return Key(instrument, source, note)


class Playing:
    """A player, and renderers that answer at once, or as many frames later as the test says."""

    def __init__(self, late=0, workers=3, engine=None, space=SPACE, patch=None, rate=RATE):
        self.player = Player(rate)
        self.renderer = Renderer(space, engine or SineEngine(rate))
        self.late, self.workers = late, workers
        self.rendering = []  # (frame at which it is there, job, piece)
        self.player.set_patch(0, vector() if patch is None else patch)

    def run(self, n, block=64):
        """The next n frames."""
        out = np.full((n, 2), np.nan, np.float32)
        for start in range(0, n, block):
            self.render()
            self.player.fill(out[start : start + block])
        return out

    def render(self):
        now = self.player.mixer.n_frames
        while True:
            for item in [item for item in self.rendering if item[0] <= now]:
                self.rendering.remove(item)
                self.player.receive(item[1], item[2])
            if len(self.rendering) >= self.workers or (job := self.player.next_job()) is None:
                return
            self.rendering.append((now + self.late, job, self.renderer.render(job)))


def steps(audio):
    """The largest step from one sample to the next."""
    return float(np.abs(np.diff(audio.astype(float), axis=0)).max())
