"""What each report means in each phase of a take; what it does to the sound is in test_sketcher.py."""

from types import SimpleNamespace

import numpy as np
import pytest

from server.sketch.messages import LevelMeasured, MicrophoneOpened, TakeProgressed, VoiceFollowed
from server.sketch.take import Phase, Take
from tests.support.live import read

RECORDING, FOLLOWING, ANSWERING, OVER = Phase


def take_in(phase, instrument=None):
    return Take(number=1, address="/flow/sketch/record", phase=phase, instrument=instrument)


def said(answers):
    return [read(answer.datagram) for answer in answers]


@pytest.mark.parametrize(
    ("phase", "word", "after"),
    [
        (RECORDING, "hearing", ANSWERING),  # it has lasted too long
        (FOLLOWING, "hearing", FOLLOWING),
        (ANSWERING, "hearing", ANSWERING),
        (ANSWERING, "refining", ANSWERING),
        (ANSWERING, "done", OVER),
    ],
)
def test_progress_leads_from_phase_to_phase_and_is_said(phase, word, after):
    take = take_in(phase)
    assert said(take.receive(TakeProgressed(1, word, 0.5))) == [("/flow/sketch/state", word, 0.5)]
    assert take.phase is after


@pytest.mark.parametrize("phase", [RECORDING, FOLLOWING, ANSWERING])
def test_a_level_is_shown_only_while_recording(phase):
    shown = said(take_in(phase).receive(LevelMeasured(1, -30.0)))
    if phase is not RECORDING:
        assert shown == []
        return
    ((address, state, level),) = shown
    assert (address, state) == ("/flow/sketch/state", "recording")
    assert level == pytest.approx(42.0 / 72.0, abs=1e-6)  # the meter begins at -72 dB


@pytest.mark.parametrize(("phase", "words"), [(RECORDING, "records from"), (FOLLOWING, "follows")])
def test_what_the_microphone_is_for_is_said(phase, words):
    *_, (address, text) = said(take_in(phase).receive(MicrophoneOpened(1, "Studio")))
    assert address == "/flow/status" and words in text and "'Studio'" in text


@pytest.mark.parametrize("phase", [RECORDING, FOLLOWING, ANSWERING])
def test_a_failure_ends_any_phase(phase):
    take = take_in(phase)
    followed = [("/flow/sketch/following", 0)] if phase is FOLLOWING else []
    assert said(take.fail("do this")) == [
        *followed,
        ("/flow/sketch/state", "failed", 0.0),
        ("/flow/error", "/flow/sketch/record", "do this"),
    ]
    assert take.phase is OVER and not take.microphone_is_open


def test_a_patch_of_another_model_is_not_played():
    instrument = SimpleNamespace(patch=np.zeros(5))
    assert take_in(FOLLOWING, instrument).receive(VoiceFollowed(1, np.zeros(3))) == []
