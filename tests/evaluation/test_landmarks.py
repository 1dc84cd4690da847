"""Landmarks as they are measured: what the volume is given, where dials end, and what that sounds like."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.loudness import momentary_loudness
from evaluation.macros.find_landmarks import find_landmarks, levelled
from evaluation.patch_renderer import PatchRenderer
from models.folder import ModelFolder
from models.installed import find_model

LEAST_DB = 1.5  # what is not worth a curve


@given(
    arrays(float, (3, 7), elements=st.floats(-100.0, -5.0)),
    arrays(float, (3, 7), elements=st.floats(0.0, 1.5)),
    arrays(float, (3, 7), elements=st.floats(0.0, 40.0)),
    arrays(float, 3, elements=st.floats(-1.0, 2.0)),
)
def test_dials_neither_clip_nor_ask_for_more_volume_than_there_is(lufs, peaks, headroom, own):
    given_db, ends = levelled(lufs, peaks, headroom, own)
    assert np.all(given_db <= np.maximum(headroom, 0.0) + 1e-9)
    louder = given_db > 0.0
    assert np.all((peaks * 10.0 ** (given_db / 20.0))[louder] <= 1.0)
    assert np.all(ends[:, 0] < ends[:, 1])
    assert ends.min() >= 0.0
    assert ends.max() <= 1.0


@given(arrays(float, (2, 7), elements=st.floats(-33.0, -12.0)), st.floats(0.0, 1.0))
def test_where_the_volume_can_a_dial_is_level_all_the_way(lufs, own):
    quiet = np.full((2, 7), 1e-3)
    given_db, ends = levelled(lufs, quiet, np.full((2, 7), 60.0), np.full(2, own))
    assert np.ptp(lufs + given_db, axis=1).max() < LEAST_DB
    np.testing.assert_array_equal(ends, [(0.0, 1.0)] * 2)


def test_a_dial_ends_before_its_sound_is_gone():
    lufs = np.array([[-24.0, -24.0, -24.0, -26.0, -50.0, -80.0, -100.0]])
    given_db, ends = levelled(lufs, np.full((1, 7), 0.5), np.zeros((1, 7)), np.array([0.2]))
    assert not given_db.any()
    low, high = ends[0]
    assert low == 0.0
    assert 0.5 <= high < 0.6
    assert -27.1 <= np.interp(high, np.linspace(0.0, 1.0, 7), lufs[0])


def test_a_dial_keeps_a_part_of_its_way_whatever_it_does():
    lufs = np.linspace(-100.0, 0.0, 7)[None]
    _, ends = levelled(lufs, np.full((1, 7), 1.0), np.zeros((1, 7)), np.array([1.3]))
    assert ends[0] == pytest.approx((0.8, 1.0))


def test_real_renders_along_a_dial_are_level_near_a_landmark():
    """Bright and Noisy at two presets: the largest range of loudness falls; the presets stay as they are."""
    model = ModelFolder.load(find_model("vital-32"))
    whole = model.vocabulary.chart
    rows = [model.vocabulary.names.index(name) for name in ("Bright", "Noisy")]
    chart = replace(whole.select(rows))
    macros = replace(model.vocabulary.select(rows), chart=chart, charted=(0, 1))
    latents, note = model.presets.latents[[37, 63]], model.settings.note
    with PatchRenderer(model.space, model.settings.mel.sample_rate) as renderer:

        def worst_db(turned):
            walks = [model.flow.decode(macro.walk(z.astype(float), 4)) for macro in turned for z in latents]
            sounds = renderer.render(list(np.concatenate(walks)), note)
            lufs = [momentary_loudness(sound, renderer.sample_rate) for sound in sounds]
            return np.ptp(np.reshape(lufs, (-1, 4)), axis=1).max()

        found = find_landmarks(macros, latents, model.space, model.flow, renderer, note=note, ways=7)
        marked = replace(macros, chart=replace(chart, landmarks=found))
        before, after = worst_db(macros), worst_db(marked)
    assert before > 15.0
    assert after < 8.0
    for z in latents.astype(float):
        there = marked[0].turn(marked[0].turn(z, 0.3), marked[0].position(z))
        np.testing.assert_allclose(model.flow.decode(there), model.flow.decode(z), atol=1e-4)
