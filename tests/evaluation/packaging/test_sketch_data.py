"""What training adds to a model folder for sketches."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.errors import ConfigError
from evaluation.packaging import closeness_scale
from evaluation.packaging.sketch_data import add_sketch_data, main
from evaluation.patch_renderer import PatchRenderer
from models.folder import ModelFolder
from sketching.sketch_file import FILE_NAME, SketchFile
from synths.space_files import load_space
from tests.support.tiny_dataset import TINY_MEL, TINY_NOTE, write_tiny_dataset
from tests.support.tiny_torch_model import write_tiny_torch_model
from training.data.split import split_shards


def add(path, data, **options):
    with PatchRenderer(data.space, data.mel.sample_rate, 1) as renderer:
        add_sketch_data(path, data, renderer=renderer, **options)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_tiny_dataset(tmp_path_factory.mktemp("data"), n=6)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("models") / "modèle"
    write_tiny_torch_model(path, load_space("vital-16"), TINY_MEL, TINY_NOTE)
    add(path, data, n_targets=4)
    return path


def test_the_bank_holds_the_training_renders_and_nothing_else(model_folder, data):
    sketch = SketchFile.load(ModelFolder.load(model_folder))
    train = data.read(split_shards(data.shards())[0])
    assert len(sketch.bank) == len(train)
    np.testing.assert_allclose(
        sketch.bank.values(np.arange(len(train))), train.patches, atol=0.5 / 254 + 1e-6
    )


def test_distances_are_measured_and_rise(model_folder):
    sketch = SketchFile.load(ModelFolder.load(model_folder))
    for line in (sketch.closeness, sketch.estimate):
        assert (np.diff(line.distances) > 0.0).all()
        assert line(0.0) == 1.0 and line(line.distances[-1]) == 0.0
    assert sketch.closeness.distances[-1] > 3.0  # dB between sounds that have nothing in common


def test_making_it_again_gives_the_same_file(model_folder, data):
    before = (model_folder / FILE_NAME).read_bytes()
    add(model_folder, data, n_targets=4)
    assert (model_folder / FILE_NAME).read_bytes() == before


def test_another_dataset_is_refused(model_folder, tmp_path, caplog):
    other = write_tiny_dataset(tmp_path / "d", space="vital-32", n=2, shards=1)
    with pytest.raises(ConfigError, match="is not the dataset of the model"):
        add(model_folder, other)
    assert main(["--model", str(model_folder), "--data", str(tmp_path / "nowhere")]) == 2
    assert "no dataset" in caplog.text


def test_without_held_out_shards_nothing_is_measured(model_folder, tmp_path):
    few = write_tiny_dataset(tmp_path, n=2, shards=3)
    with pytest.raises(ConfigError, match="40 shards"):
        add(model_folder, few)


@pytest.fixture
def copied(model_folder, tmp_path):
    return Path(shutil.copytree(model_folder, tmp_path / "copie"))


def renew(path, *options):
    return closeness_scale.main(["--model", str(path), "--targets", "3", "--workers", "1", *options])


def test_closeness_can_be_measured_again_without_the_dataset(copied):
    before = SketchFile.load(ModelFolder.load(copied))
    assert renew(copied) == 0
    after = SketchFile.load(ModelFolder.load(copied))
    assert (np.diff(after.closeness.distances) > 0.0).all() and after.closeness.distances[-1] > 1.0
    np.testing.assert_array_equal(after.bank.patches, before.bank.patches)
    np.testing.assert_array_equal(after.estimate.distances, before.estimate.distances)
    same = (copied / FILE_NAME).read_bytes()
    assert renew(copied) == 0 and (copied / FILE_NAME).read_bytes() == same
    assert renew(copied, "--seed", "1") == 0 and (copied / FILE_NAME).read_bytes() != same


def test_without_a_bank_or_with_one_patch_closeness_is_not_measured(tmp_path, copied, caplog):
    path = tmp_path / "bare"
    write_tiny_torch_model(path, load_space("vital-16"), TINY_MEL, TINY_NOTE)
    assert renew(path) == 2 and "has no renders to compare with" in caplog.text
    assert renew(copied, "--targets", "1") == 2 and "--targets must be at least 2" in caplog.text
