"""Ports of JACK where JACK stands still, ends and comes back: nothing else waits."""

import shutil
import signal
import threading
import time

import pytest
import rtmidi

from benchmarks.rig.dummy_jack import dummy_jack
from synths.external import jack_ports
from synths.external.jack_ports import JackPort
from tests.support.live import eventually

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not shutil.which("jackd"), reason="sudo apt install jackd2"),
]

BACK_S = 40.0  # a process is started until JACK answers


@pytest.fixture
def pair(monkeypatch):
    """JACK, an output, an input that is connected to it, and what that receives."""
    monkeypatch.setattr(jack_ports, "_MOST_SILENT", 2)
    monkeypatch.setattr(jack_ports, "_AGAIN_S", 0.3)
    with dummy_jack(period=256, waits=False) as jack:
        monkeypatch.setattr(jack_ports, "_shared", jack_ports._JackProcess())
        came = []
        out, into = JackPort("out", "Here"), JackPort("in", "Here too")
        out.open_virtual_port("out")
        into.set_callback(lambda event, _: came.append(event[0]))
        into.open_port(into.get_ports().index("Here:out"), "in")
        yield jack, out, into, came
        for port in (into, out):
            port.close_port()
            port.delete()


def arrives(out, came):
    def sent():
        out.send_message([0xB0, 20, 1])
        return bool(came)

    came.clear()
    return eventually(sent, BACK_S)


def flood(out, until):
    while not until.is_set():
        out.send_message(bytes((0xB0, 21, 2)))


def test_a_jack_that_stands_still_keeps_nobody_waiting_and_comes_back(pair):
    jack, out, _, came = pair
    assert arrives(out, came)
    process, until = jack_ports._shared._process, threading.Event()
    flooding = threading.Thread(target=flood, args=(out, until), daemon=True)
    jack.send_signal(signal.SIGSTOP)
    try:
        flooding.start()  # more than RtMidi keeps: it waits for JACK with Python's lock held
        longest, last = 0.0, time.monotonic()
        while process.poll() is None:
            time.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
    finally:
        jack.send_signal(signal.SIGCONT)
        until.set()
    assert longest < 2.0  # and not for ever, on any computer
    assert arrives(out, came)


def test_a_process_that_is_killed_is_started_again_with_its_ports(pair):
    _, out, into, came = pair
    assert arrives(out, came)
    jack_ports._shared._process.kill()
    assert eventually(lambda: "Here:out" in into.get_ports(), BACK_S)
    assert arrives(out, came)


def test_a_port_can_be_made_where_the_process_has_just_ended(pair):
    jack_ports._shared._process.kill()
    late = JackPort("out", "Late")
    late.open_virtual_port("out")
    assert eventually(lambda: "Late:out" in pair[2].get_ports(), BACK_S)
    late.delete()


def test_a_process_from_before_jack_was_chosen_finds_it(monkeypatch):
    monkeypatch.setattr(jack_ports, "_shared", jack_ports._JackProcess())
    jack_ports._shared.start()
    with dummy_jack(period=256, waits=False):
        late = JackPort("out", "Late")
        late.open_virtual_port("out")
        late.delete()


def test_what_jack_refuses_is_an_error(pair):
    _, out, _, _ = pair
    with pytest.raises(rtmidi.RtMidiError, match="no port 99"):
        JackPort("out", "Third").open_port(99, "out")
