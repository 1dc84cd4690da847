"""One tiny model, built from nothing, that several tests look at."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from core.config import build, read_settings
from training.build.__main__ import main
from training.settings import TrainingSettings

SMOKE = "configs/smoke.yaml"


@dataclass(frozen=True)
class Place:
    """Where a tiny model is built."""

    folder: Path

    @property
    def run(self):
        return self.folder / "runs" / "smoke"

    @property
    def model(self):
        return self.run / "model" / "smoke"

    def assignments(self, *more):
        places = {"runs": "runs", "data": "data", "between": "between", "out": "runs/smoke/model/smoke"}
        few = ("renders.count=80", "renders.shard_size=2", "renders.between_count=4")
        return [*(f"{key}={self.folder / place}" for key, place in places.items()), *few, *more]

    def settings(self, *more):
        return build(TrainingSettings, read_settings([Path(SMOKE)], self.assignments(*more)))

    def build(self, *more, options=()):
        """Run the command and return its exit status."""
        words = [word for one in self.assignments(*more) for word in ("--set", one)]
        return main([SMOKE, *words, "--device", "cpu", "--workers", "2", *options])


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A model that was built in one go, and what a build gives back of it."""
    place = Place(tmp_path_factory.mktemp("built"))
    assert place.build(options=["--results", str(place.folder / "results")]) == 0
    return place
