import struct

import numpy as np
import pytest

from core.distances import log_mel_distance
from core.errors import PatchError, RenderError
from core.mel import MelConfig, log_mel
from synths.amsynth import AmsynthEngine
from synths.amsynth_bank import find_banks, read_bank
from synths.amsynth_controls import controls, normalized_preset
from synths.catalog import load_engine
from synths.engine import Note
from synths.space_files import load_space
from tests.support.needs import needs_amsynth
from tests.support.on_threads import play_on_threads

SPACE = load_space("amsynth-32")
NOTE = Note(held_seconds=0.5, seconds=0.8)
MEL = MelConfig(n_frames=17)

# -- the spaces, without the plug-in


def test_the_smaller_space_is_the_beginning_of_the_larger():
    assert len(SPACE) == 32
    assert load_space("amsynth-16").parameters == SPACE.parameters[:16]
    assert not any(controls()[parameter.name].stepped for parameter in SPACE.parameters[:26])


@pytest.mark.parametrize("parameter", SPACE, ids=lambda parameter: parameter.name)
def test_a_parameter_is_as_the_control_is(parameter):
    control = controls()[parameter.name]
    assert parameter.neutral == pytest.approx(control.normalized(control.base), abs=1e-5)
    assert (parameter.scale == "indexed") == control.stepped
    if parameter.scale not in ("exponential",):
        assert (parameter.low, parameter.high) == (control.low, control.high)
    assert all(name in SPACE for name in parameter.silent_unless)


def test_control_changes_are_unique():
    numbers = [parameter.control_change for parameter in SPACE]
    assert len(set(numbers)) == 32 and all(3 <= number <= 119 for number in numbers)


def test_a_plug_in_that_is_missing_says_what_installs_it(monkeypatch, tmp_path):
    monkeypatch.setenv("AMSYNTH_VST", str(tmp_path / "none.so"))
    with pytest.raises(RenderError, match="no amsynth plug-in at AMSYNTH_VST"):
        load_engine(SPACE)
    monkeypatch.delenv("AMSYNTH_VST")
    monkeypatch.setattr("synths.amsynth._FOLDERS", (str(tmp_path),))
    with pytest.raises(RenderError, match="apt-get install amsynth"):
        load_engine(SPACE)


# -- the plug-in itself


@pytest.fixture(scope="module")
def engine():
    return AmsynthEngine()


def some_presets(n, seed=0):
    """Presets that people made, moved into the space: what it does not move has its base value."""
    presets = [preset for path in find_banks() for preset in read_bank(path)]
    rows = np.random.default_rng(seed).permutation(len(presets))[:n]
    values = [normalized_preset(presets[k].values) for k in rows]
    return [{name: value[name] for name in SPACE.names} for value in values]


def noisy(patch):
    return any(patch[name] > 0.6 for name in ("osc1_waveform", "osc2_waveform"))


@pytest.mark.real
@needs_amsynth
def test_a_file_that_is_no_plug_in_is_one_clear_line(monkeypatch, tmp_path):
    (tmp_path / "no.so").write_bytes(b"not a library")
    monkeypatch.setenv("AMSYNTH_VST", str(tmp_path / "no.so"))
    with pytest.raises(RenderError, match="no.so does not load as a VST2"):
        AmsynthEngine()


@pytest.mark.real
@needs_amsynth
def test_ranges_and_start_values_are_the_plug_ins_own(tmp_path):
    plugin = AmsynthEngine()._host

    def state():
        plugin._plugin.save_state(str(tmp_path / "state"))
        text = (tmp_path / "state").read_bytes().split(b"amSynth1.0preset")[1].decode()
        rows = [line.split() for line in text.splitlines() if line.startswith("<parameter>")]
        return {name: float(value) for _, name, value in rows}

    start = state()
    assert list(controls()) == list(plugin.names) == list(start)
    for edge in ("low", "high"):
        plugin.set({name: float(edge == "high") for name in plugin.names})
        for name, value in state().items():
            assert getattr(controls()[name], edge) == pytest.approx(value, abs=1e-5), name
    for name, value in start.items():
        assert controls()[name].start == pytest.approx(value, abs=1e-5), name


@pytest.mark.real
@needs_amsynth
def test_a_preset_means_what_amsynth_reads_in_it(tmp_path):
    # amsynth's own reader is behind the preset chunk of a VST2 program file (.fxp).
    plugin = AmsynthEngine()._host
    presets = [preset for path in find_banks() for preset in read_bank(path)][::97]
    for preset in presets:
        rows = "".join(f"<parameter> {name} {value:.9g}\n" for name, value in preset.values.items())
        chunk = f"amSynth1.0preset\n<preset> <name> x\n{rows}\0".encode()
        body = b"FPCh" + struct.pack(">I4sII28sI", 1, b"amsy", 14, 41, b"x", len(chunk)) + chunk
        file = tmp_path / "x.fxp"
        file.write_bytes(b"CcnK" + struct.pack(">I", len(body)) + body)
        assert plugin._plugin.load_preset(str(file))
        ours, theirs = normalized_preset(preset.values), plugin.values()
        for name in preset.values:
            assert ours[name] == pytest.approx(theirs[name], abs=1e-4), (preset.name, name)


@pytest.mark.real
@needs_amsynth
def test_a_render_is_stereo_float_and_as_long_as_asked(engine):
    audio = engine.render({}, NOTE)
    assert audio.dtype == np.float32 and audio.shape == (2, round(0.8 * 22_050))
    assert np.abs(audio).max() > 0.02


@pytest.mark.real
@needs_amsynth
def test_what_was_rendered_before_is_not_heard(engine):
    # 40 presets forwards and backwards: -110 dB in the middle, -80 dB at worst without noise.
    patches = [patch for patch in some_presets(14, seed=3) if not noisy(patch)]
    first = [engine.render(patch, NOTE) for patch in patches]
    again = [engine.render(patch, NOTE) for patch in reversed(patches)][::-1]
    new = AmsynthEngine().render(patches[3], NOTE)
    for a, b in [*zip(first, again, strict=True), (first[3], new)]:
        assert np.sum((a - b) ** 2) <= 1e-4 * np.sum(a**2) + 1e-6


@pytest.mark.real
@needs_amsynth
@pytest.mark.parametrize(
    "name", [parameter.name for parameter in SPACE if parameter.silent_unless], ids=lambda name: name
)
def test_what_is_said_to_be_silent_is_not_heard(name, engine):
    patch = {**SPACE.decode(SPACE.neutral), "osc1_pulsewidth": 0.3}
    before = engine.render(patch, NOTE)
    for value in (0.0, 1.0):
        # A waveform of noise is drawn anew; at level zero not even that is heard.
        after = engine.render({**patch, name: value}, NOTE)
        assert np.sum((after - before) ** 2) <= 1e-4 * np.sum(before**2), value


@pytest.mark.real
@needs_amsynth
@pytest.mark.parametrize("parameter", SPACE, ids=lambda parameter: parameter.name)
def test_every_parameter_of_the_space_is_heard(parameter, engine):
    patch = SPACE.decode(SPACE.neutral)
    for name in ("osc_mix", "filter_mod_amount", "reverb_wet", "reverb_roomsize", "filter_env_amount"):
        patch[name] = 0.6
    sounds = []
    for value in (0.1, 0.95):
        audio = engine.render({**patch, parameter.name: value}, NOTE)
        sounds.append(audio if parameter.name == "reverb_width" else audio[:1])
    mels = [log_mel(sound[0] - sound[-1] if len(sound) > 1 else sound[0], MEL) for sound in sounds]
    assert log_mel_distance(*mels) > 0.2


@pytest.mark.real
@needs_amsynth
def test_an_unknown_control_names_the_nearest(engine):
    with pytest.raises(PatchError, match="did you mean 'filter_cutoff'"):
        engine.render({"filter_cutof": 0.5}, NOTE)


@pytest.mark.real
@needs_amsynth
def test_the_note_is_the_one_asked_for(engine):
    patch = {**SPACE.decode(SPACE.neutral), "osc1_waveform": 0.0, "filter_cutoff": 1.0}
    for note, hz in ((60, 261.63), (69, 440.0)):
        audio = engine.render(patch, Note(note=note, held_seconds=1.0, seconds=1.0))[0]
        spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
        assert np.argmax(spectrum) == pytest.approx(hz, abs=1.5)


@pytest.mark.real
@needs_amsynth
def test_any_thread_may_play_it():
    assert play_on_threads("amsynth-16") == (0, "alike\n")
