"""Processes beside the server that freeze or die: they come back, with a word."""

import os
import signal
import sys
import time

import pytest

from server.running.panel_process import PanelProcess
from server.sketch import processes as sketch_processes
from server.sketch.heartbeat import BEAT, SharedPipe, start_beating
from server.sketch.messages import PrepareTake, ProcessEnded
from server.sketch.processes import SketchProcesses
from tests.support.live import eventually

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot stop a process for a while")
LIMIT_S = 90.0  # a shared machine stalls


@pytest.fixture
def impatient(monkeypatch):
    """A watch that looks ten times a second, at processes that beat once."""
    monkeypatch.setattr(sketch_processes, "_BEATS_S", 0.25)
    monkeypatch.setattr(sketch_processes, "_SILENT_BEATS", 24)
    monkeypatch.setattr(sketch_processes, "_SETTLED_BEATS", 1)


@pytest.fixture
def sketching(tmp_path, impatient):
    made = SketchProcesses(lambda: None, tmp_path)
    made.send_to_answer_process(PrepareTake(1, str(tmp_path), False))
    assert eventually(lambda: "answer" in made._children and made._children["answer"].n_beats > 0, LIMIT_S)
    yield made
    made.stop()


def pid_of(made):
    return made._children["answer"]._process.pid


@posix
def test_a_frozen_process_is_ended_and_comes_back_with_a_word(sketching):
    frozen = pid_of(sketching)
    os.kill(frozen, signal.SIGSTOP)
    assert eventually(lambda: sketching.waiting, LIMIT_S)
    (report,) = sketching.collect()
    assert isinstance(report, ProcessEnded) and report.process == "answer"
    assert "did not answer" in report.text and "Sketch again" in report.text
    assert eventually(
        lambda: pid_of(sketching) != frozen and sketching._children["answer"].n_beats > 0, LIMIT_S
    )
    assert sketching.collect() == []  # the new one is well


@posix
def test_a_killed_process_comes_back_too(sketching):
    killed = pid_of(sketching)
    os.kill(killed, signal.SIGKILL)
    assert eventually(lambda: sketching.waiting, LIMIT_S)
    (report,) = sketching.collect()
    assert isinstance(report, ProcessEnded) and "ended" in report.text
    assert eventually(lambda: pid_of(sketching) != killed, LIMIT_S)


@posix
def test_a_frozen_process_does_not_hold_the_end_up(sketching):
    child = sketching._children["answer"]._process
    os.kill(child.pid, signal.SIGSTOP)
    began = time.monotonic()
    sketching.stop(0.3)
    assert time.monotonic() - began < 5.0
    assert eventually(lambda: not child.is_alive(), 5.0)


def test_a_process_that_is_stuck_stops_beating():
    import multiprocessing

    ours, theirs = multiprocessing.Pipe()
    well = [True]
    start_beating(SharedPipe(theirs), lambda: well[0])
    assert ours.poll(10.0) and ours.recv_bytes() == BEAT
    well[0] = False
    time.sleep(1.2)
    while ours.poll(0):
        ours.recv_bytes()
    assert not ours.poll(1.5)
    ours.close()


# -- the panel

FAKE = """
import sys, threading, time, os
print("panel: http://127.0.0.1:4321/?token=secret", flush=True)
print("options", *sys.argv[1:], flush=True)
def beat():
    while True:
        sys.stdout.buffer.write(b"\\0\\n"); sys.stdout.buffer.flush()
        time.sleep(0.1)
threading.Thread(target=beat, daemon=True).start()
sys.stdin.buffer.read()
"""


@pytest.fixture
def panel(tmp_path, monkeypatch):
    pytest.importorskip("nicegui")
    monkeypatch.setattr("server.running.panel_process._LOOK_S", 0.25)
    monkeypatch.setattr("server.running.panel_process._SILENT_LOOKS", 16)
    script, lines = tmp_path / "fake.py", []
    script.write_text(FAKE)
    made = PanelProcess(["--open"], lines.append, (sys.executable, str(script)))
    made.lines = lines
    made.start()
    assert eventually(lambda: len(lines) == 2 and made._has_beaten, LIMIT_S)
    yield made
    made.stop()
    assert made._process.poll() is not None


@posix
@pytest.mark.parametrize("how", ["SIGKILL", "SIGSTOP"])
def test_a_panel_that_dies_or_hangs_is_started_again_at_the_same_port(panel, how):
    assert panel.lines[1] == "options --open"
    os.kill(panel._process.pid, getattr(signal, how))
    assert eventually(lambda: len(panel.lines) == 5, LIMIT_S)
    word, address, options = panel.lines[2:]
    assert "starts again" in word and ("did not answer" in word) == (how == "SIGSTOP")
    assert address == panel.lines[0] and options == "options --port 4321"  # no second page is opened


@posix
def test_a_panel_that_dies_each_time_is_given_up(panel):
    while "by hand" not in panel.lines[-1]:
        before = panel._process
        os.kill(before.pid, signal.SIGKILL)
        n = len(panel.lines)
        assert eventually(lambda n=n: len(panel.lines) >= n + 3 or "by hand" in panel.lines[-1], LIMIT_S)
    assert sum("starts again" in line for line in panel.lines) == 2
    assert panel._process.poll() is not None


def test_a_panel_that_ends_by_itself_stays_ended(tmp_path, monkeypatch):
    pytest.importorskip("nicegui")
    monkeypatch.setattr("server.running.panel_process._LOOK_S", 0.25)
    lines = []
    made = PanelProcess([], lines.append, (sys.executable, "-c", "import sys; print('no port'); sys.exit(2)"))
    made.start()
    made._watching.join(LIMIT_S)
    assert not made._watching.is_alive() and eventually(lambda: lines == ["no port"], 5.0)


@posix
def test_a_panel_that_hangs_does_not_hold_the_end_up(panel):
    os.kill(panel._process.pid, signal.SIGSTOP)
    began = time.monotonic()
    panel.stop()
    assert time.monotonic() - began < 5.0 and panel._process.poll() is not None
