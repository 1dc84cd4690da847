"""Gestures of an instrument: they come with an answer or a preset, stay while knobs move, and can be off."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.playing.gestures import GESTURE_POINTS, Gesture, Gestures
from server.instrument.presets import PresetStore
from server.sketch.messages import CandidatesFound, VoiceFollowed
from tests.server.sketch.fake_processes import FakeProcesses, answers, patches
from tests.support.live import MY_PORT, OTHER, OTHER_PORT, Rig, only

RISING = Gesture(points=tuple(np.linspace(0.0, 1.0, GESTURE_POINTS).round(3).tolist()), depth=0.5)
SUNG = Gestures(seconds=1.5, loudness=RISING, pitch=replace(RISING, depth=7.0))


@pytest.fixture
def rig(tiny, tmp_path):
    processes = FakeProcesses()
    rig = Rig(tiny, tmp_path, processes=processes)
    rig.hello()
    rig.processes = processes
    return rig


def begin(rig):
    """Begin a sketch; the number of its take."""
    rig.send("/flow/sketch/file", "hum.wav", 0)
    return rig.processes.told[-1][1].take_number


def hear(rig, *reports):
    rig.processes.said += reports
    return rig.turn().get(MY_PORT, [])


def gestured(number, first=True, seed=0):
    """Answers, of which the first has gestures."""
    best, *others = answers(number, patches(seed=seed), first).candidates
    return CandidatesFound(number, (replace(best, gestures=SUNG), *others), first)


def playing(rig):
    return rig.instrument.gestures.played


@pytest.fixture
def sung(rig):
    """A rig whose instrument plays an answer with gestures, and what was sent of it."""
    rig.heard = hear(rig, gestured(begin(rig)))
    return rig


def test_an_answer_brings_its_gestures_and_listeners_are_told(sung):
    assert playing(sung) == SUNG
    assert only(sung.heard, "/flow/sketch/gestures") == (1, 2)
    told = {m[1]: m[2:] for m in sung.heard if m[0] == "/flow/sketch/gesture"}
    assert set(told) == {"loudness", "pitch"} and told["pitch"][:2] == (1.5, 7.0)
    np.testing.assert_allclose(told["loudness"][2:], RISING.points, atol=1e-6)


def test_an_answer_without_gestures_takes_them_away(sung):
    number = begin(sung)
    assert only(hear(sung, answers(number, patches(seed=1), True)), "/flow/sketch/gestures") == (1, 0)
    assert playing(sung) is None


def test_the_same_patch_with_other_gestures_is_a_better_answer(rig):
    number = begin(rig)
    hear(rig, answers(number, patches(), True))
    assert playing(rig) is None
    hear(rig, gestured(number, first=False))
    assert playing(rig) == SUNG


def test_picking_an_answer_brings_its_own(sung):
    sung.send("/flow/sketch/pick", 1)
    assert playing(sung) is None
    sung.send("/flow/sketch/pick", 0)
    assert playing(sung) == SUNG


@pytest.mark.parametrize(
    "moved", [("/flow/macro", 0, 0.7), ("/flow/vary", 0.5), ("/flow/latent", *(0.1,) * 32)]
)
def test_they_stay_while_the_point_moves(sung, moved):
    sent = sung.send(*moved)[MY_PORT]
    assert playing(sung) == SUNG and not [m for m in sent if m[0].startswith("/flow/sketch/gesture")]


def test_a_place_and_a_followed_voice_have_none(sung):
    sung.send("/flow/preset/save", "Here")
    sung.send("/flow/place", 0.4, 0.4)
    assert playing(sung) is None
    hear(sung, gestured(begin(sung)))
    sung.send("/flow/sketch/live", 1)
    number = sung.processes.told[-1][1].take_number
    hear(sung, VoiceFollowed(number, patches()[0]))
    assert playing(sung) is None


def test_off_is_off_until_it_is_on_again(sung):
    assert only(sung.send("/flow/sketch/gestures", 0)[MY_PORT], "/flow/sketch/gestures") == (0, 2)
    assert playing(sung) is None
    hear(sung, gestured(begin(sung), seed=3))
    assert playing(sung) is None
    sung.send("/flow/sketch/gestures", 1)
    assert playing(sung) == SUNG


def test_a_client_that_comes_later_is_told(sung):
    told = sung.hello(OTHER, OTHER_PORT, nonce=2, kind="panel")[OTHER_PORT]
    assert only(told, "/flow/sketch/gestures") == (1, 2)
    assert len([m for m in told if m[0] == "/flow/sketch/gesture"]) == 2


def test_a_preset_keeps_them_in_its_file(sung, tmp_path):
    sung.send("/flow/preset/save", "Sung")
    assert PresetStore(tmp_path / "presets").presets["Sung"].gestures == SUNG
    sung.send("/flow/sketch/pick", 1)
    sung.send("/flow/preset/load", "Sung")
    assert playing(sung) == SUNG


def test_a_preset_of_an_earlier_version_has_none_and_one_that_is_damaged_is_left_out(sung, tmp_path):
    sung.send("/flow/preset/save", "Sung")
    (file,) = (tmp_path / "presets").glob("*.json")
    data = json.loads(file.read_text())
    whole = data.pop("gestures")
    file.write_text(json.dumps(data))
    assert PresetStore(tmp_path / "presets").presets["Sung"].gestures is None
    file.write_text(json.dumps({**data, "gestures": {**whole, "seconds": -1.0}}))
    assert PresetStore(tmp_path / "presets").presets == {}


@pytest.mark.parametrize("on", [1, 0])
def test_an_exported_preset_has_those_that_are_played(sung, on, monkeypatch):
    written = []
    file = SimpleNamespace(suffix=".synth", write=lambda *given: written.append(given[-1]))
    monkeypatch.setattr(
        "server.handling.preset_handlers.facts_of", lambda _: SimpleNamespace(preset_file=file)
    )
    sung.send("/flow/sketch/gestures", on)
    sung.send("/flow/preset/export", "Sung")
    assert written == [SUNG if on else None]


def test_what_has_come_to_rest_is_heard_with_them(tiny, tmp_path):
    heard = []
    observer = SimpleNamespace(settled=lambda _, gestures: heard.append(gestures), close=lambda: None)
    rig = Rig(tiny, tmp_path, processes=FakeProcesses(), observe=lambda _: observer)
    rig.instrument.go_to_answer(patches()[0], SUNG)
    rig.hello()
    rig.send("/flow/macro", 0, 0.3)
    rig.rest(0.2)
    assert heard[-1] == SUNG


def test_an_instrument_that_becomes_another_plays_what_that_plays(sung):
    other = sung.instrument.copy()
    assert other.gestures.played == SUNG
    sung.send("/flow/sketch/gestures", 0)
    assert other.gestures.played == SUNG
