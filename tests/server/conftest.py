import pytest

from tests.support.live import Rig, running_server
from tests.support.tiny_model import write_tiny_model


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder of two models: `tiny`, and `other` of as many parameters with other weights."""
    folder = tmp_path_factory.mktemp("models")
    write_tiny_model(folder / "tiny")
    write_tiny_model(folder / "other", seed=5)
    write_tiny_model(folder / "small", n=16)
    return folder


@pytest.fixture(scope="session")
def tiny(models):
    return models / "tiny"


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """A model without a single preset."""
    return write_tiny_model(tmp_path_factory.mktemp("bare") / "bare", n_presets=0)


@pytest.fixture
def rig(tiny, tmp_path):
    """A bridge with one client, `ME`, a device that has said hello."""
    rig = Rig(tiny, tmp_path)
    rig.hello()
    return rig


@pytest.fixture(scope="module")
def server(tiny, tmp_path_factory):
    """A server process that the tests of a file share."""
    with running_server(tiny, tmp_path_factory.mktemp("data")) as running:
        yield running
