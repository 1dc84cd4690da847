import numpy as np
import pytest

from core.errors import ConfigError
from core.space import ParameterSpace
from synths.catalog import load_engine, load_space
from synths.engine import Note
from synths.vital import VitalEngine

NOTE = Note(held_seconds=0.1, seconds=0.2)


@pytest.mark.parametrize("name", ["vital-16", "vital-32", "vital-64"])
def test_every_space_of_vital_is_played_by_vital(name):
    space = load_space(name)
    engine = load_engine(space, 44_100)
    assert isinstance(engine, VitalEngine) and engine.sample_rate == 44_100
    audio = engine.render(space.decode(space.neutral), NOTE)
    assert audio.shape == (2, 8_820) and np.abs(audio).max() > 0.01


def test_a_synth_nobody_plays_names_the_nearest():
    space = load_space("vital-16")
    with pytest.raises(ConfigError, match="no engine plays 'vitall'; did you mean 'vital'"):
        load_engine(ParameterSpace("x", "vitall", space.parameters))
