"""Presets of a player's own among the answers to a sketch: named, offered, and played when picked."""

import numpy as np
import pytest

from server.handling.own_handlers import OwnHandlers
from server.sketch.messages import CandidatesFound, TakeProgressed
from sketching.candidate import Candidate
from tests.server.players import Device
from tests.server.sketch.fake_processes import FakeProcesses, patches
from tests.support.live import Rig, eventually, only
from tests.support.own_presets import COMMAND, P, folder_for, write_own

OWN = np.linspace(0.3, 0.6, P).astype(np.float32)


def candidates(seed=0, own="Warm Pad", is_refined=True):
    """Two answers of the model, and between them a preset, which is the nearest."""
    first, second = patches(2, seed)
    return (
        Candidate(patch=OWN, closeness=0.9, label="close", distance_db=2.0, own=own, is_refined=is_refined),
        Candidate(patch=first, closeness=0.8, label="close", distance_db=2.5),
        Candidate(patch=second, closeness=0.7, label="close", distance_db=3.0),
    )


@pytest.fixture
def rig(tiny, tmp_path):
    folder = tmp_path / "presets"
    write_own(folder / "Warm Pad.vital")

    def make_own(tracks, models, post):
        return OwnHandlers(tracks, models, [folder], tmp_path / "adopted", folder_for, post, COMMAND)

    rig = Rig(tiny, tmp_path, make_own=make_own, processes=FakeProcesses())
    rig.processes = rig.bridge._sketcher._processes
    yield rig
    rig.bridge.handlers.own.kill()


def sketched(rig, device, found):
    """Have a sketch answered; what the device is told."""
    device.send("/flow/sketch/file", "hum.wav", 0)
    number = rig.processes.told[-1][1].take_number
    rig.processes.said.append(CandidatesFound(number, found[1:], True))
    rig.turn()
    rig.processes.said += [CandidatesFound(number, found, False), TakeProgressed(number, "done", 1.0)]
    return rig.turn()[device.port]


def labels(told):
    return {m[1]: m[3] for m in told if m[0] == "/flow/sketch/candidate"}


def until_own_plays(rig, device):
    def plays():
        rig.turn()
        return device.instrument.model.name.startswith("Warm-Pad")

    assert eventually(plays, 30.0)


def test_they_are_offered_by_name_and_the_models_own_answer_plays(rig):
    a = Device(rig, 0)
    found = candidates()
    told = sketched(rig, a, found)
    assert labels(told)[0] == "your Warm Pad, refined" and labels(told)[1].startswith("like ")
    assert a.instrument.model.name == "tiny"
    np.testing.assert_allclose(a.instrument.current_patch(), found[1].patch, atol=1e-6)
    assert labels(sketched(rig, a, candidates(is_refined=False)))[0] == "your Warm Pad"


def test_one_that_is_picked_plays_where_it_was_refined_to_and_the_model_comes_back(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    found = candidates()
    sketched(rig, a, found)
    a.send("/flow/sketch/pick", 0)
    until_own_plays(rig, a)
    np.testing.assert_allclose(a.instrument.current_patch(), OWN, atol=1e-5)
    assert b.instrument.model.name == "tiny"
    a.send("/flow/sketch/pick", 2)
    assert a.instrument.model.name == "tiny"
    np.testing.assert_allclose(a.instrument.current_patch(), found[2].patch, atol=1e-6)
    a.send("/flow/sketch/pick", 0)  # loaded, or kept: from now on at once
    until_own_plays(rig, a)
    np.testing.assert_allclose(a.instrument.current_patch(), OWN, atol=1e-5)


def test_asked_for_by_name_it_plays_as_it_is_and_not_where_a_sketch_was(rig):
    a = Device(rig, 0)
    sketched(rig, a, candidates())
    a.send("/flow/sketch/pick", 0)
    a.send("/flow/own", "Warm Pad")  # before it is there
    until_own_plays(rig, a)
    assert np.abs(a.instrument.current_patch() - OWN).max() > 0.01


def test_one_that_is_gone_is_refused_and_the_sound_stays(rig):
    a = Device(rig, 0)
    sketched(rig, a, candidates(own="Gone Pad"))
    before = a.instrument.current_patch().copy()
    told = a.send("/flow/sketch/pick", 0)[a.port]
    assert "there is no preset of your own called 'Gone Pad'" in only(told, "/flow/error")[1]
    assert np.array_equal(a.instrument.current_patch(), before)


def test_the_next_candidate_comes_after_the_one_that_plays(rig):
    a = Device(rig, 0)
    found = candidates()
    sketched(rig, a, found)
    a.send("/flow/sketch/next")  # after the model's best, which plays, its second
    np.testing.assert_allclose(a.instrument.current_patch(), found[2].patch, atol=1e-6)
    a.send("/flow/sketch/next")
    until_own_plays(rig, a)


def test_the_next_sketch_goes_back_to_the_model_that_answers(rig):
    a = Device(rig, 0)
    sketched(rig, a, candidates())
    a.send("/flow/sketch/pick", 0)
    until_own_plays(rig, a)
    n = len(rig.processes.told)
    again = candidates(seed=5)
    assert labels(sketched(rig, a, again))[0] == "your Warm Pad, refined"
    assert len(rig.processes.told) == n + 1 and a.instrument.model.name == "tiny"
    np.testing.assert_allclose(a.instrument.current_patch(), again[1].patch, atol=1e-6)


def test_a_server_without_presets_of_a_players_own_refuses_to_go_there(tiny, tmp_path):
    rig = Rig(tiny, tmp_path, processes=FakeProcesses())
    rig.processes = rig.bridge._sketcher._processes
    a = Device(rig, 0)
    sketched(rig, a, candidates())
    assert only(a.send("/flow/sketch/pick", 0)[a.port], "/flow/error")[0] == "/flow/sketch/pick"
