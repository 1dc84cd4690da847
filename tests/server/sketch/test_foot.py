"""A foot switch is enough to sketch: it records, goes through the answers, and to the next instrument."""

import mido
import numpy as np
import pytest

from server.midi.bindings.binding import Binding
from server.midi.bindings.command import Command
from server.midi.codec.control import Control
from server.sketch.messages import CloseMicrophone, MicrophoneOpened, OpenMicrophone
from tests.server.midi.playing import move, plug_in
from tests.server.players import Device
from tests.server.sketch.fake_processes import FakeProcesses, answers, patches
from tests.support.live import Rig

FEET = ("record", "follow", "next answer", "next instrument")  # cc 64 and on
ANSWERS = patches(seed=1)


@pytest.fixture
def rig(tiny, tmp_path):
    rig = Rig(tiny, tmp_path, processes=FakeProcesses(), midi=True)
    rig.processes = rig.bridge._sketcher._processes
    plug_in(
        rig,
        *(Binding(control=Control("cc", 1, 64 + k), command=Command(name)) for k, name in enumerate(FEET)),
    )
    return rig


def tread(rig, name):
    number = 64 + FEET.index(name)
    for value in (127, 0):
        move(rig, mido.Message("control_change", control=number, value=value))


def told(rig):
    return [message for who, message in rig.processes.told if who == "microphone"]


def report(rig, *messages):
    rig.processes.said += messages
    rig.turn()


@pytest.mark.parametrize("name", ["record", "follow"])
def test_the_first_step_begins_and_the_second_ends(rig, name):
    tread(rig, name)
    (opened,) = told(rig)
    assert isinstance(opened, OpenMicrophone)
    report(rig, MicrophoneOpened(opened.take_number, "Studio"))
    tread(rig, name)
    assert told(rig)[1:] == [CloseMicrophone(opened.take_number, name == "record")]


def test_a_step_plays_the_next_answer_and_after_the_last_the_first(rig):
    tread(rig, "record")
    (opened,) = told(rig)
    report(rig, MicrophoneOpened(opened.take_number, "Studio"))
    tread(rig, "record")
    report(rig, answers(opened.take_number, ANSWERS, True))
    heard = [rig.instrument.current_patch()]
    for _ in ANSWERS:
        tread(rig, "next answer")
        heard.append(rig.instrument.current_patch())
    expected = [0, 1, 2, 0]
    for patch, k in zip(heard, expected, strict=True):
        np.testing.assert_allclose(patch, ANSWERS[k], atol=2e-3)


def test_a_step_gives_the_focus_to_the_next_instrument(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    assert rig.tracks.focus.identity == a.identity
    tread(rig, "next instrument")
    assert rig.tracks.focus.identity == b.identity
    tread(rig, "next instrument")
    assert rig.tracks.focus.identity == a.identity
