"""The loop's thread runs soon; what it starts does not inherit that, and a refusal does no harm."""

import ctypes
import os
import platform
import subprocess
import sys
import threading

import pytest

from core.system import live_priority
from core.system.live_priority import SLICE_NS, ask_for_slice, raise_priority

linux = pytest.mark.skipif(sys.platform != "linux", reason="a slice of its own is Linux's")


def in_a_thread(act):
    """Run something in a thread of its own, which keeps what it was granted to itself."""
    found = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join()
    return found[0]


def slice_ns():
    """Read the present thread's slice; 0 on a kernel that has none of its own."""
    buffer = ctypes.create_string_buffer(48)
    get, _ = live_priority._SYSCALLS[platform.machine()]
    assert ctypes.CDLL(None).syscall(get, 0, buffer, 48, 0) == 0
    return live_priority._ATTRIBUTES.unpack(buffer.raw)[5]


def policy():
    """Policy and priority of the present thread."""
    return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK, os.sched_getparam(0).sched_priority


@linux
def test_the_thread_has_the_lowest_real_time_priority_and_what_it_starts_has_not():
    ordinary = policy()

    def act():
        granted = raise_priority() and policy()[0] == os.SCHED_RR
        process = subprocess.run(
            [sys.executable, "-c", "from tests.core.test_live_priority import policy; print(policy())"],
            capture_output=True,
            text=True,
        )
        return granted, policy(), in_a_thread(policy), process.stdout.strip()

    granted, own, thread, process = in_a_thread(act)
    assert policy() == thread == ordinary and process == str(ordinary)
    assert own == ((os.SCHED_RR, 1) if granted else ordinary)


@linux
def test_without_the_right_to_real_time_there_is_a_short_slice(monkeypatch):
    def refused(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refused)
    assert not live_priority.ask_for_real_time()
    assert in_a_thread(lambda: raise_priority() and slice_ns()) in (SLICE_NS, False)


@linux
def test_the_thread_has_a_short_slice_and_what_it_starts_has_not():
    ordinary = slice_ns()

    def act():
        granted = ask_for_slice(SLICE_NS)
        process = subprocess.run(
            [sys.executable, "-c", "from tests.core.test_live_priority import slice_ns; print(slice_ns())"],
            capture_output=True,
            text=True,
        )
        return granted, slice_ns(), in_a_thread(slice_ns), int(process.stdout)

    granted, own, thread, process = in_a_thread(act)
    if not granted:
        pytest.skip("a kernel before 6.12, or another processor: nothing was asked for")
    assert own == SLICE_NS and thread == process == ordinary
    assert slice_ns() == ordinary  # nobody else was touched


@linux
@pytest.mark.parametrize("wanted", [1, 10**12, -1])
def test_a_slice_that_is_not_granted_is_said_to_be_none(wanted):
    if not in_a_thread(lambda: ask_for_slice(SLICE_NS)):
        pytest.skip("a kernel before 6.12, or another processor")
    assert not in_a_thread(lambda: ask_for_slice(wanted % 2**64))
    assert not in_a_thread(lambda: ask_for_slice(SLICE_NS, 2**30))  # no such thread


def test_a_system_that_knows_none_of_it_does_no_harm(monkeypatch):
    def missing(*_):
        raise OSError("no such library")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    monkeypatch.setattr(live_priority, "ask_for_real_time", lambda: False)
    for system in ("linux", "darwin", "win32", "sunos"):
        monkeypatch.setattr(sys, "platform", system)
        assert raise_priority() is False
    monkeypatch.setattr(platform, "machine", lambda: "pdp11")
    assert ask_for_slice(SLICE_NS) is False
