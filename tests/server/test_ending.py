"""The end comes in time: after Ctrl-C, whatever is stuck, and nothing that is lost goes unsaid."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from server.running.ending import END_S, last_words, stop_all
from tests.support.live import ROOT, Running, eventually, free_port, running_server

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send to a process")
SLACK_S = 6.0  # a shared machine stalls


def ended_within(process, seconds):
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(seconds)
    return None


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_dripping_oscquery_client_does_not_hold_the_end_up(tiny, tmp_path, name):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running_server(tiny, tmp_path, "--oscquery", str(port)) as running:
        dripping = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        for sock in dripping:
            sock.sendall(b"GET /")
        # It answers others meanwhile.
        with socket.create_connection(("127.0.0.1", port), timeout=20) as other:
            other.sendall(b"GET /?HOST_INFO HTTP/1.0\r\n\r\n")
            assert other.recv(64).startswith(b"HTTP/1.0 200")
        os.kill(running.process.pid, getattr(signal, name))
        assert ended_within(running.process, END_S + SLACK_S) == 0
        assert running.said().splitlines()[-1] == "stopped"
        for sock in dripping:
            sock.close()


@posix
def test_what_is_not_saved_at_the_end_is_named_and_the_status_says_so(tiny, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text(
        "import sys, time, runpy\n"
        "import core.atomic_file as files\n"
        "files.os.fsync = lambda handle: time.sleep(60)\n"
        "sys.argv = ['run_server.py', *sys.argv[1:]]\n"
        "runpy.run_path('run_server.py', run_name='__main__')\n"
    )
    with started(tiny, tmp_path, slow) as running:
        with running.client() as client:
            for name in ("Monday", "Tuesday"):
                client.send("/flow/preset/save", name)
            client.receive_all(0.3)
            os.kill(running.process.pid, signal.SIGINT)
            assert ended_within(running.process, END_S + SLACK_S) == 1
            said = [values for address, values in client.receive_all(0.3) if address == "/flow/error"]
        assert "NOT SAVED: preset 'Monday', preset 'Tuesday'" in running.said()
        assert [text for _, text in said if "Monday" in text]


@contextlib.contextmanager
def started(tiny, tmp_path, script):
    """A server that a script starts, and has changed something in."""
    port, reply_port, log = free_port(), free_port(), tmp_path / "log.txt"
    command = [sys.executable, str(script), "--model", str(tiny), "--data", str(tmp_path)]
    command += ["--port", str(port), "--reply-port", str(reply_port)]
    with log.open("w") as stream:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=stream, env=environment)
    running = Running(process, port, reply_port, log)
    try:
        assert eventually(lambda: "Flow Synth Live" in running.said() or "loading" in running.said(), 60.0)
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


STUCK = """
import sys, time, runpy, threading
import server.running.jobs, server.start
def never(*_):
    while True:
        time.sleep(0.1)
{how}
sys.argv = ['run_server.py', *sys.argv[1:]]
runpy.run_path('run_server.py', run_name='__main__')
"""
HOW = {
    "a model that never loads": "print('loading', flush=True); server.start.load_model = never",
    "a worker that never ends": "server.running.jobs.Jobs.stop = never",
    "a thread that nobody stops": "threading.Thread(target=never).start()",
    "a loop that stands": "server.start.Bridge.tick = never",
}


@posix
@pytest.mark.parametrize("how", HOW)
def test_the_first_signal_ends_it_whatever_is_stuck(tiny, tmp_path, how):
    script = tmp_path / "stuck.py"
    script.write_text(STUCK.format(how=HOW[how]))
    with started(tiny, tmp_path, script) as running:
        time.sleep(0.5)
        os.kill(running.process.pid, signal.SIGINT)
        assert ended_within(running.process, END_S + SLACK_S) is not None
        assert "stopped" in running.said() and "Traceback" not in running.said()


@posix
def test_the_second_signal_ends_it_at_once(tiny, tmp_path):
    script = tmp_path / "stuck.py"
    script.write_text(
        STUCK.format(
            how="import server.running.ending; server.running.ending.END_S = 60.0\n"
            + HOW["a model that never loads"]
        )
    )
    with started(tiny, tmp_path, script) as running:
        time.sleep(0.5)
        os.kill(running.process.pid, signal.SIGINT)
        assert ended_within(running.process, 1.0) is None
        os.kill(running.process.pid, signal.SIGINT)
        assert ended_within(running.process, SLACK_S) == 1
        assert "stopped (stopped at once)" in running.said()


def test_things_are_stopped_at_once_and_the_slow_ones_are_named():
    gate, done = threading.Event(), []
    began = time.monotonic()
    stops = {
        "slow": lambda: gate.wait(20),
        "quick": lambda: done.append(1),
        "broken": lambda: time.sleep(0.05),
    }
    assert stop_all(stops, 0.3) == ["slow"]
    assert done == [1] and time.monotonic() - began < 3.0
    gate.set()


def test_a_stop_that_fails_is_logged_and_the_others_go_on(caplog):
    done = []
    assert stop_all({"broken": lambda: 1 / 0, "quick": lambda: done.append(1)}, 5.0) == []
    assert done == [1] and "broken could not be stopped" in caplog.text


def test_last_words():
    assert last_words([]) == "stopped"
    assert last_words(["preset 'A'", "bindings of X"]) == "stopped; NOT SAVED: preset 'A', bindings of X"
