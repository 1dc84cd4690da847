import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from core.errors import ConfigError, RenderError
from core.fine_frames import FINE_SHAPE
from core.mel import MelConfig
from synths.engine import Note, PatchFailure
from synths.space_files import load_space
from training.data.dataset import Dataset, DatasetFolder
from training.data.draw import Prior
from training.data.executors import thread_executor
from training.data.render import _shard_size, main, render_dataset, render_shard

SPACE = load_space("vital-16")
PRIOR = Prior.for_space(SPACE)
MEL = MelConfig(n_frames=8)
NOTE = Note(held_seconds=0.2, seconds=0.4)
FACTS = {"space": SPACE.to_dict(), "kinds": ["a", "b"], "mel": MEL.to_dict(), "seed": 3}
SHARD_SIZE = 4


def rows(n, seed=0):
    rng = np.random.default_rng(seed)
    return Dataset(
        rng.uniform(size=(n, 16)).astype(np.float32),
        rng.normal(size=(n, *MEL.shape)).astype(np.float16),
        rng.normal(size=(n, 12)).astype(np.float32),
        rng.integers(2, size=n).astype(np.int32),
        rng.integers(256, size=(n, *FINE_SHAPE)).astype(np.uint8),
    )


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(vars(a).values(), vars(b).values(), strict=True))


def shards(path):
    return {file.name: file.read_bytes() for file in sorted(path.glob("shard-*.safetensors"))}


def render(path, *, count, workers=1):
    with thread_executor(workers) as executor:
        render_dataset(
            DatasetFolder.create(path, FACTS),
            PRIOR,
            count=count,
            seed=3,
            note=NOTE,
            executor=executor,
            shard_size=SHARD_SIZE,
        )
    return shards(path)


# -- the folder


def test_what_is_written_is_read(tmp_path):
    folder = DatasetFolder.create(tmp_path / "d", FACTS)
    parts = [rows(3, seed) for seed in range(3)]
    for k in (2, 0, 1):
        folder.write(k, parts[k])
    again = DatasetFolder(tmp_path / "d")
    assert again.shards() == [0, 1, 2]
    whole = again.read()
    assert len(whole) == 9
    assert same(whole[3:6], parts[1])
    assert same(again.read([2]), parts[2])
    assert again.space.parameters == SPACE.parameters and again.mel == MEL and again.kinds == ("a", "b")


def test_a_shard_from_before_fine_frames_reads_as_not_heard_finely(tmp_path):
    folder = DatasetFolder.create(tmp_path / "d", FACTS)
    folder.write(0, rows(3))
    file = folder.path / "shard-00000.safetensors"
    old = {name: tensor for name, tensor in load_file(file).items() if name != "fine"}
    file.write_bytes(save(old))
    assert folder.read().fine.shape == (3, *FINE_SHAPE) and not folder.read().fine.any()


def test_half_written_files_are_never_read(tmp_path):
    folder = DatasetFolder.create(tmp_path / "d", FACTS)
    folder.write(0, rows(3))
    whole = (folder.path / "shard-00000.safetensors").read_bytes()
    (folder.path / "shard-00001.123.partial").write_bytes(whole[:100])
    assert folder.shards() == [0]
    assert len(folder.read()) == 3


def test_a_write_that_fails_leaves_the_old_shard(tmp_path, monkeypatch):
    folder = DatasetFolder.create(tmp_path / "d", FACTS)
    folder.write(0, rows(3))
    before = shards(folder.path)

    def fail(*_):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ConfigError, match="Make room"):
        folder.write(0, rows(3, seed=1))
    assert shards(folder.path) == before


@pytest.mark.parametrize("damage", [lambda data: data[:50], lambda data: b"", lambda data: b"x" * len(data)])
def test_a_damaged_shard_says_what_to_do(damage, tmp_path):
    folder = DatasetFolder.create(tmp_path / "d", FACTS)
    folder.write(0, rows(3))
    file = folder.path / "shard-00000.safetensors"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ConfigError, match="shard-00000.* Delete it and render again"):
        folder.read()


def test_an_empty_and_a_missing_folder(tmp_path):
    with pytest.raises(ConfigError, match="no renders yet"):
        DatasetFolder.create(tmp_path / "d", FACTS).read()
    with pytest.raises(ConfigError, match="Make one: python -m training.data.render"):
        DatasetFolder(tmp_path / "none")
    (tmp_path / "bad").mkdir()
    for text in ("space: 3", "[", "kinds: []"):
        (tmp_path / "bad" / "dataset.yaml").write_text(text)
        with pytest.raises(ConfigError):
            DatasetFolder(tmp_path / "bad")


def test_another_dataset_in_the_folder_is_refused(tmp_path):
    DatasetFolder.create(tmp_path / "d", FACTS)
    DatasetFolder.create(tmp_path / "d", FACTS)
    with pytest.raises(ConfigError, match="another seed. Choose another folder"):
        DatasetFolder.create(tmp_path / "d", {**FACTS, "seed": 4})


# -- rendering


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    return render(tmp_path_factory.mktemp("whole"), count=5 * SHARD_SIZE)


def test_a_shard_holds_levelled_patches_of_the_prior(uninterrupted, tmp_path):
    prior = PRIOR
    shard = render_shard(prior, seed=3, shard=0, n=SHARD_SIZE, mel=MEL, note=NOTE)
    assert shard.patches.shape == (SHARD_SIZE, 16) and shard.patches.dtype == np.float32
    assert shard.mels.shape == (SHARD_SIZE, *MEL.shape) and shard.mels.dtype == np.float16
    assert np.isfinite(shard.mels.astype(np.float32)).all() and np.isfinite(shard.descriptors).all()
    assert set(shard.kinds.tolist()) <= set(range(len(prior.kinds)))
    for vector in shard.patches:
        SPACE.check(vector)
    folder = DatasetFolder.create(tmp_path / "d", FACTS)
    folder.write(0, shard)
    assert shards(folder.path)["shard-00000.safetensors"] == uninterrupted["shard-00000.safetensors"]


def test_two_workers_make_the_same_shards_as_one(uninterrupted, tmp_path):
    assert render(tmp_path, count=5 * SHARD_SIZE, workers=2) == uninterrupted


def test_more_patches_later_leave_the_first_as_they_are(uninterrupted, tmp_path):
    first = render(tmp_path, count=SHARD_SIZE + 1)  # rounded up to two shards
    assert len(first) == 2
    times = {file: file.stat().st_mtime_ns for file in tmp_path.glob("shard-*")}
    assert render(tmp_path, count=3 * SHARD_SIZE) == dict(list(uninterrupted.items())[:3])
    assert all(file.stat().st_mtime_ns == t for file, t in times.items())


WORK = """
import sys
from pathlib import Path
from tests.training.data.test_dataset import SHARD_SIZE, render
render(Path(sys.argv[1]), count=5 * SHARD_SIZE)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_killed_in_mid_work_and_resumed_it_is_as_if_nothing_happened(uninterrupted, tmp_path):
    work = subprocess.Popen([sys.executable, "-c", WORK, str(tmp_path)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(shards(tmp_path)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    work.kill()
    assert work.wait() == -signal.SIGKILL, "it was done before it could be killed"
    survivors = shards(tmp_path)
    assert 2 <= len(survivors) < 5
    assert survivors.items() <= uninterrupted.items()
    assert render(tmp_path, count=5 * SHARD_SIZE) == uninterrupted


def test_another_seed_is_another_dataset(uninterrupted, tmp_path):
    other = render_shard(PRIOR, seed=4, shard=0, n=SHARD_SIZE, mel=MEL, note=NOTE)
    folder = DatasetFolder.create(tmp_path / "d", FACTS)
    folder.write(0, other)
    assert shards(folder.path)["shard-00000.safetensors"] != uninterrupted["shard-00000.safetensors"]


# -- the command


def test_the_command_refuses_an_unknown_space(tmp_path, capsys, caplog):
    assert main(["--space", "vital-33", "--count", "1", "--out", str(tmp_path / "d")]) == 2
    assert "did you mean 'vital-32'" in caplog.text
    assert not (tmp_path / "d").exists()


def test_the_command_refuses_a_folder_of_another_kind(tmp_path, caplog):
    DatasetFolder.create(tmp_path / "d", FACTS)
    assert main(["--space", "vital-16", "--count", "1", "--out", str(tmp_path / "d")]) == 2
    assert "Choose another folder" in caplog.text


def test_nothing_wanted_is_nothing_rendered(tmp_path):
    assert main(["--space", "vital-16", "--count", "0", "--out", str(tmp_path / "d")]) == 0
    assert DatasetFolder(tmp_path / "d").shards() == []


def test_a_full_disk_is_one_line_and_no_part_of_a_shard_stays(tmp_path, monkeypatch):
    folder = DatasetFolder.create(tmp_path / "data", FACTS)
    folder.write(0, rows(3))

    def full(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("core.atomic_file.os.fsync", full)
        with pytest.raises(ConfigError, match="No space left"):
            folder.write(1, rows(3))
    assert folder.shards() == [0] and not list(folder.path.glob(".*"))


def test_a_small_dataset_has_40_shards_and_keeps_their_size_as_it_grows(tmp_path):
    assert [_shard_size(tmp_path, n) for n in (3, 1_024, 5_120, 210_032)] == [128, 25, 128, 128]
    DatasetFolder.create(tmp_path, {**FACTS, "shard_size": SHARD_SIZE})
    assert _shard_size(tmp_path, 60_000) == SHARD_SIZE


def test_a_disk_that_is_full_at_the_start_is_one_line_too(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.atomic_file.os.fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        DatasetFolder.create(tmp_path / "data", FACTS)
    assert not [path for path in (tmp_path / "data").iterdir()]


@pytest.mark.parametrize("kept", [0, 7, 100, -1])
def test_a_shard_that_was_cut_does_not_count_as_done(tmp_path, kept, caplog):
    folder = DatasetFolder.create(tmp_path / "data", FACTS)
    for k in range(3):
        folder.write(k, rows(3, k))
    cut = folder.path / "shard-00001.safetensors"
    cut.write_bytes(cut.read_bytes()[:kept])
    again = DatasetFolder.create(tmp_path / "data", FACTS)
    assert again.shards() == [0, 2] and len(again.read()) == 6
    assert "shard-00001" in caplog.text and (folder.path / "damaged" / cut.name).exists()


def test_the_description_of_a_dataset_unfolds_to_nothing(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    bomb = "a: &a [x, x]\n" + "".join(f"b{k}: &b{k} [*{'a' if not k else f'b{k - 1}'}]\n" for k in range(9))
    (folder / "dataset.yaml").write_text(bomb)
    with pytest.raises(ConfigError, match="alias"):
        DatasetFolder(folder)


class Failing:
    """An engine that fails at every second patch, or is silent."""

    sample_rate = MEL.sample_rate

    def __init__(self, silent=False):
        self.n, self.silent = 0, silent

    def render(self, patch, note):
        self.n += 1
        if self.n % 2 and not self.silent:
            raise PatchFailure("it crashed (SIGSEGV) at this patch.")
        time = np.arange(round(note.seconds * self.sample_rate)) / self.sample_rate
        return np.tile(np.float32(0.0 if self.silent else 0.1) * np.float32(np.sin(2_000.0 * time)), (2, 1))


def test_patches_at_which_the_synth_crashes_are_left_out_and_counted(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("training.data.render.load_engine", lambda *_: Failing())
    assert len(render(tmp_path, count=SHARD_SIZE)) == 1
    assert len(DatasetFolder(tmp_path).read()) == SHARD_SIZE
    assert f"{SHARD_SIZE} patches at which the synth crashed or hung were left out" in caplog.text


def test_a_synth_that_is_silent_at_every_patch_does_not_go_on_forever(tmp_path, monkeypatch):
    monkeypatch.setattr("training.data.render.load_engine", lambda *_: Failing(silent=True))
    with pytest.raises(RenderError, match="400 patches of vital-16 in a row were silent, clipped or failed"):
        render(tmp_path, count=SHARD_SIZE)
