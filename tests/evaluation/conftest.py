import numpy as np
import pytest

from synths.space_files import load_space
from tests.support.tiny_dataset import TINY_MEL, TINY_NOTE, write_tiny_dataset
from tests.support.tiny_torch_model import write_tiny_torch_model


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "modèle petit"
    write_tiny_torch_model(path, load_space("vital-16"), TINY_MEL, TINY_NOTE)
    return path


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """A cache of these tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def sounds(tmp_path):
    """A folder with two sounds and much else."""
    import soundfile

    folder = tmp_path / "mes sons"
    folder.mkdir()
    t = np.arange(66_150) / 44_100
    saw = 0.3 * (2 * (t * 220 % 1) - 1)
    soundfile.write(folder / "scie.flac", np.stack([saw, saw], axis=1), 44_100)
    soundfile.write(folder / "bruit.wav", np.random.default_rng(0).normal(0, 0.1, 30_000), 22_050)
    soundfile.write(folder / "silence.wav", np.zeros(30_000), 22_050)
    (folder / "texte.wav").write_text("not a sound")
    (folder / "notes.txt").write_text("not even called one")
    return folder


@pytest.fixture(scope="session")
def dataset(tmp_path_factory):
    return write_tiny_dataset(tmp_path_factory.mktemp("data"), n=6).path


@pytest.fixture(scope="session")
def runs(dataset, tmp_path_factory):
    """Three runs of one epoch: an MLP with two seeds, and a CNN."""
    folder = tmp_path_factory.mktemp("runs")
    return [learn(dataset, folder, *what) for what in (("mlp", 0), ("mlp", 1), ("cnn", 0))]


@pytest.fixture(scope="session")
def disentangled(dataset, tmp_path_factory):
    """A run of Flow_dis of one epoch."""
    return learn(dataset, tmp_path_factory.mktemp("runs"), "flow_dis", 0)


def learn(dataset, folder, architecture, seed):
    from core.config import build
    from training.settings import TrainingSettings
    from training.train import train

    sizes = {"width": 16, "channels": 4, "regressor_width": 16, "flow_steps": 2, "disentangling_steps": 1}
    settings = {
        "name": f"{architecture}-{seed}",
        "architecture": architecture,
        "data": str(dataset),
        "runs": str(folder),
        "seed": seed,
        "threads": 1,
        "bfloat16": False,
        "paper": sizes,
        "recipe": {"epochs": 1},
    }
    return train(build(TrainingSettings, settings))
