"""Any VST2, shown on amsynth's, of which its engine knows nothing here."""

import numpy as np
import pytest

from core.errors import PatchError, RenderError
from synths.amsynth import find_plugin
from synths.engine import Note
from synths.hosting import on_host_thread
from synths.vst2 import Vst2Engine, Vst2Host
from tests.support.needs import needs_amsynth

NOTE = Note(held_seconds=0.4, seconds=0.6)
LONG_AND_ROOMY = {"amp_release": 0.7, "reverb_wet": 1.0, "reverb_roomsize": 1.0, "filter_cutoff": 0.3}


@pytest.mark.real
@needs_amsynth
def test_it_plays_patches_and_controllers_and_carries_nothing_over():
    engine = Vst2Engine(find_plugin())
    steps = engine.controls().steps
    assert steps["osc1_waveform"] == 5 and steps["osc2_sync"] == 2 and "filter_cutoff" not in steps
    first = engine.render({}, NOTE)
    assert first.shape == (2, round(0.6 * 22_050)) and first.dtype == np.float32
    quiet = engine.render({**LONG_AND_ROOMY, "MIDI CC 7": 0.1}, NOTE)
    assert 0.0 < np.abs(quiet).max() < 0.5 * np.abs(first).max()
    engine.render({}, NOTE)  # what MIDI controllers were before is not known: from now on they rest
    after = engine.render({}, NOTE)
    engine.render({**LONG_AND_ROOMY, "MIDI CC 7": 0.9}, NOTE)
    assert np.allclose(engine.render({}, NOTE), after, atol=2e-3)
    with pytest.raises(PatchError, match="did you mean 'filter_cutoff'"):
        engine.render({"filter_cutof": 0.5}, NOTE)


@pytest.mark.real
@needs_amsynth
def test_it_starts_with_a_preset(tmp_path):
    host = Vst2Host(find_plugin(), 22_050)
    host.set({"filter_cutoff": 0.25})
    file = tmp_path / "dark.fxb"
    on_host_thread(host._plugin.save_state, str(file))
    dark = Vst2Engine(find_plugin(), state=file.read_bytes())
    assert dark.defaults["filter_cutoff"] == pytest.approx(0.25, abs=1e-3)
    moved = Vst2Engine(find_plugin()).render({"filter_cutoff": dark.defaults["filter_cutoff"]}, NOTE)
    assert np.allclose(dark.render({}, NOTE), moved, atol=2e-3)
    with pytest.raises(RenderError, match="amsynth_vst.so does not take this preset"):
        Vst2Engine(find_plugin(), state=b"no preset")


def test_a_file_that_is_missing_or_no_plug_in_is_one_clear_line(tmp_path):
    with pytest.raises(RenderError, match="there is no plug-in at"):
        Vst2Engine(tmp_path / "none.so")
    (tmp_path / "no.so").write_bytes(b"not a library")
    with pytest.raises(RenderError, match="does not load as a VST2 instrument") as error:
        Vst2Engine(tmp_path / "no.so")
    assert "\n" not in str(error.value)
