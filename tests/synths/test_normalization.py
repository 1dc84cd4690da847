"""A normalized value means to our engine what it means to the plug-in's host."""

import numpy as np
import pytest
import vita

from synths.engine import Note
from synths.space_files import load_space
from synths.vital import VitalEngine

SPACE = load_space("vital-64")
SHORT = Note(held_seconds=0.05, seconds=0.1)


@pytest.mark.parametrize("fraction", [0.25, 0.6, 1.0])
def test_engine_sets_raw_values_linearly_like_the_plugin(fraction):
    # Vital's ValueBridge::convertToEngineValue: value * (max - min) + min, indexed ones rounded
    # (src/plugin/value_bridge.h). vita 0.1's Control.set_normalized is linear in the *scaled* value
    # instead, and for exponential controls leaves their range (reverb decay 18 where 6 is the most).
    engine = VitalEngine()
    patch = SPACE.decode(np.full(len(SPACE), fraction, np.float32))
    engine.render(patch, SHORT)
    controls = engine._synth.get_controls()
    wrong = {}
    for parameter in SPACE:
        raw = parameter.raw(patch[parameter.name])
        raw = float(round(raw)) if parameter.scale == "indexed" else raw
        if controls[parameter.name].value() != pytest.approx(raw, rel=1e-4, abs=1e-4):
            wrong[parameter.name] = (controls[parameter.name].value(), raw)
    assert not wrong


def test_vitas_own_normalization_is_skewed():
    synth = vita.Synth()  # kept: its controls point into it
    controls = synth.get_controls()
    controls["osc_1_level"].set_normalized(0.25)
    assert controls["osc_1_level"].value() == pytest.approx(0.5)  # the plug-in's host would set 0.25
    controls["reverb_decay_time"].set_normalized(1.0)
    assert controls["reverb_decay_time"].value() > SPACE["reverb_decay_time"].high
