from dataclasses import replace

import pytest

from max4live.build import write_frozen
from max4live.designs.catalog import DEVICES
from models.folder import ModelFolder
from models.installed import PRETRAINED
from server.osc.addresses import TO_CLIENTS, TO_SERVER
from synths.space_files import load_space
from tests.support.live import running_server
from tests.support.tiny_model import write_tiny_model


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Path of each device, freshly built, by name."""
    folder = tmp_path_factory.mktemp("devices")
    return {device.name: write_frozen(device, folder) for device in (make() for make in DEVICES)}


@pytest.fixture(scope="session")
def shipped():
    """The model that the devices have inside."""
    return ModelFolder.load(PRETRAINED / "vital-32")


@pytest.fixture
def new_row(monkeypatch):
    """A message in each direction that the server knows and no device uses."""
    for table in (TO_SERVER, TO_CLIENTS):
        some = next(iter(table.values()))
        monkeypatch.setitem(table, "/flow/invented", replace(some, address="/flow/invented"))


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory):
    """A random model for each number of parameters that a device can play."""
    folder = tmp_path_factory.mktemp("models")
    return {n: write_tiny_model(folder / f"tiny-{n}", n=n) for n in (16, 32, 64)}


@pytest.fixture(scope="module")
def vital_server(tmp_path_factory):
    """A server whose random model has the names of Vital's parameters, which the devices know."""
    folder = tmp_path_factory.mktemp("vital")
    model = write_tiny_model(folder / "tiny-vital", space=load_space("vital-32"))
    with running_server(model, folder / "data") as running:
        yield running


@pytest.fixture(scope="module")
def server(tiny_models, tmp_path_factory):
    """A server with 32 parameters that the tests of a file share."""
    with running_server(tiny_models[32], tmp_path_factory.mktemp("data")) as running:
        yield running
