import pytest

from tests.support.live import Rig
from tests.support.tiny_model import write_tiny_model

NAMES = (
    "Bright", "Slow Attack", "Moving", "Noisy", "Plucked", "Dry", "Rough", "Opening", "Hollow", "Detuned"
)  # fmt: skip


@pytest.fixture(scope="session")
def wordy(tmp_path_factory):
    """A model whose macros have names that words aim at, two of them not on dials."""
    return write_tiny_model(tmp_path_factory.mktemp("models") / "wordy", macro_names=NAMES)


@pytest.fixture
def rig(wordy, tmp_path):
    rig = Rig(wordy, tmp_path)
    rig.hello()
    return rig
