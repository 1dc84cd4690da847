"""Control signals, against the synth they stand for."""

import numpy as np
import pytest
import torch

from core.mel import MelConfig
from models.networks.control_signals import ControlSignals, plain_values
from synths.engine import Note
from synths.space_files import load_space
from synths.vital import VitalEngine

SPACE = load_space("vital-32")
MEL = MelConfig()
NOTE = Note()


def signals_of(patch: dict[str, float]) -> torch.Tensor:
    whole = dict(zip(SPACE.names, SPACE.neutral.tolist(), strict=True)) | patch
    vector = torch.from_numpy(SPACE.encode(whole))[None]
    return ControlSignals(SPACE, MEL, NOTE.held_seconds)(vector)[0]


@pytest.mark.parametrize(
    "parameter", [p for p in SPACE if p.scale != "indexed"], ids=lambda p: p.name
)  # a network passes between whole numbers
def test_plain_values_are_those_a_person_reads(parameter):
    for normalized in (0.05, 0.3, 1.0):
        plain = plain_values(torch.tensor(normalized, dtype=torch.float64), parameter)
        assert plain.item() == pytest.approx(parameter.plain(normalized), rel=1e-6, abs=1e-9)


def test_an_envelope_is_vitals():
    """Vital's amplitude is the level squared, through attack, decay, sustain and release of a real note."""
    times = {"attack": 0.3, "decay": 0.9, "release": 0.5}
    patch = {f"env_1_{part}": SPACE[f"env_1_{part}"].normalized(s) for part, s in times.items()}
    patch["env_1_sustain"] = 0.4
    whole = dict(zip(SPACE.names, SPACE.neutral.tolist(), strict=True)) | patch
    audio = VitalEngine(MEL.sample_rate).render(whole, NOTE).mean(axis=0)
    n = MEL.hop_samples
    padded = np.pad(audio, n // 2)
    loudness = np.array([np.sqrt(np.mean(padded[k * n : (k + 1) * n] ** 2)) for k in range(MEL.n_frames)])
    level = signals_of(patch)[3].numpy()  # rise, fall, release, level
    for part in (slice(0, 25), slice(25, 80)):
        assert np.corrcoef(loudness[part], level[part] ** 2)[0, 1] > 0.98
    assert level[0] < 0.01 and level.max() > 0.95 and level[-1] == pytest.approx(0.0, abs=0.01)


def test_an_oscillator_turns_at_its_rate():
    rate = 2.0
    signals = signals_of({"lfo_1_frequency": SPACE["lfo_1_frequency"].normalized(rate)})
    sine = next(
        s for s in signals if abs(s[0]) < 1e-6 and s.min() < -0.5
    )  # the only ones that start at 0 and swing
    spectrum = np.abs(np.fft.rfft(sine.numpy()))
    frequencies = np.fft.rfftfreq(MEL.n_frames, MEL.hop_samples / MEL.sample_rate)
    assert frequencies[spectrum.argmax()] == pytest.approx(rate, abs=0.3)


def test_gradients_stay_finite_a_little_beyond_the_ends():
    """Where a flow in training goes."""
    signals = ControlSignals(SPACE, MEL, NOTE.held_seconds)
    for value in (-0.005, 0.0, 1.0, 1.005):
        patches = torch.full((2, len(SPACE)), value, requires_grad=True)
        out = signals(patches)
        out.sum().backward()
        assert out.isfinite().all() and patches.grad.isfinite().all()
