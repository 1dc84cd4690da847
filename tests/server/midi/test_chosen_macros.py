"""Bindings are to dials: what a control turns when another macro is put on its dial."""

import numpy as np
import pytest

from tests.server.midi.playing import dial, knob, move, plug_in
from tests.server.midi.senders import cc
from tests.support.live import Rig
from tests.support.tiny_model import write_tiny_model


@pytest.fixture(scope="session")
def wide(tmp_path_factory):
    """A model that knows ten macros."""
    names = [f"Macro {k}" for k in range(10)]
    return write_tiny_model(tmp_path_factory.mktemp("models") / "wide", macro_names=names)


def test_a_control_turns_what_is_on_its_dial_and_waits_for_it_first(wide, tmp_path):
    rig = Rig(wide, tmp_path, midi=True)
    rig.hello()
    plug_in(rig, knob(3))
    rig.send("/flow/latent", *rig.instrument.model.vocabulary[9].turn(np.zeros(32), 0.2).tolist())
    move(rig, cc(1, 20, 63), cc(1, 20, 64))  # caught in the middle
    move(rig, cc(1, 20, 100))
    assert dial(rig, 3) == pytest.approx(100 / 127, abs=1e-6)
    rig.send("/flow/macro/choose", 3, "Macro 9")
    latent = rig.instrument.latent
    move(rig, cc(1, 20, 101))
    assert rig.instrument.latent is latent  # the new macro is elsewhere: nothing jumps
    move(rig, cc(1, 20, 60), cc(1, 20, 20), cc(1, 20, 30))
    assert dial(rig, 3) == pytest.approx(30 / 127, abs=1e-6)
    moved = [macro.position(rig.instrument.latent) for macro in rig.instrument.model.vocabulary]
    before = [macro.position(latent) for macro in rig.instrument.model.vocabulary]
    np.testing.assert_allclose(np.delete(moved, 9), np.delete(before, 9), atol=1e-6)
