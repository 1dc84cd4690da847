"""Controllers through a real MIDI system: JACK without hardware."""

import contextlib
import re
import threading
import time

import numpy as np
import pytest
import rtmidi

from core.errors import DeviceError
from server.midi.bindings.binding import Binding
from server.midi.codec.control import Control
from server.midi.profiles.profile import Profile, write_profile
from synths.external.midi_system import DIN_BYTES_PER_S, apis, device_name, open_api
from tests.server.midi.virtual_controller import VirtualController
from tests.support.live import eventually, running_server

pytestmark = pytest.mark.real


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


def macros(running):
    """Where the macros stand, as somebody new is told."""
    with running.client(kind="script") as late:
        return late.wait_for("/flow/macros")


def test_plugged_in_learned_unplugged_and_plugged_in_again(jack, tiny, tmp_path):
    with running_server(tiny, tmp_path, "--midi", "knobs", "--midi-system", "jack") as running:
        with running.client() as client:
            with VirtualController("Knobs") as knobs:
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
            with VirtualController("Knobs") as knobs:
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
            floods = [stack.enter_context(VirtualController(name)) for name in names]
            for _ in names:
                heard(client, "2 controls bound")
            last = [(11 * n + 7, 23 * n + 3) for n in range(4)]
            threads = [threading.Thread(target=flood, args=pair) for pair in zip(floods, last, strict=True)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            expected = [value / 127 for pair in last for value in pair]
            assert eventually(lambda: macros(running) == pytest.approx(expected, abs=1e-5))
        assert "ERROR" not in running.said() and "WARNING" not in running.said()


class Synth:
    """A synth outside: it holds the last value of each controller, and when each message came."""

    def __init__(self, port_name):
        self.holds, self.times = {}, []
        self.port = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name="Synth")
        self.name = eventually_there(self.port, port_name)
        self.port.set_callback(self._take)
        self.port.open_port(self.port.get_ports().index(self.name), "in")

    def _take(self, event, _):
        _, number, value = event[0]
        self.holds[number] = value
        self.times.append(time.perf_counter())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.port.cancel_callback()
        self.port.close_port()
        self.port.delete()


def eventually_there(port, part):
    assert eventually(lambda: any(part in name for name in port.get_ports()))
    return next(name for name in port.get_ports() if part in name)


@pytest.mark.parametrize("spelling", ["cc", "cc14"])
def test_from_a_knob_to_a_synth_outside(jack, tiny, tmp_path, spelling):
    binding = Binding(control=Control("cc", 1, 20), macro=0, takeover="jump")
    write_profile(tmp_path / "controllers", Profile(device="Knobs:out", bindings=(binding,)))
    options = ["--midi", "knobs", "--midi-out", "Outside", "--midi-out-as", spelling]
    with running_server(tiny, tmp_path, *options, "--midi-system", "jack") as running:
        with running.client() as client, VirtualController("Knobs") as knobs, Synth("Outside") as synth:
            heard(client, "Knobs:out is plugged in")
            knobs.cc(20, 127)
            frame = client.wait_for("/flow/params")
            knobs.cc(20, 3)
            frame = client.wait_for("/flow/params")
            wanted = np.array(frame[1:])
            # The synth came after the first frame, so it holds what has changed since then.
            assert eventually(lambda: len(synth.holds) > 16)
            assert eventually(lambda: off(synth.holds, wanted, spelling) < 0.51)


def off(holds, wanted, spelling):
    """The largest error of what a synth holds, in steps of its resolution."""
    if spelling == "cc":
        return max(abs(value - wanted[k] * 127) for k, value in holds.items())
    pairs = [(k, holds[k], holds.get(k + 32, 1e9)) for k in holds if k < 32]
    return max(abs(coarse * 128 + fine - wanted[k] * 16_383) for k, coarse, fine in pairs)


def test_a_cable_is_sent_no_more_than_it_carries(jack, tiny, tmp_path):
    options = ["--midi-out", "Cable", "--midi-din", "--midi-system", "jack"]
    with running_server(tiny, tmp_path, *options) as running:
        with running.client() as client, Synth("Cable") as synth:
            messages, began = [], time.perf_counter()
            while time.perf_counter() - began < 0.5:
                client.send("/flow/vary", 1.0)
                messages += client.receive_all(0.005)
            messages += client.receive_all(0.3)
            frame = [values for address, values in messages if address == "/flow/params"][-1]
            assert eventually(lambda: off(synth.holds, frame[1:], "cc") < 0.51), (synth.holds, frame)
            taken = synth.times[-1] - synth.times[0]
            # JACK hands over in periods of 2.7 ms, so ends may shift by one.
            assert 60 < len(synth.times) <= (taken + 0.01) * DIN_BYTES_PER_S / 3


def test_two_synths_play_two_instruments(jack, tiny, tmp_path):
    options = ["--midi-out", "Low=Bass", "--midi-out", "High=lead-1", "--midi-system", "jack"]
    with running_server(tiny, tmp_path, *options) as running:
        with (
            Synth("Low") as low,
            Synth("High") as high,
            running.client(name="Bass", instrument="bass-1") as bass,
            running.client(name="Lead", instrument="lead-1") as lead,
        ):
            for client, synth, value in ((bass, low, 0.9), (lead, high, 0.1)):
                client.send("/flow/macros", *[value] * 8)
                frame = client.wait_for("/flow/params")
                assert eventually(lambda s=synth: len(s.holds) > 16)
                assert eventually(lambda s=synth, f=frame: off(s.holds, np.array(f[1:]), "cc") < 0.51)
            assert low.holds != high.holds


def test_names_stay_the_same_when_plugged_in_again():
    assert device_name("nano:nano MIDI 1 20:0", "linux") == device_name("nano:nano MIDI 1 28:0", "linux")
    assert device_name("nano 2", "win32") == device_name("nano 1", "win32") == "nano"
    assert device_name("Push 2", "darwin") == "Push 2"


def test_a_system_that_is_not_there_is_told():
    with pytest.raises(DeviceError, match=re.escape(", ".join(apis()))):
        open_api(rtmidi.MidiIn, "punched cards")


class Desk(VirtualController):
    """A controller with motors: it holds what it was told, and may repeat it."""

    def __init__(self, name, repeats=False):
        super().__init__(f"{name} capture")
        self.holds, self.repeats = {}, repeats
        self.back = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=f"{name} playback")
        self.back.set_callback(self._take)
        self.back.open_virtual_port("out")

    def _take(self, event, _):
        status, number, value = event[0]
        self.holds[status, number] = value
        if self.repeats:
            self.port.send_message(event[0])

    def __exit__(self, *_):
        self.back.cancel_callback()
        self.back.close_port()
        self.back.delete()
        super().__exit__()


@pytest.mark.parametrize("repeats", [False, True])
def test_faders_follow_through_real_ports(jack, tiny, tmp_path, repeats):
    kinds = [Control("cc", 1, 20), Control("cc14", 1, 7), Control("pitch", 3)]
    bindings = tuple(
        Binding(control=control, macro=k, feedback="motor", takeover="jump")
        for k, control in enumerate(kinds)
    )
    write_profile(tmp_path / "controllers", Profile(device="Desk capture:out", bindings=bindings))
    with running_server(tiny, tmp_path, "--midi", "desk", "--midi-system", "jack") as running:
        with running.client() as client, Desk("Desk", repeats) as desk:
            heard(client, "3 controls bound")
            for target in (0.25, 1.0, 0.0):
                client.send("/flow/macros", *[target] * len(macros(running)))
                fine = round(target * 16_383)
                bend = Control("pitch").raw(target)
                wanted = {(0xB0, 20): round(target * 127), (0xB0, 7): fine >> 7, (0xB0, 39): fine & 127}
                wanted |= {(0xE2, bend & 127): bend >> 7}
                assert eventually(lambda w=wanted: w.items() <= desk.holds.items()), (wanted, desk.holds)
            time.sleep(0.3)
            client.receive_all(0.1)
            desk.cc(20, 100)
            assert dials(client)[0] == pytest.approx(100 / 127, abs=1e-5)
            time.sleep(0.6)  # the hand has let go, and nothing is to be corrected
            assert desk.holds[0xB0, 20] == 0


class Box:
    """A synth with a port of its own, as long as it is switched on."""

    def __init__(self):
        self.holds = {}
        self.port = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name="Box")
        self.port.set_callback(lambda event, _: self.holds.update({event[0][1]: event[0][2]}))
        self.port.open_virtual_port("in")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.port.cancel_callback()
        self.port.close_port()
        self.port.delete()


def test_a_synth_that_was_switched_off_and_on_holds_the_patch_again(jack, tiny, tmp_path):
    with Box() as box, contextlib.ExitStack() as stack:
        options = ["--midi-out", "Box", "--midi-system", "jack"]
        running = stack.enter_context(running_server(tiny, tmp_path, *options))
        client = stack.enter_context(running.client())
        client.send("/flow/vary", 1.0)
        frame = client.wait_for("/flow/params")
        assert eventually(lambda: len(box.holds) > 8 and off(box.holds, frame[1:], "cc") < 0.51)
        again = stack.pop_all()
    with again:
        time.sleep(2.5)  # the server looks every second
        client.send("/flow/vary", 1.0)
        frame = client.wait_for("/flow/params")
        with Box() as box:
            assert eventually(lambda: len(box.holds) == len(frame) - 1, 10.0)
            assert eventually(lambda: off(box.holds, frame[1:], "cc") < 0.51)
