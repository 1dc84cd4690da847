"""A synth outside, really: amsynth by itself under JACK, reached by MIDI and heard by its audio alone."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml

from benchmarks.amsynth_box import amsynth_box
from benchmarks.rig.dummy_jack import dummy_jack
from core.errors import DeviceError
from core.loudness import momentary_loudness
from core.mel import MelConfig
from synths.engine import Note
from synths.external.control_changes import PendingChanges
from synths.space_files import load_space
from tests.support.live import ROOT
from training.data.dataset import DatasetFolder
from training.data.draw import Prior
from training.data.leveled_render import TARGET_LUFS
from training.data.record import leveled, record_shard, source_of

pytestmark = pytest.mark.real
SPACE = load_space("amsynth-16")


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    for program, package in (("jackd", "jackd2"), ("amsynth", "amsynth")):
        if shutil.which(program) is None:
            pytest.skip(f"no {program}: sudo apt install {package}")
    home = tmp_path_factory.mktemp("box é")
    # Long periods: what a shared machine does late is not late for a note of half a second.
    with dummy_jack(44_100, 1024), amsynth_box(SPACE, home):
        yield home


def run(home, *command, timeout_s=120):
    """A command that hears the box, in a process of its own: an audio system is started once a process."""
    environment = os.environ | {"XDG_DATA_HOME": str(home / "ours")}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )


WIRES = ("--midi-port", "box", "--input", "box", "--midi-system", "jack")


def test_a_loop_is_measured_kept_and_used(box, tmp_path):
    out = tmp_path / "data"
    record = ("training.data.record", "--space", "amsynth-16", "--out", str(out), *WIRES)
    record += ("--held", "0.2", "--seconds", "0.4", "--shard-size", "4", "--count")
    refused = run(box, *record, "1")
    assert refused.returncode == 2 and "calibration.loop" in refused.stderr
    measured = run(box, "calibration.loop", *WIRES, "--notes", "8")
    assert measured.returncode == 0, measured.stderr
    (path,) = (box / "ours" / "flow-synth-live" / "calibration").glob("[!.]*")
    facts = yaml.safe_load(path.read_text())
    assert -60.0 < facts["delay_ms"] < 60.0 and facts["notes"] >= 6
    recorded = run(box, *record, "1")
    assert recorded.returncode == 0, recorded.stderr
    folder = DatasetFolder(out)
    data = folder.read()
    assert folder.shards() == [0] and 1 <= len(data) <= 4
    assert np.array_equal(data.patches, PendingChanges(SPACE, "cc").rounded(data.patches))
    before = (out / "shard-00000.safetensors").read_bytes()
    again = run(box, *record, "4")  # the shard is there: nothing is played
    assert again.returncode == 0 and (out / "shard-00000.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("wires", "says"),
    [
        (("--midi-port", "nobody", "--input", "box"), "no MIDI output is called 'nobody'"),
        (("--midi-port", "box", "--input", "nobody"), "no audio input is called 'nobody'"),
    ],
)
def test_what_is_not_there_is_told(box, wires, says):
    said = run(box, "calibration.loop", *wires, "--midi-system", "jack")
    assert said.returncode == 2 and says in said.stderr and "Traceback" not in said.stderr


def test_a_synth_that_is_silent_is_told(box):
    away = run(box, "calibration.loop", "--midi-port", "box", "--input", "system", "--notes", "2")
    assert away.returncode == 2 and "not heard" in away.stderr


# -- without a box


class Engine:
    """Sounds of a known level, one of them silent and one that clips."""

    sample_rate = 22_050

    def __init__(self, levels):
        self.levels = iter(levels)

    def render(self, patch, note):
        t = np.arange(round(note.seconds * self.sample_rate)) / self.sample_rate
        return np.tile(next(self.levels) * np.sin(2 * np.pi * 440 * t), (2, 1)).astype(np.float32)


NOTE = Note(held_seconds=0.3, seconds=0.5)


def test_silent_and_clipped_patches_are_left_out():
    patches = iter([(SPACE.neutral, 0)] * 4)
    data = record_shard(patches, SPACE, Engine([0.1, 0.0, 1.2, 0.5]), n=8, mel=MelConfig(), note=NOTE)
    assert len(data) == 2 and np.allclose(data.mels[0], data.mels[1], atol=0.02)  # equally loud


def test_many_silent_patches_in_a_row_stop_it():
    with pytest.raises(DeviceError, match="connected"):
        record_shard(
            iter([(SPACE.neutral, 0)] * 99), SPACE, Engine([0.0] * 99), n=8, mel=MelConfig(), note=NOTE
        )


def test_levelling():
    audio = Engine([0.02]).render({}, NOTE)
    assert momentary_loudness(leveled(audio, 22_050), 22_050) == pytest.approx(TARGET_LUFS, abs=0.1)
    assert leveled(audio * 0.0, 22_050) is None and leveled(audio * 1e3, 22_050) is None


def test_a_box_of_which_nothing_is_known_is_drawn_evenly():
    space = load_space("vital-16")
    assert isinstance(source_of(space, [], 0), Prior)
    box = type(space)("mine", "my box", space.parameters)
    rng = np.random.default_rng(0)
    drawn = np.stack([source_of(box, [], 0).draw(rng)[0] for _ in range(200)])
    assert drawn.min() >= 0.0 and drawn.max() <= 1.0 and np.abs(drawn.mean(0) - 0.5).max() < 0.25
