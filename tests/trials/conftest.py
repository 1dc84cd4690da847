import shutil

import pytest

from benchmarks.rig.dummy_jack import dummy_jack
from tests.support.tiny_model import write_tiny_model
from tests.trials.real import shared_server


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny_model(folder)
    return folder


@pytest.fixture(scope="package")
def shared(jack, tiny, tmp_path_factory):
    """A server over JACK that trials share."""
    with shared_server(tiny, tmp_path_factory.mktemp("shared")) as server:
        yield server


@pytest.fixture(scope="package")
def jack():
    """A JACK server without hardware, which this process and its children use."""
    if shutil.which("jackd") is None:
        pytest.skip("no jackd: sudo apt install jackd2")
    with dummy_jack() as server:
        yield server
