"""Microphones as they really are: in input 2 of an interface, taken, choosy, silent; and the words for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.input_device import find_input
from calibration.live_channel import LiveChannel
from calibration.microphone_facts import last_microphone
from core.errors import DeviceError
from server.sketch.messages import (
    AudioBlock,
    CloseMicrophone,
    MicrophoneOpened,
    OpenMicrophone,
    StatusReported,
    TakeBegun,
    TakeEnded,
    TakeFailed,
)
from tests.server.sketch.sound_system import Device, Process

RATE = 48_000
INTERFACE = "Scarlett 2i2"


def voice(seconds=0.5, level=0.3, rate=RATE):
    return (level * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def into(k, audio, n_channels=2, noise=1e-4):
    """Audio in one channel of several; the others have their own noise."""
    rng = np.random.default_rng(k)
    channels = (noise * rng.standard_normal((len(audio), n_channels))).astype(np.float32)
    channels[:, k - 1] += audio
    return channels


@pytest.fixture
def process(tmp_path, monkeypatch):
    made = []

    def make(*devices):
        made.append(Process(tmp_path, monkeypatch, *devices))
        return made[-1]

    yield make
    for one in made:
        one.close()


def begin(one, number=1, microphone="", following=False):
    one.send(
        OpenMicrophone(
            take_number=number, microphone=microphone, model="m", following=following, refine_seconds=0.0
        )
    )
    return one.wait_for(MicrophoneOpened, TakeFailed)


def end(one, number=1):
    one.send(CloseMicrophone(number, keep=True))
    one.wait_for(TakeEnded)


def heard(one):
    blocks = [message.block for message in one.all(AudioBlock)]
    return np.concatenate(blocks) if blocks else np.zeros(0)


def rms(audio):
    return float(np.sqrt((audio.astype(np.float64) ** 2).mean()))


# -- which input


@pytest.mark.parametrize("k", [1, 2])
def test_a_voice_in_either_input_of_an_interface_is_heard_and_named(process, k):
    one = process(Device(INTERFACE))
    opened = begin(one)
    assert (opened.name, opened.n_channels, opened.channel) == (INTERFACE, 2, 0)
    one.system.sing(into(k, voice()))
    assert one.wait_for(StatusReported).text == f"input {k} of '{INTERFACE}' is live"
    end(one)
    assert rms(heard(one)) == pytest.approx(0.3 / np.sqrt(2), rel=0.02)  # from its first sample on


def test_the_last_of_eight_inputs_is_heard(process):
    one = process(Device("ADAT", n_channels=8))
    begin(one)
    one.system.sing(into(8, voice(), 8))
    assert one.wait_for(StatusReported).text == "input 8 of 'ADAT' is live"


def test_a_click_in_another_input_before_the_voice_does_not_hold_it(process):
    one = process(Device(INTERFACE))
    begin(one)
    click = into(1, np.r_[np.full(100, 0.9), np.zeros(RATE // 2)].astype(np.float32))
    one.system.sing(click)
    one.system.sing(into(2, voice()))
    end(one)
    assert [m.text[:7] for m in one.all(StatusReported)][-1] == "input 2"
    assert rms(heard(one)[-RATE // 4 :]) == pytest.approx(0.3 / np.sqrt(2), rel=0.02)


def test_a_stereo_microphone_stays_on_one_side_and_a_cancelling_one_is_no_silence(process):
    one = process(Device("Stereo"))
    begin(one)
    side = voice()
    one.system.sing(np.stack([side, -side], axis=1))
    one.system.sing(np.stack([side, 1.5 * side], axis=1))
    end(one)
    assert rms(heard(one)) == pytest.approx(0.3 / np.sqrt(2), rel=0.02)


def test_a_chosen_input_is_heard_whatever_the_others_do(process, tmp_path):
    one = process(Device(INTERFACE))
    opened = begin(one, microphone="scarlett:2")
    assert opened.channel == 2
    quiet = into(2, voice(level=0.05))
    quiet[:, 0] = 0.9
    one.system.sing(quiet)
    end(one)
    assert rms(heard(one)) == pytest.approx(0.05 / np.sqrt(2), rel=0.02)
    assert one.all(StatusReported) == [] and last_microphone(tmp_path) == f"{INTERFACE}:2"
    assert begin(one, number=2).channel == 2  # remembered


def test_a_single_input_is_not_named_by_number(process):
    one = process(Device("Headset", n_channels=1))
    begin(one)
    one.system.sing(into(1, voice(), 1))
    end(one)
    assert one.all(StatusReported) == []


NAMES = [Device("USB Audio (hw:1,0)", 4), Device("Mic:2", 1), Device("Built-in", 2)]


@pytest.mark.parametrize(
    ("wanted", "name", "channel"),
    [("hw:1", "USB Audio (hw:1,0)", 0), ("usb:3", "USB Audio (hw:1,0)", 3), ("Mic:2", "Mic:2", 0),
     ("Mic:2:1", "Mic:2", 1), ("2:2", "Built-in", 2), ("2", "Built-in", 0), ("", "USB Audio (hw:1,0)", 0)],
)  # fmt: skip
def test_names_with_colons_of_their_own(process, wanted, name, channel):
    process(*NAMES)
    found = find_input(wanted)
    assert (found.name, found.channel) == (name, channel)


@pytest.mark.parametrize(
    ("wanted", "words"), [("built:3", "has 2 inputs"), ("built:0", "no input 0"), ("x:1", "no microphone is")]
)
def test_an_input_that_is_not_there_is_told(process, wanted, words):
    process(*NAMES)
    with pytest.raises(DeviceError, match=words):
        find_input(wanted)


blocks = st.lists(
    st.tuples(st.integers(1, 3), st.floats(0.0, 1.0), st.integers(1, 300)), min_size=1, max_size=12
)


@given(blocks, st.integers(0, 3))
def test_every_block_is_one_of_its_channels_whole(some, chosen):
    live = LiveChannel(RATE, -45.0, chosen)
    for k, level, n in some:
        block = into(k, np.full(n, level, np.float32), 3)
        pushed = live.push(block)
        assert any(np.array_equal(pushed, block[:, c]) for c in ([chosen - 1] if chosen else range(3)))


def test_pauses_keep_the_input_that_was_heard():
    live = LiveChannel(RATE, -45.0)
    for _ in range(3):
        live.push(into(2, voice(0.1)))
        for _ in range(50):
            live.push(into(1, 0.003 * voice(0.1) / 0.3))  # the other input's noise is louder than its own
        assert live.heard == 2


# -- what a device refuses


def test_other_numbers_of_channels_and_other_rates_are_tried(process):
    one = process(
        Device("Choosy", n_channels=6, rate=44_100, refuses=lambda n, rate: n > 2 or rate != 48_000)
    )
    opened = begin(one)
    assert opened.n_channels == 2
    (begun,) = one.all(TakeBegun)
    assert begun.sample_rate == 48_000  # what is sent is what was opened
    assert one.system.devices[0].tried[0] == (6, 44_100)


@pytest.mark.parametrize("n", [1, 2])
def test_a_device_that_gives_all_channels_or_none_is_opened(process, n):
    one = process(
        Device("Old", n_channels=4, refuses=lambda channels, rate: channels != (4 if n == 1 else 1))
    )
    assert isinstance(begin(one), MicrophoneOpened)


def test_a_device_that_refuses_everything_is_told_after_a_few_tries(process):
    one = process(Device("Broken", refuses=lambda n, rate: True))
    failed = begin(one)
    assert failed.text == (
        "the microphone 'Broken' cannot be opened (Invalid sample rate [PaErrorCode -9997]). Allow this "
        "program to use it in the system's privacy settings, or choose another one with --microphone."
    )
    assert len(one.system.devices[0].tried) <= 24
