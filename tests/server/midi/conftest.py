import shutil

import pytest

from benchmarks.rig.dummy_jack import dummy_jack
from tests.server.midi.indicators import Indicators
from tests.support.live import Rig


@pytest.fixture
def rig(tiny, tmp_path):
    """A bridge with controllers and one client."""
    rig = Rig(tiny, tmp_path, midi=True)
    rig.hello()
    return rig


@pytest.fixture
def rings():
    """What the controllers of `ringed` were sent."""
    return Indicators()


@pytest.fixture
def ringed(tiny, tmp_path, rings):
    """The same, with rings and motor faders."""
    rig = Rig(tiny, tmp_path, midi=True, feedback=rings)
    rig.hello()
    return rig


@pytest.fixture(scope="module")
def jack():
    """A JACK server without hardware, which this process and its children use."""
    if shutil.which("jackd") is None:
        pytest.skip("no jackd: sudo apt install jackd2")
    with dummy_jack() as server:
        yield server
