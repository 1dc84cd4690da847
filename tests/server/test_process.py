"""The whole server, as a process, over real sockets."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.errors import BridgeError, DeviceError
from server.client import Client, main, typed
from server.osc.builder import build
from tests.support.live import ROOT, eventually, free_port, listening, read, running_server


def command(*options: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "run_server.py", *options], cwd=ROOT, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip


def test_the_first_line_says_what_runs(server):
    (line,) = server.said().splitlines()
    assert f"127.0.0.1:{server.port}" in line and "model tiny" in line and "CPU" in line
    assert "onnxruntime" in line and "numpy" in line and " ms" in line


def test_a_macro_is_answered_by_a_frame(server):
    with server.client() as client:
        client.send("/flow/macro", 0, 0.8)
        sequence, *values = client.wait_for("/flow/params")
        assert len(values) == 32 and all(0.0 <= v <= 1.0 for v in values)


def test_a_stranger_is_answered_on_the_reply_port(server):
    with listening(server.reply_port) as ears:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            mouth.sendto(build("/flow/ping", "i", 3), ("127.0.0.1", server.port))
        assert read(ears.recv(8192))[:2] == ("/flow/pong", 3)


def test_patch_latent_patch_over_the_wire(server):
    patch = [0.0, 1.0] * 16
    with server.client() as client:
        client.send("/flow/patch", *patch)
        latent = client.wait_for("/flow/latent")
        client.send("/flow/vary", 1.0)
        client.wait_for("/flow/latent")
        client.send("/flow/latent", *latent)
        assert np.allclose(client.wait_for("/flow/params")[1:], patch, atol=1e-3)


def test_several_clients_stay_in_step(server):
    with server.client(name="a") as a, server.client(name="b") as b:
        a.receive_all(0.2), b.receive_all(0.2)
        a.send("/flow/macro", 3, 0.123)
        frame = a.wait_for("/flow/params")
        assert b.wait_for("/flow/params") == frame
        assert b.wait_for("/flow/macros")[3] == pytest.approx(0.123, abs=1e-6)


def test_all_presets_and_names_arrive(server):
    with server.client() as client:
        client.send("/flow/presets")
        client.send("/flow/names")
        got = [address for address, _ in client.receive_all(0.5)]
        assert got.count("/flow/preset") == 20
        assert got.count("/flow/name") == 32 and got.count("/flow/macroname") == 8


def test_knobs_do_not_wait_for_a_model_to_load(server):
    with server.client() as client:
        client.receive_all(0.2)
        waits = []
        for n in range(6):
            client.send("/flow/model", "tiny")
            for k in range(20):
                start = time.perf_counter()
                client.send("/flow/macro", k % 8, 0.1 * n)
                client.wait_for("/flow/params")
                waits.append(time.perf_counter() - start)
        # Loading takes 0.2 s and more; half of that would mean that a knob had waited for it. A busy machine
        # may stall twice, but six knobs that waited for six models are more.
        assert np.median(waits) < 0.02 and sorted(waits)[-3] < 0.1


def test_memory_and_start_up_are_small(server):
    import psutil

    process = psutil.Process(server.process.pid)
    assert process.memory_info().rss < 500 * 2**20
    if sys.platform == "linux":
        loaded = Path(f"/proc/{process.pid}/maps").read_text()
        assert not [name for name in ("torch", "vita", "scipy") if f"/{name}/" in loaded]


def test_the_client_command_prints_answers(server, capsys):
    given = ["/flow/macro", "0", "0.8", "--wait", "0.3", "--port", str(server.port)]
    assert main(given) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("/flow/params ") and len(line.split()) == 34 for line in lines)
    assert main(["/flow/macro", "zero", "--port", str(server.port)]) == 2
    assert "'k' is a number, not 'zero'" in capsys.readouterr().err


def test_the_client_command_says_when_there_is_no_server(capsys):
    assert main(["/flow/names", "--port", str(free_port())]) == 2
    assert "python run_server.py" in capsys.readouterr().err
    assert typed("/flow/latent", ["1", "2"]) == [1.0, 2.0]
    with pytest.raises(DeviceError):
        Client(free_port(), timeout_s=0.1)


def test_two_servers_on_two_ports(tiny, tmp_path, server):
    with running_server(tiny, tmp_path) as second, server.client() as a, second.client() as b:
        assert a.welcome[1] != b.welcome[1]
        b.receive_all(0.2)
        a.send("/flow/macro", 0, 0.25)
        assert a.wait_for("/flow/params") and b.wait_for("/flow/params", 0.3) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_signals_stop_it_cleanly(tiny, tmp_path, name):
    with running_server(tiny, tmp_path) as running:
        client = running.client()
        client.send("/flow/preset/save", "Last words")
        client.receive_all(0.1)
        os.kill(running.process.pid, getattr(signal, name))
        assert running.process.wait(5) == 0
        goodbye = [v for a, v in client.receive_all(0.2) if a == "/flow/status"]
        client.close()
    assert running.said().splitlines()[-1] == "stopped"
    assert "Traceback" not in running.said()
    assert ["the server has stopped"] in goodbye
    assert [path.name for path in (tmp_path / "presets").glob("*.json")] == ["Last words.json"]


def test_a_busy_port_says_who_should_do_what(tiny, server):
    done = command("--model", str(tiny), "--port", str(server.port))
    assert done.returncode == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert f"port {server.port}" in line and "--port" in line and "Stop that one" in line


BREAKS = {
    "missing": lambda f: (f / "weights.safetensors").unlink(),
    "truncated": lambda f: (f / "weights.safetensors").write_bytes(
        (f / "weights.safetensors").read_bytes()[:1000]
    ),
    "mismatched": lambda f: shutil.copy(f.parent / "other/macros.safetensors", f),
    "no settings": lambda f: (f / "model.yaml").unlink(),
    "damaged settings": lambda f: (f / "model.yaml").write_text("[\n"),
}


@pytest.mark.parametrize("how", BREAKS)
def test_a_broken_model_folder_is_one_line(models, tmp_path, how):
    shutil.copytree(models / "tiny", tmp_path / "tiny")
    shutil.copytree(models / "other", tmp_path / "other")
    BREAKS[how](tmp_path / "tiny")
    done = command("--model", str(tmp_path / "tiny"), "--port", str(free_port()))
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr
    assert str(tmp_path) in done.stderr


def test_other_mistakes_on_the_command_line(tiny):
    port = str(free_port())
    for options, says in [
        (["--model", "nowhere"], "nowhere"),
        (["--model", str(tiny), "--port", port, "--reply-port", port], "--reply-port"),
        (["--model", str(tiny), "--port", port, "--host", "no.such.host.invalid"], "--host"),
    ]:
        done = command(*options)
        assert done.returncode == 2 and says in done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr


def test_other_hosts_must_be_asked_for_and_are_warned_about(tiny, tmp_path):
    with running_server(tiny, tmp_path, "--host", "0.0.0.0") as running:
        assert eventually(lambda: "WARNING" in running.said())
        assert "whoever reaches this machine" in running.said()
        with running.client() as client:
            client.send("/flow/macro", 0, 0.5)
            assert client.wait_for("/flow/params")


def test_a_model_named_wrongly_is_a_bridge_error():
    from models.installed import find_model

    with pytest.raises(BridgeError, match="no model"):
        find_model("nowhere at all")


def test_an_audition_that_cannot_render_leaves_the_knobs_alone(tiny, tmp_path):
    with running_server(tiny, tmp_path, "--audition-to", str(tmp_path / "notes")) as running:
        with running.client() as client:
            for value in (0.2, 0.8):
                client.send("/flow/macro", 0, value)
                assert client.wait_for("/flow/params")
                assert client.wait_for("/flow/latent")  # it has come to rest
        assert running.process.poll() is None
    assert running.said().splitlines()[-1] == "stopped"
