import numpy as np
import pytest

from core.errors import PatchError, RenderError
from core.mel import MelConfig, log_mel
from synths.engine import Note
from synths.space_files import load_space
from synths.vital import _AUDIBLE_THROUGH, _NOTES_SPARED, VitalEngine
from training.data.draw import Prior

SPACE = load_space("vital-32")
WHOLE = load_space("vital-64")
NOTE = Note(held_seconds=0.4, seconds=0.7)
THIRD_OSCILLATOR = {
    "osc_3_on": 1.0,
    "osc_3_wave_frame": 0.5,
    "osc_3_level": 0.7,
    "osc_3_random_phase": 0.0,
}


def drawn(space, n, seed):
    prior, rng = Prior.for_space(space), np.random.default_rng(seed)
    return [space.decode(prior.draw(rng)[0]) for _ in range(n)]


def residue_db(audio, reference):
    return 10 * np.log10(np.sum((audio - reference) ** 2) / max(np.sum(reference**2), 1e-9) + 1e-20)


def test_a_render_is_stereo_float_and_as_long_as_asked():
    audio = VitalEngine().render(SPACE.decode(SPACE.neutral), NOTE)
    assert audio.dtype == np.float32
    assert audio.shape == (2, round(0.7 * 22_050))
    assert np.abs(audio).max() > 0.05


@pytest.mark.parametrize("space", [SPACE, WHOLE], ids=lambda space: space.name)
def test_a_sequence_from_a_new_engine_is_the_same_sample_for_sample(space):
    patches = drawn(space, 6, seed=1)
    first, second = ([engine.render(p, NOTE) for p in patches] for engine in (VitalEngine(), VitalEngine()))
    for a, b in zip(first, second, strict=True):
        assert np.array_equal(a, b)


def test_what_was_rendered_before_is_hardly_heard():
    # Measured on 48 patches of vital-32, each after up to 12 others against a new engine: residue -71 dB
    # in the middle, -48 dB for one in ten, -19.5 dB at worst (distortion on a phase that lies elsewhere);
    # in mean log-mel 0.012 at worst, where two different patches are 3.3 apart. From the 17th render of
    # an engine on, when its 33 voices come round again, it is more: see the next test.
    mel, apart, residues = MelConfig(n_frames=15), [], []
    engine = VitalEngine()
    for patch in drawn(SPACE, 8, seed=11):
        used, new = engine.render(patch, NOTE), VitalEngine().render(patch, NOTE)
        level = np.sqrt(np.mean(new**2))
        if level < 1e-5:
            continue
        residues.append(residue_db(used, new))
        pair = [log_mel(audio.mean(axis=0) * (0.05 / level), mel) for audio in (used, new)]
        apart.append(float(np.abs(pair[0] - pair[1]).mean()))
    assert np.median(residues) < -55
    assert max(apart) < 0.05


def test_voices_that_come_round_again_change_the_phase_and_not_the_sound():
    # A used voice begins with the pitch where its last note ended, so vibrato shifts the phase of all
    # that follows: -10 dB in samples, but 0.2 at most in mean log-mel (48 patches of vital-32).
    patch = SPACE.decode(SPACE.neutral)
    patch["modulation_5_amount"] = 0.7
    engine, mel = VitalEngine(), MelConfig(n_frames=15)
    renders = [engine.render(patch, NOTE) for _ in range(20)]
    pair = [log_mel(audio.mean(axis=0), mel) for audio in (renders[0], renders[19])]
    assert np.abs(pair[0] - pair[1]).mean() < 0.3


def test_memory_is_spared_by_fewer_notes_an_instance_and_no_note_is_another():
    patch, note = drawn(SPACE, 1, 5)[0], Note(held_seconds=0.05, seconds=0.1)
    plain, spared = VitalEngine(44_100), VitalEngine(44_100)
    spared.spare_memory()
    first, n = spared._synth, _NOTES_SPARED
    renders = [(plain.render(patch, note), spared.render(patch, note)) for _ in range(n + 1)]
    assert spared._synth is not first and spared._n_played == 1 and plain._n_played == n + 1
    assert np.array_equal(renders[0][0], renders[0][1]) and np.array_equal(renders[0][0], renders[n][1])
    other_rate = VitalEngine(48_000)  # all voices are there from the beginning
    other_rate.spare_memory()
    assert other_rate._most_notes == plain._most_notes


def test_an_engine_can_be_renewed_when_nobody_waits_and_sounds_the_same():
    patch, note = drawn(SPACE, 1, 5)[0], Note(held_seconds=0.05, seconds=0.1)
    engine = VitalEngine(44_100)
    engine.spare_memory()
    first = [engine.render(patch, note) for _ in range(_NOTES_SPARED)][0]
    assert engine.is_worn
    engine.renew()
    assert not engine.is_worn and np.array_equal(engine.render(patch, note), first)


def test_a_wide_gap_between_patches_leaves_nothing():
    loud = SPACE.decode(np.ones(len(SPACE), np.float32))
    quiet = {**SPACE.decode(SPACE.neutral), "volume": 0.2}
    engine = VitalEngine()
    engine.render(loud, NOTE)
    assert residue_db(engine.render(quiet, NOTE), VitalEngine().render(quiet, NOTE)) < -40


@pytest.mark.parametrize(
    "switch", ["phaser_on", "reverb_on", "eq_on", "filter_2_on", "sample_on", "osc_2_on"]
)
def test_a_module_nobody_hears_is_switched_off_unheard(switch, monkeypatch):
    patch = {**WHOLE.decode(WHOLE.neutral), "modulation_1_amount": 0.8, "osc_1_unison_detune": 0.3}
    off = VitalEngine().render(patch, NOTE)
    engine = VitalEngine()
    is_audible = engine._is_audible
    monkeypatch.setattr(engine, "_is_audible", lambda p, s: True if s == switch else is_audible(p, s))
    assert residue_db(engine.render(patch, NOTE), off) < -90


def test_every_switch_has_controls_of_the_whole_space():
    engine = VitalEngine()
    for switch, names in _AUDIBLE_THROUGH.items():
        assert all(name in WHOLE for name in names), switch
        # Without the controls that open it, the module is off.
        assert not engine._is_audible(WHOLE.decode(WHOLE.neutral), switch)
        for name in names:
            moved = {name: 0.9 if WHOLE[name].neutral < 0.6 else 0.1}
            assert engine._is_audible(moved, switch), (switch, name)


def test_what_a_patch_leaves_out_has_the_base_value_again():
    engine, plain = VitalEngine(), SPACE.decode(SPACE.neutral)
    engine.render({"filter_1_cutoff": 0.1, "osc_1_wave_frame": 0.9}, NOTE)
    assert residue_db(engine.render({}, NOTE), VitalEngine().render(plain, NOTE)) < -60


@pytest.mark.parametrize("control", [{}, THIRD_OSCILLATOR])
def test_a_wavetable_that_nobody_hears_is_left_out_unheard(control, monkeypatch):
    patches = [{**patch, **control} for patch in drawn(SPACE, 3, seed=7)]
    spared = VitalEngine()
    renders = [spared.render(patch, NOTE) for patch in patches]
    monkeypatch.setattr("synths.vital._without_last_table", lambda content: content)
    whole = VitalEngine()
    for patch, render in zip(patches, renders, strict=True):
        assert np.array_equal(whole.render(patch, NOTE), render)
    assert spared._has_all_tables == bool(control)


def test_an_unknown_control_names_the_nearest():
    with pytest.raises(PatchError, match="did you mean 'filter_1_cutoff'"):
        VitalEngine().render({"filter_1_cutof": 0.5}, NOTE)


def test_what_is_not_finite_is_an_error_and_the_next_render_is_well(monkeypatch):
    engine = VitalEngine()

    class Broken:
        def __init__(self, synth):
            self._synth = synth

        def __getattr__(self, name):
            return getattr(self._synth, name)

        def render(self, *args):
            return np.full((2, 100), np.nan)

    engine._synth = Broken(engine._synth)
    with pytest.raises(RenderError, match="not finite"):
        engine.render({}, NOTE)
    assert np.isfinite(engine.render({}, NOTE)).all()


def test_the_note_is_the_one_asked_for():
    patch = {**SPACE.decode(SPACE.neutral), "osc_1_wave_frame": 0.0}  # a sine
    for note, hz in ((60, 261.63), (69, 440.0)):
        audio = VitalEngine().render(patch, Note(note=note, held_seconds=1.0, seconds=1.0))[0]
        spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
        assert np.argmax(spectrum) == pytest.approx(hz, abs=1.5)  # bins of 1 Hz


def test_a_slow_sound_begins_in_silence_whatever_was_played_before():
    slow = {**SPACE.decode(SPACE.neutral), "env_1_attack": SPACE["env_1_attack"].normalized(0.4)}
    other = {**SPACE.decode(SPACE.neutral), "env_1_attack": 0.0, "filter_1_cutoff": 0.9}
    engine = VitalEngine()
    for before in (None, slow, other):
        if before is not None:
            engine.render(before, NOTE)
        audio = engine.render(slow, NOTE)
        assert np.abs(audio[:, :400]).max() < 0.01 * np.abs(audio).max()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"env_1_release": 0.0},
        {"env_1_release": 0.45},
        {"reverb_dry_wet": 0.7},
        {"delay_dry_wet": 0.6},
        {"delay_dry_wet": 0.2, "reverb_dry_wet": 1.0, "env_1_release": 0.3},
        {"chorus_dry_wet": 0.5},
    ],
)
def test_a_patch_has_faded_after_its_tail(changes):
    engine, note = VitalEngine(), Note(held_seconds=0.5, seconds=5.0)
    patch = {"env_1_release": 0.1, **changes}
    audio = np.abs(engine.render(patch, note).mean(axis=0))
    end = round((0.5 + engine.tail_seconds(patch)) * 22_050)
    assert end > 0.5 * 22_050 and audio[end:].max(initial=0.0) < 10.0 ** (-50.0 / 20.0) * audio.max()


def test_the_tail_of_an_echo_that_a_patch_shapes_is_not_guessed():
    assert VitalEngine().tail_seconds({"delay_feedback": 0.9}) == np.inf
