"""What players are told of microphones: taken, gone, silent, listed and chosen."""

import numpy as np
import pytest

from calibration.input_device import InputDevice
from calibration.microphone_facts import last_microphone
from server.sketch.messages import (
    ChooseMicrophone,
    LevelMeasured,
    MicrophoneOpened,
    MicrophonesListed,
    TakeEnded,
    TakeFailed,
)
from tests.server.sketch.fake_processes import FakeProcesses
from tests.server.sketch.sound_system import BLOCK, Device
from tests.server.sketch.test_microphones import INTERFACE, begin, end, into, process, voice
from tests.support.live import MY_PORT, REPLY_PORT, Rig, only

__all__ = ["process"]

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
