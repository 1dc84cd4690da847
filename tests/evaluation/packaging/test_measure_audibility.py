import numpy as np
import pytest

from core.mel import MelConfig
from evaluation.packaging.measure_audibility import main, measure_audibility
from synths.engine import Note

NOTE = Note(held_seconds=0.3, seconds=0.5)


class Engine:
    """A sine: one control is its level, one its pitch, one does nothing."""

    sample_rate = 22_050

    def render(self, patch, note):
        t = np.arange(round(note.seconds * self.sample_rate)) / self.sample_rate
        hz = 200.0 * 4.0 ** patch["pitch"]
        return np.tile((0.02 + 0.3 * patch["level"]) * np.sin(2 * np.pi * hz * t), (2, 1)).astype(np.float32)


def rows(leveled):
    rng = np.random.default_rng(0)
    presets = [{"level": 0.5, "pitch": p, "nothing": n} for p, n in rng.uniform(size=(12, 2))]
    names = ("level", "pitch", "nothing")
    found = measure_audibility(presets, names, Engine(), MelConfig(), NOTE, leveled=leveled)
    return {row.name: row for row in found}


def test_what_is_heard_counts_and_loudness_only_as_played():
    played, leveled = rows(False), rows(True)
    assert played["nothing"].range_db == leveled["nothing"].range_db == 0.0
    assert played["pitch"].range_db > 1.0 and leveled["pitch"].range_db > 1.0
    # The level is the same in all presets: it is moved nevertheless, and heard where it is not levelled.
    assert played["level"].range_db > 0.3 and leveled["level"].change_db < 0.1


@pytest.mark.parametrize(
    "wrong", [["--space", "nobody"], ["--space", "vital-16", "--midi-port", "x"], ["--space", "none.yaml"]]
)
def test_what_is_wrong_is_one_line(wrong, caplog):
    assert main([*wrong, "--presets", "2"]) == 2
    assert len(caplog.records) == 1 and "\n" not in caplog.text.strip()
