import numpy as np
import pytest

from core.errors import PatchError
from core.loudness import momentary_loudness
from core.space import Parameter, ParameterSpace, VolumeGain
from synths.engine import Note
from synths.space_files import load_space
from synths.vital import VitalEngine
from training.data.draw import Prior
from training.data.leveled_render import TARGET_LUFS, render_leveled

SPACE = load_space("vital-32")
VOLUME = SPACE["volume"]
NOTE = Note(held_seconds=0.6, seconds=0.9)


class Constant:
    """An engine that plays noise at a level, whatever the patch."""

    sample_rate = 22_050

    def __init__(self, level, peak=0.0):
        self.audio = level * np.random.default_rng(0).normal(0, 1, (2, 22_050)).astype(np.float32)
        self.audio[:, 5_000] += peak
        self.patches = []

    def render(self, patch, note):
        self.patches.append(patch)
        return self.audio


def test_every_kept_render_is_as_loud_as_the_target():
    prior, rng, engine = Prior.for_space(SPACE), np.random.default_rng(1), VitalEngine()
    kept = 0
    for _ in range(12):
        render = render_leveled(prior.draw(rng)[0], SPACE, engine, NOTE)
        if render is None:
            continue
        kept += 1
        SPACE.check(render.vector)
        assert momentary_loudness(render.audio, engine.sample_rate) == pytest.approx(TARGET_LUFS, abs=0.1)
        assert np.abs(render.audio).max() <= 1.0
    assert kept >= 6


def test_the_engine_plays_the_levelled_patch_at_the_target():
    # The render is scaled and not made twice; so the volume has to be a plain gain in the engine too.
    prior, rng = Prior.for_space(SPACE), np.random.default_rng(2)
    done = 0
    while done < 3:
        render = render_leveled(prior.draw(rng)[0], SPACE, VitalEngine(), NOTE)
        if render is None:
            continue
        done += 1
        audio = VitalEngine().render(SPACE.decode(render.vector), NOTE).mean(axis=0)
        assert momentary_loudness(audio, 22_050) == pytest.approx(TARGET_LUFS, abs=0.1)


def test_only_the_volume_changes():
    vector = SPACE.neutral
    vector[5] = 0.3
    render = render_leveled(vector, SPACE, Constant(0.1), NOTE)
    assert np.array_equal(np.delete(render.vector, 0), np.delete(vector, 0))
    assert vector[0] == SPACE.neutral[0]


def test_it_renders_once_at_the_neutral_volume():
    engine = Constant(0.1)
    vector = SPACE.neutral
    vector[0] = 0.1
    render_leveled(vector, SPACE, engine, NOTE)
    assert [patch["volume"] for patch in engine.patches] == pytest.approx([VOLUME.neutral])


@pytest.mark.parametrize(("level", "peak"), [(0.0, 0.0), (1e-5, 0.0), (1e-3, 0.0)])
def test_too_quiet_is_none(level, peak):
    # At its loudest the volume gives 12 dB more than neutral.
    assert render_leveled(SPACE.neutral, SPACE, Constant(level, peak), NOTE) is None


def test_what_would_clip_at_the_target_is_none():
    assert render_leveled(SPACE.neutral, SPACE, Constant(0.05), NOTE) is not None
    assert render_leveled(SPACE.neutral, SPACE, Constant(0.02, peak=3.0), NOTE) is None


def test_a_space_without_volume_is_refused():
    from core.space import ParameterSpace

    with pytest.raises(PatchError, match="volume"):
        render_leveled(np.zeros(3), ParameterSpace("s", "vital", SPACE.parameters[1:4]), Constant(0.1), NOTE)


# -- a volume that drives a limiter, and no volume at all


class Limited:
    """An engine as amsynth: gain is the square of its volume, and what follows limits."""

    sample_rate = 22_050

    def __init__(self, space, limit, level=1.0):
        self.space, self.limit, self.level = space, limit, level
        self.noise = np.random.default_rng(0).normal(0, 0.3, (2, 22_050)).astype(np.float32)
        self.n_renders = 0

    def render(self, patch, note):
        self.n_renders += 1
        gain = self.level * patch["master_vol"] ** 2
        return (self.limit * np.tanh(gain * self.noise / self.limit)).astype(np.float32)


@pytest.mark.parametrize("limit", [10.0, 0.2, 0.08])
def test_a_volume_before_a_limiter_is_turned_until_the_level_is_right(limit):
    space = load_space("amsynth-16")
    engine = Limited(space, limit)
    render = render_leveled(space.neutral, space, engine, NOTE)
    assert momentary_loudness(render.audio, 22_050) == pytest.approx(TARGET_LUFS, abs=0.26)
    assert np.array_equal(engine.render(space.decode(render.vector), NOTE).mean(axis=0), render.audio)
    assert np.array_equal(render.vector[1:], space.neutral[1:])
    assert engine.n_renders <= 9


@pytest.mark.parametrize(("limit", "level"), [(0.01, 1.0), (10.0, 0.001), (10.0, 0.0)])
def test_what_a_turned_volume_cannot_level_is_none(limit, level):
    space = load_space("amsynth-16")
    assert render_leveled(space.neutral, space, Limited(space, limit, level), NOTE) is None


def test_a_plug_in_without_a_known_volume_is_scaled_and_keeps_its_patch():
    from core.space import ParameterSpace

    space = ParameterSpace("s", "plugin:X.vst3", SPACE.parameters[1:4])
    vector = np.array([0.1, 0.2, 0.3], np.float32)
    render = render_leveled(vector, space, Constant(0.1), NOTE)
    assert np.array_equal(render.vector, vector)
    assert momentary_loudness(render.audio, 22_050) == pytest.approx(TARGET_LUFS, abs=0.01)
    for level, peak in ((0.0, 0.0), (1e-4, 0.0), (0.1, 3.0)):
        assert render_leveled(vector, space, Constant(level, peak), NOTE) is None


class DecibelKnob:
    """A sine whose volume goes from -50 to 10 dB in even steps of its knob, with or without a limiter."""

    sample_rate = 22_050

    def __init__(self, most=np.inf):
        self.n_renders, self.most = 0, most

    def render(self, patch, note):
        self.n_renders += 1
        time = np.arange(round(note.seconds * self.sample_rate)) / self.sample_rate
        mono = np.minimum(10.0 ** ((60.0 * patch["Out"] - 50.0) / 20.0), self.most) * np.sin(2_000.0 * time)
        return np.tile(np.float32(mono), (2, 1))


@pytest.mark.parametrize("neutral", [0.0, 0.2, 0.9])
def test_a_measured_gain_finds_the_level_at_once(neutral):
    out = Parameter(name="Out", label="Out", low=0.0, high=1.0, neutral=max(neutral, 0.2))
    gain = VolumeGain(name="Out", gain_db=tuple(np.linspace(-60.0, 0.0, 9)))
    space = ParameterSpace("knob", "plugin:Knob.so", [out], volume=gain)
    engine = DecibelKnob()
    found = render_leveled(np.array([neutral]), space, engine, Note(held_seconds=0.8, seconds=1.0))
    assert engine.n_renders <= 3
    assert momentary_loudness(found.audio, 22_050) == pytest.approx(TARGET_LUFS, abs=0.3)
    assert (
        render_leveled(np.array([0.5]), space, DecibelKnob(most=1e-3), Note(held_seconds=0.8, seconds=1.0))
        is None
    )
