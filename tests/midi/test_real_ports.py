"""Controllers through a real MIDI system: JACK without hardware."""

import contextlib
import re
import threading
import time

import pytest
import rtmidi

from core.errors import DeviceError
from server.midi.controls import Control
from server.midi.ports import apis, device_name, open_api
from server.midi.profile import Binding, Profile, write_profile
from tests.support.live import running_server

pytestmark = pytest.mark.real


class Knobs:
    """A controller: a MIDI output that is there as long as the block."""

    def __init__(self, name):
        self.name = name
        self.port = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=name)
        self.port.open_virtual_port("out")

    def cc(self, number, value, channel=1):
        self.port.send_message([0xB0 | channel - 1, number, value])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.port.close_port()
        self.port.delete()


def heard(client, word, limit_s=8.0):
    """Wait until a status says something."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found = client.wait_for("/flow/status", deadline - time.monotonic())
        if found and word in found[0]:
            return found[0]
    raise AssertionError(f"nobody said '{word}'")


def dials(client, limit_s=2.0):
    """The last macros told, once it is quiet."""
    last, deadline = None, time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found = client.wait_for("/flow/macros", 0.3)
        if found is None and last is not None:
            break
        last = found or last
    return last


def test_plugged_in_learned_unplugged_and_plugged_in_again(jack, tiny, tmp_path):
    with running_server(tiny, tmp_path, "--midi", "knobs", "--midi-system", "jack") as running:
        with running.client() as client:
            with Knobs("Knobs") as knobs:
                heard(client, "Knobs:out is plugged in")
                client.send("/flow/learn", 1)
                heard(client, "macro 1")
                for value in range(0, 128, 4):
                    knobs.cc(20, value)
                assert "follows CC 20 on channel 1 of Knobs:out" in heard(client, "follows")
                for value in (0, 64, 127):
                    knobs.cc(20, value)
                assert dials(client)[1] == pytest.approx(1.0)
            heard(client, "Knobs:out is unplugged")
            with Knobs("Knobs") as knobs:
                assert "1 control bound" in heard(client, "is plugged in")
                for value in (127, 30):
                    knobs.cc(20, value)
                assert dials(client)[1] == pytest.approx(30 / 127, abs=1e-5)
        assert "follows" not in running.said()  # words go to clients; the log is for what is wrong


SECONDS, RATE = 2.0, 1_000  # of all four ports together


def flood(knobs, last):
    """A quarter of the flood, which ends with two values that the test knows."""
    n, began = int(SECONDS * RATE / 4), time.perf_counter()
    for j in range(n):
        time.sleep(max(0.0, began + j * 4 / RATE - time.perf_counter()))
        knobs.cc(20 + j % 2, j * 37 % 128)
    for number, value in zip((20, 21), last, strict=True):
        knobs.cc(number, value)


def test_four_ports_at_1000_a_second_end_where_they_end(jack, tiny, tmp_path):
    names = [f"Flood{n}" for n in range(4)]
    for n, name in enumerate(names):
        bindings = [
            Binding(control=Control("cc", 1, 20 + j), macro=2 * n + j, takeover="jump") for j in range(2)
        ]
        write_profile(tmp_path / "controllers", Profile(device=f"{name}:out", bindings=tuple(bindings)))
    with running_server(tiny, tmp_path, "--midi", "--midi-system", "jack") as running:
        with running.client() as client, contextlib.ExitStack() as stack:
            floods = [stack.enter_context(Knobs(name)) for name in names]
            for _ in names:
                heard(client, "2 controls bound")
            last = [(11 * n + 7, 23 * n + 3) for n in range(4)]
            threads = [threading.Thread(target=flood, args=pair) for pair in zip(floods, last, strict=True)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            expected = [value / 127 for pair in last for value in pair]
            assert dials(client) == pytest.approx(expected, abs=1e-5)
        assert "ERROR" not in running.said() and "WARNING" not in running.said()


def test_names_stay_the_same_when_plugged_in_again():
    assert device_name("nano:nano MIDI 1 20:0", "linux") == device_name("nano:nano MIDI 1 28:0", "linux")
    assert device_name("nano 2", "win32") == device_name("nano 1", "win32") == "nano"
    assert device_name("Push 2", "darwin") == "Push 2"


def test_a_system_that_is_not_there_is_told():
    with pytest.raises(DeviceError, match=re.escape(", ".join(apis()))):
        open_api(rtmidi.MidiIn, "punched cards")
