"""A player's own preset answers a sketch, with the real engine: found, rendered, refined, offered."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.loudness import level
from core.mel import log_mel
from library.heard import hear_preset
from library.index import Index, KnownFile, write_index
from library.scan import digest_of, scan
from sketching.own.library import OwnLibrary
from sketching.rendering.own_renderer import OwnRenderer
from synths.base_patch import base_patch
from synths.vital_own import OwnVitalEngine
from tests.sketching.conftest import MEL, NOTE, SPACE, Sung

OFF = {f"{module}_on": 0.0 for module in ("osc_2", "sample", "filter_2", "chorus", "phaser", "delay")}
# Through a comb filter, which no space of ours has.
COMB = {"filter_1_model": 6.0, "filter_1_cutoff": 70.0, "filter_1_resonance": 0.8, "osc_1_level": 0.6}


def write(path, **settings):
    content = base_patch()
    content["settings"] |= {**OFF, **COMB, **settings}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("presets")
    write(folder / "Comb Pad.vital")
    return folder


@pytest.fixture(scope="module")
def own(folder):
    file = scan([folder]).found[0]
    digest = digest_of(file.path)
    files = {str(file.path): KnownFile(file.n_bytes, file.changed_ns, digest)}
    write_index(folder / "heard", Index({digest: hear_preset(file.path)}, {}, files))  # here: it is quicker
    return OwnLibrary((folder, folder / "missing"), folder / "heard")


@pytest.fixture(scope="module")
def sound(answerer, tmp_path_factory):
    """The preset, but for two of its controls."""
    other = tmp_path_factory.mktemp("other") / "Other.vital"
    write(other, filter_1_resonance=0.4, env_1_attack=0.4)
    note = answerer.note_at(Sung(np.zeros(1), np.zeros(1), 57))
    audio = level(OwnVitalEngine(MEL.sample_rate, other).render({}, note).mean(axis=0), MEL.sample_rate)
    n = round(NOTE.seconds * MEL.sample_rate)
    return Sung(np.pad(audio, (0, max(0, n - len(audio))))[:n], log_mel(audio, MEL), 57)


def answered(answerer, sound, near, renders=64):
    start = answerer.first(sound)
    return list(answerer.refine(sound, start, 600.0, seed=3, renders=renders, own=near))


def test_the_nearest_preset_is_refined_beside_the_models_answers_with_the_same_renders(answerer, sound, own):
    near = own.near(sound.audio, sound.note, SPACE)
    assert [preset.name for preset in near] == ["Comb Pad"]
    alone, both = answered(answerer, sound, ()), answered(answerer, sound, near)
    assert alone[-1].n_renders == both[-1].n_renders == 64 and both[-1].fraction == 1.0
    found = both[-1].candidates
    assert [one.closeness for one in found] == sorted((one.closeness for one in found), reverse=True)
    (ours,) = [one for one in found if one.own]
    assert (ours.own, ours.is_refined) == ("Comb Pad", True)
    assert any(not one.own for one in found) and len(found) <= 6
    as_it_is = OwnRenderer(MEL, sound.audio, answerer.note_at(sound), -24.0).measure(near[0].path, None)
    assert ours.distance_db < as_it_is.measurement.distance_db
    assert found[0].distance_db <= alone[-1].candidates[0].distance_db  # it is the nearest by far


def test_without_presets_every_render_is_as_before(answerer, sound, tmp_path):
    nothing = OwnLibrary((tmp_path,), tmp_path / "heard").near(sound.audio, sound.note, SPACE)
    assert nothing == [] and OwnLibrary().near(sound.audio, sound.note, SPACE) == []
    once, again = (answered(answerer, sound, near, 20)[-1].candidates for near in ((), nothing))
    for a, b in zip(once, again, strict=True):
        np.testing.assert_array_equal(a.patch, b.patch)


def test_a_preset_that_cannot_be_read_any_more_is_left_out(answerer, sound, own, tmp_path):
    damaged = tmp_path / "Damaged.vital"
    damaged.write_text("{", encoding="utf-8")
    near = [replace(own.near(sound.audio, sound.note, SPACE)[0], path=damaged)]
    found = answered(answerer, sound, near, 20)[-1].candidates
    assert found and not any(one.own for one in found)
