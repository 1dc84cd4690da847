"""What native code prints stays off the terminal, and what comes after it is seen."""

import os
import threading

import pytest
import rtmidi

from core.errors import DeviceError
from core.native_output import native_output_dropped
from synths.external.midi_system import open_api


def print_natively(text):
    for descriptor in (1, 2):
        os.write(descriptor, text)


def test_what_is_printed_inside_is_dropped_and_what_comes_after_is_not(capfd):
    with native_output_dropped():
        print_natively(b"noise")
        with native_output_dropped():
            print_natively(b"more noise")
        print_natively(b"noise again")
    print_natively(b"words")
    assert capfd.readouterr() == ("words", "words")


def test_threads_that_drop_at_once_leave_the_output_as_it_was(capfd):
    both = threading.Barrier(4)

    def drop():
        both.wait()
        for _ in range(50):
            with native_output_dropped():
                print_natively(b"noise")

    threads = [threading.Thread(target=drop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print_natively(b"words")
    assert capfd.readouterr() == ("words", "words")


def test_a_midi_system_that_is_not_there_says_nothing_itself(capfd):
    def make(**_):
        print_natively(b"ALSA lib seq_hw.c:466: no such file")
        raise rtmidi.SystemError("no")

    with pytest.raises(DeviceError, match="no MIDI system of this machine answers"):
        open_api(make)
    assert capfd.readouterr() == ("", "")
