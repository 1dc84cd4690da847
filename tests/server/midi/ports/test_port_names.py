"""Ports with equal names, names that change, the two ends of one device."""

import doctest

from server.midi.ports import port_names
from server.midi.ports.port_names import is_other_end, port_keys


def test_the_examples():
    assert not doctest.testmod(port_names).failed


def test_a_port_is_the_same_when_another_goes_on_windows():
    before, after = port_keys(["pad 0", "nano 1"], "win32"), port_keys(["nano 0"], "win32")
    assert after == before[1:]


def test_the_other_end_of_an_output():
    assert is_other_end("loop:out", "loop:in") and is_other_end("Midi 1 20:0", "Midi 1 20:0")
    assert is_other_end("IAC Driver Bus 1", "IAC Driver Bus 1")
    assert not is_other_end("Knobs:out", "Synth:in") and not is_other_end("loop:out", "loop2:in")
