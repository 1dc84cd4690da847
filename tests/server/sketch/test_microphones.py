"""Microphones as they really are: in input 2 of an interface, taken, choosy, silent; and the words for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.input_device import InputDevice, find_input
from calibration.live_channel import LiveChannel
from calibration.microphone_facts import last_microphone
from core.errors import DeviceError
from server.sketch.messages import (
    AudioBlock,
    ChooseMicrophone,
    CloseMicrophone,
    LevelMeasured,
    MicrophoneOpened,
    MicrophonesListed,
    OpenMicrophone,
    StatusReported,
    TakeBegun,
    TakeEnded,
    TakeFailed,
)
from tests.server.sketch.fake_processes import FakeProcesses
from tests.server.sketch.sound_system import BLOCK, Device, Process
from tests.support.live import MY_PORT, REPLY_PORT, Rig, only

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


# -- taken, gone, silent


@pytest.mark.parametrize(
    "words",
    ["Device unavailable", "Unanticipated host error: Device or resource busy", "AUDCLNT error -2004287478"],
)
def test_a_microphone_that_another_program_has_is_told_so_at_once(process, words):
    one = process(Device(INTERFACE, taken=words))
    assert begin(one).text == (
        f"another program has taken the microphone '{INTERFACE}'. Close it there, or choose another one with "
        "--microphone."
    )
    assert len(one.system.devices[0].tried) == 1
    one.system.devices[0].taken = ""
    assert isinstance(begin(one, number=2), MicrophoneOpened)


def test_a_microphone_that_opens_and_sends_nothing_is_told_so(process):
    one = process(Device(INTERFACE, mute=True))
    begin(one)
    assert one.wait_for(TakeFailed).text == (
        f"the microphone '{INTERFACE}' sends nothing; another program may have it. Close it there. The sound "
        "is as it was."
    )


@pytest.mark.parametrize("following", [False, True])
def test_one_that_stops_is_told_so(process, following):
    one = process(Device(INTERFACE))
    begin(one, following=following)
    one.system.sing(into(1, voice()))
    assert one.wait_for(TakeFailed).text == (
        f"the microphone '{INTERFACE}' has stopped; plug it in again, or choose another. The sound is as it "
        "was."
    )


@pytest.mark.parametrize(
    ("level", "n_channels", "words"),
    [
        (0.0, 2, f"nothing at all came from any of the 2 inputs of '{INTERFACE}'. Allow this program"),
        (0.0, 1, f"nothing at all came from '{INTERFACE}'. Allow this program"),
        (
            3e-5,
            2,
            f"it is silent: nothing was heard from any of the 2 inputs of '{INTERFACE}'. Turn its level up",
        ),
    ],
)
def test_silence_names_the_microphone(process, level, n_channels, words):
    one = process(Device(INTERFACE, n_channels=n_channels))
    begin(one)
    one.system.sing(into(1, voice(level=level), n_channels, noise=0.0))
    end(one)
    assert not one.all(TakeEnded)[0].keep and one.wait_for(TakeFailed).text.startswith(words)


# -- the meter


@pytest.mark.parametrize("k", [1, 2])
def test_the_first_breath_moves_the_meter(process, k, tiny, tmp_path):
    one = process(Device(INTERFACE))
    begin(one)
    breath = 0.0012 * np.random.default_rng(0).standard_normal(BLOCK).astype(np.float32)  # -58 dB
    one.system.sing(into(k, breath, noise=1e-6))
    level = one.wait_for(LevelMeasured, limit_s=0.5).db
    assert -56.0 < level < -44.0
    processes = FakeProcesses()
    rig = Rig(tiny, tmp_path, processes=processes)
    rig.hello()
    rig.send("/flow/sketch/record", 1)
    number = processes.told[-1][1].take_number
    processes.said += [MicrophoneOpened(number, INTERFACE, 2), LevelMeasured(number, -58.0)]
    states = [m[1:] for m in rig.turn()[MY_PORT] if m[0] == "/flow/sketch/state"]
    assert states[0] == ("recording", 0.0) and states[-1][1] > 0.15


# -- choosing one, by message


def test_the_microphones_are_listed_and_one_is_chosen(process, tmp_path):
    one = process(Device(INTERFACE), Device("Headset", 1))
    one.send(ChooseMicrophone())
    assert one.wait_for(MicrophonesListed) == MicrophonesListed(((INTERFACE, 2), ("Headset", 1)), INTERFACE)
    one.send(ChooseMicrophone("head"))
    assert one.wait_for(MicrophonesListed).choice == "Headset"
    one.send(ChooseMicrophone(f"{INTERFACE}:2"))
    assert one.wait_for(MicrophonesListed).choice == f"{INTERFACE}:2"
    one.send(ChooseMicrophone(f"{INTERFACE}:3"))
    refused = one.wait_for(MicrophonesListed)
    assert "so there is no input 3" in refused.error and refused.choice == f"{INTERFACE}:2"
    one.send(ChooseMicrophone(""))
    assert one.wait_for(MicrophonesListed).choice == INTERFACE and last_microphone(tmp_path) == ""


def test_choosing_during_a_take_counts_for_the_next(process):
    one = process(Device(INTERFACE), Device("Headset", 1))
    begin(one)
    one.send(ChooseMicrophone("head"))
    assert one.wait_for(MicrophonesListed).choice == "Headset"
    one.system.sing(into(1, voice()))
    end(one)
    assert begin(one, number=2).name == "Headset"


@pytest.fixture
def rig(tiny, tmp_path):
    rig = Rig(tiny, tmp_path, processes=FakeProcesses())
    rig.hello()
    return rig


def test_what_players_are_told_of_the_microphones(rig, tiny, tmp_path):
    processes = rig.bridge._sketcher._processes
    assert rig.send("/flow/sketch/microphones") == {}
    assert processes.told[-1] == ("microphone", ChooseMicrophone(None))
    processes.said.append(MicrophonesListed(((INTERFACE, 2), ("Headset", 1)), f"{INTERFACE}:2"))
    assert rig.turn()[MY_PORT] == [
        ("/flow/sketch/microphone", 0, 2, INTERFACE, 2, 2),
        ("/flow/sketch/microphone", 1, 2, "Headset", 1, -1),
        ("/flow/can", "record", 1, ""),
    ]
    rig.send("/flow/sketch/microphone", "Headset")
    processes.said.append(MicrophonesListed(((INTERFACE, 2), ("Headset", 1)), "Headset"))
    told = rig.turn()[MY_PORT]
    assert told[0][-1] == -1 and told[1][-1] == 0
    assert only(told, "/flow/status") == ("the microphone is 'Headset'",)
    rig.send("/flow/sketch/microphone", "Neumann")
    processes.said.append(
        MicrophonesListed(((INTERFACE, 2),), INTERFACE, "no microphone is called 'Neumann'.")
    )
    assert only(rig.turn()[MY_PORT], "/flow/error") == (
        "/flow/sketch/microphone",
        "no microphone is called 'Neumann'.",
    )


def test_no_microphone_at_all_is_told(rig):
    rig.send("/flow/sketch/microphones")
    rig.bridge._sketcher._processes.said.append(MicrophonesListed((), ""))
    told = rig.turn()[MY_PORT]
    assert "connect one" in only(told, "/flow/status")[0]
    assert only(told, "/flow/can") == ("record", 0, only(told, "/flow/status")[0])


@pytest.mark.parametrize("address", ["/flow/sketch/microphones", "/flow/sketch/microphone"])
def test_strangers_elsewhere_neither_see_nor_choose_them(rig, address):
    sent = rig.send(address, *(["x"] if address.endswith("e") else []), sender=("10.0.0.9", 4_000))
    assert "own computer" in only(sent[REPLY_PORT], "/flow/error")[1]
    assert all(who != "microphone" for who, _ in rig.bridge._sketcher._processes.told)


@pytest.mark.parametrize(
    ("opened", "text"),
    [
        (MicrophoneOpened(1, "Headset"), "the server records from 'Headset'"),
        (
            MicrophoneOpened(1, INTERFACE, 2),
            f"the server records from '{INTERFACE}', whichever of its 2 inputs is live",
        ),
        (MicrophoneOpened(1, INTERFACE, 2, 2), f"the server records from input 2 of '{INTERFACE}'"),
    ],
)
def test_a_take_names_its_microphone(rig, opened, text):
    rig.send("/flow/sketch/record", 1)
    rig.bridge._sketcher._processes.said.append(opened)
    assert only(rig.turn()[MY_PORT], "/flow/status") == (text,)


def test_an_input_is_chosen_by_its_name():
    assert InputDevice(number=0, name="A", sample_rate=1, n_channels=2, channel=2).choice == "A:2"
