"""A tiny model with a bank of real renders, and a sound for it to answer."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from core.loudness import level
from core.mel import MelConfig, log_mel
from models.folder import ModelFolder
from sketching.answerer import Answerer
from sketching.closeness import Closeness
from sketching.render_bank import RenderBank
from sketching.sketch_file import SketchFile
from synths.catalog import load_engine
from synths.engine import Note
from synths.space_files import load_space
from tests.support.tiny_torch_model import write_tiny_torch_model

SPACE = load_space("vital-16")
MEL = MelConfig(n_frames=16)
NOTE = Note(held_seconds=0.3, seconds=0.5)
KNOWN = {"very_close": 2.0, "close": 6.0, "related": 11.0, "inspired": 19.0, "unrelated": 34.0}


@dataclass(frozen=True)
class Sung:
    """A sound as `Answerer` needs it."""

    audio: np.ndarray
    mel: np.ndarray
    note: int
    glides: bool = False
    seconds: float = NOTE.seconds
    pitch_hz: np.ndarray = field(default_factory=lambda: np.full(MEL.n_frames, 220.0))


def rendered_bank(n=12):
    """Renders of vital-16 with much of what is heard drawn anew."""
    engine, rng = load_engine(SPACE, MEL.sample_rate), np.random.default_rng(0)
    patches = np.repeat(SPACE.neutral[None], n, axis=0).astype(np.float32)
    moved = [SPACE.index(k) for k in ("osc_1_wave_frame", "filter_1_cutoff", "osc_2_level", "env_1_decay")]
    patches[:, moved] = 0.4 + 0.6 * rng.random((n, len(moved)))
    sounds = [engine.render(SPACE.decode(p), NOTE).mean(axis=0) for p in patches]
    return RenderBank.of(patches, np.stack([log_mel(level(s, MEL.sample_rate), MEL) for s in sounds]), 4, 2)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "modèle petit"
    write_tiny_torch_model(path, SPACE, MEL, NOTE)
    known = Closeness.of(KNOWN)
    SketchFile(rendered_bank(), known, known).write(ModelFolder.load(path))
    return path


@pytest.fixture(scope="module")
def answerer(model_folder):
    answerer = Answerer(model_folder, workers=2, polite=False)
    yield answerer
    answerer.close()


@pytest.fixture(scope="module")
def sung():
    """A hum of two partials with an attack."""
    t = np.arange(round(NOTE.seconds * MEL.sample_rate)) / MEL.sample_rate
    hum = np.minimum(1.0, 20 * t) * (np.sin(2 * np.pi * 220 * t) + 0.3 * np.sin(2 * np.pi * 440 * t))
    audio = level(hum, MEL.sample_rate)
    return Sung(audio, log_mel(audio, MEL), 57)
