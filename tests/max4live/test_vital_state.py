"""Vital's state as it is frozen into Flow Instrument."""

import json

import numpy as np
import pytest
import vita

from core.distances import multi_scale_mel_distance
from max4live.builder.plugin_state import component_state, juce_base64, snapshot
from models.folder import ModelFolder
from models.installed import PRETRAINED
from synths.base_patch import BASE_PATCH
from tests.max4live.graph.hosted import from_juce_base64, preset_in


def test_the_state_is_written_as_max_writes_it():
    """The head of a state that Max saved, in a public patcher with Vital 1.0.7 on Windows."""
    real = "VMjLgPKjC..O+fWarAhckI2bo8la8HRLt.iHfTlai8FYo41Y8HRUTYTK3HxO9."
    real += "BOVMEUy.Ea0cVZtMEcgQWY9vSRC8Vav8lak4Fc9"
    ours = snapshot(json.loads(BASE_PATCH.read_text(encoding="utf-8")))["snapshot"]["blob"]
    head = from_juce_base64(f"76.{real}")
    assert head.endswith(b" <VST3PluginState><IComponent>")
    made = from_juce_base64(ours)
    assert (made[:4], made[8:76]) == (head[:4], head[8:])  # between them is the size


def test_the_banks_head_is_vitals():
    real = from_juce_base64("40.VMGcWA...f....P......LzXtsD.Bv5GFIzPnA...HfUoQWX.D..G")
    ours = component_state({})
    for part in (slice(0, 20), slice(24, 40)):  # between them is the size
        assert ours[part] == real[part]
    assert ours.endswith(b"{}" + bytes(17) + b"JUCEPrivateData")


@pytest.mark.parametrize("n", range(9))
def test_juces_base64(n):
    data = bytes(range(250, 250 + min(n, 6))) + bytes(max(0, n - 6))
    assert from_juce_base64(juce_base64(data)) == data


def test_the_state_sounds_like_the_base_patch():
    """The third wavetable, which is left out, is not heard."""
    preset = json.loads(BASE_PATCH.read_text(encoding="utf-8"))
    renders = []
    for content in (preset, preset_in(snapshot(preset)["snapshot"]["blob"])):
        synth = vita.Synth()
        assert synth.load_json(json.dumps(content))
        controls = synth.get_controls()
        for name, value in (("osc_2_level", 0.6), ("sample_level", 0.4), ("osc_1_wave_frame", 130.0)):
            controls[name].set(value)
        renders.append(np.asarray(synth.render(60, 0.8, 0.3, 0.6)))
    np.testing.assert_array_equal(*renders)
    assert np.abs(renders[0]).max() > 0.05


def test_the_small_state_sounds_almost_like_the_exact_one():
    """The base patch and presets; another preset is some 8 dB of MSS away."""
    model = ModelFolder.load(PRETRAINED / "vital-32")
    preset = json.loads(BASE_PATCH.read_text(encoding="utf-8"))
    states = [preset_in(snapshot(preset, small=small)["snapshot"]["blob"]) for small in (False, True)]
    chosen = np.random.default_rng(3).choice(len(model.presets.names), 6, replace=False)
    away, differs = [], []
    for patch in (None, *model.presets.patches[chosen]):
        renders = []
        for state in states:
            synth = vita.Synth()
            assert synth.load_json(json.dumps(state))
            controls = synth.get_controls()
            for parameter, value in zip(
                model.space, () if patch is None else patch, strict=patch is not None
            ):
                controls[parameter.name].set(parameter.raw(float(value)))
            renders.append(np.asarray(synth.render(48, 0.8, 0.5, 0.8)))
        exact, small = renders
        differs.append(multi_scale_mel_distance(exact.mean(axis=0), small.mean(axis=0), 44_100))
        away.append(10 * np.log10(np.sum((small - exact) ** 2) / np.sum(exact**2) + 1e-20))
    assert max(differs) < 0.3, differs
    assert np.median(away) < -45, away
