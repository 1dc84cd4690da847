"""The panel as a process: how it starts and ends, and who is let in over real sockets."""

import asyncio
import contextlib
import http.client
import importlib.util
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from functools import lru_cache
from urllib.parse import urlsplit

import pytest

from core.errors import ConfigError, DeviceError, SoundError
from models.installed import find_model
from panel.app import _open_socket, _Plain
from panel.sound.local_model import read_local_model
from panel.sound.uploads import read_exported_take, read_upload, save_upload
from server.running.panel_process import PanelProcess
from synths.space_files import load_space
from tests.panel.conftest import free_tcp_port, house_of
from tests.support.live import ROOT, eventually
from tests.support.tiny_model import write_tiny_model


@pytest.fixture(scope="module")
def small_house(tmp_path_factory):
    """A tiny model, so that it starts at once."""
    folder = tmp_path_factory.mktemp("house")
    with house_of(write_tiny_model(folder / "tiny"), folder / "data", "--panel-host", "127.0.0.1") as house:
        yield house


def ask(house, path="/", method="GET", host=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{house.port}")
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def token_of(house):
    return house.url.split("token=")[1]


@lru_cache
def cookie_of_port(port, token):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", f"/?token={token}")
    cookie = connection.getresponse().headers["set-cookie"].split(";")[0]
    connection.close()
    return cookie


def cookie_of(house):
    return cookie_of_port(house.port, token_of(house))


def test_pages_and_sounds_need_the_token(small_house):
    assert ask(small_house)[0] == 401
    assert ask(small_house, "/panel/presets.json")[0] == 401
    status, headers, body = ask(small_house, f"/?token={token_of(small_house)}")
    assert status == 200 and b"Flow Synth Live" in body
    assert "SameSite=Strict" in headers["set-cookie"] and headers["referrer-policy"] == "no-referrer"
    assert token_of(small_house).encode() not in body
    assert ask(small_house, "/panel/presets.json", Cookie=cookie_of(small_house))[0] == 200


def test_hundreds_that_show_nothing_do_not_keep_the_owner_out(small_house):
    cookie = cookie_of(small_house)
    with contextlib.ExitStack() as stack:
        idle = []
        for k in range(300):
            idle.append(stack.enter_context(socket.create_connection(("127.0.0.1", small_house.port), 20)))
            if k % 2:
                idle[-1].sendall(b"GET / HTTP/1.1\r\nX: ")
        assert ask(small_house, "/panel/presets.json", Cookie=cookie)[0] == 200
        assert sum(is_open(sock) for sock in idle) <= 32
        assert eventually(lambda: not any(map(is_open, idle)), 15.0)


def is_open(sock):
    sock.setblocking(False)
    try:
        return sock.recv(4096) != b"" and is_open(sock)
    except BlockingIOError:
        return True
    except OSError:
        return False


def test_every_style_and_script_is_loaded_served_and_sent_again_only_if_it_changed(small_house):
    static = ROOT / "panel" / "static"
    scripts = [*static.rglob("*.js"), *(ROOT / "panel" / "components").glob("*.js")]
    _, _, body = ask(small_house, f"/?token={token_of(small_house)}")
    text = body.decode() + "".join(path.read_text(encoding="utf-8") for path in scripts)
    named = set(re.findall(r"panel/static/([\w/]+\.\w+)", text))
    assert named == {p.relative_to(static).as_posix() for p in static.rglob("*.*")} - {"icon.svg"}
    for path in (f"/panel/static/{name}" for name in named):
        with_cookie = {"Cookie": cookie_of(small_house)}
        status, headers, _ = ask(small_house, path, **with_cookie)
        assert status == 200 and headers["cache-control"] == "public, max-age=0"
        assert ask(small_house, path, If_None_Match=headers["etag"], **with_cookie)[0] == 304


def test_a_rebinding_name_and_a_foreign_page_are_refused(small_house):
    with_cookie = {"Cookie": cookie_of(small_house)}
    assert ask(small_house, host=f"evil.example:{small_house.port}", **with_cookie)[0] == 421
    assert ask(small_house, Origin="http://evil.example", **with_cookie)[0] == 403
    assert ask(small_house, "/_nicegui_ws/socket.io/?EIO=4&transport=polling")[0] == 401


@pytest.mark.parametrize(
    ("headers", "good"),
    [
        ({}, False),
        ({"Cookie": "own"}, False),
        ({"Origin": "own"}, False),
        ({"Origin": "http://evil.example", "Cookie": "own"}, False),
        ({"Origin": "null", "Cookie": "own"}, False),
        ({"Origin": "own", "Cookie": "own"}, True),
    ],
)
def test_a_websocket_needs_origin_and_cookie(small_house, headers, good):
    own = {"Cookie": cookie_of(small_house), "Origin": f"http://127.0.0.1:{small_house.port}"}
    given = {name: own[name] if value == "own" else value for name, value in headers.items()}
    for path in ("/_nicegui_ws/socket.io/?EIO=4&transport=websocket", "/panel/feed"):
        assert ask_websocket(small_house, given, path)[0] == (101 if good else 403)


def ask_websocket(house, headers, path):
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{house.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as sock:
        sock.sendall("\r\n".join([*lines, "", ""]).encode())
        first = sock.recv(4096).decode("latin-1")
    return int(first.split()[1]), first, None


NONSENSE = ["", "{", "[]", "3", '{"drawn": "x"}', '{"drawn": 99999, "view": []}', b"\xff\x00", "x" * 100_000]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_a_page_that_talks_nonsense_breaks_nothing_and_the_others_are_told(small_house, nonsense):
    from websockets.sync.client import connect

    address = f"ws://127.0.0.1:{small_house.port}/panel/feed"
    headers = {"Cookie": cookie_of(small_house)}
    origin = f"http://127.0.0.1:{small_house.port}"
    with connect(address, origin=origin, additional_headers=headers) as wild:
        first = json.loads(wild.recv(10))
        assert first["serial"] == 1 and len(first["macros"]) == len(first["names"]) > 0
        wild.send(nonsense)
        with connect(address, origin=origin, additional_headers=headers) as tame:
            tame.send(json.dumps({"view": "play"}))
            serial = json.loads(tame.recv(10))["serial"]
            tame.send(json.dumps({"drawn": serial}))
            with small_house.server.client() as client:
                client.send("/flow/macro", 0, 0.123)
                while json.loads(tame.recv(10)).get("macros", [0])[0] != pytest.approx(0.123, abs=1e-3):
                    serial += 1
                    tame.send(json.dumps({"drawn": serial}))
                client.send("/flow/macro", 0, 0.5)
    assert "Traceback" not in small_house.server.said()


def test_a_body_that_is_too_long_is_refused_before_it_is_read(small_house):
    status, _, _ = ask(
        small_house, "/panel/presets.json", "POST", Cookie=cookie_of(small_house), Content_Length=str(2**31)
    )
    assert status == 413


def test_names_of_presets_and_files_are_only_ever_text(small_house):
    with_cookie = {"Cookie": cookie_of(small_house)}
    assert ask(small_house, "/panel/preset.wav?name=..%2F..%2Fetc%2Fpasswd", **with_cookie)[0] == 409
    assert ask(small_house, "/panel/static/..%2f..%2fapp.py", **with_cookie)[0] == 404
    assert ask(small_house, "/panel/note.wav?note=9999", **with_cookie)[0] == 409
    assert ask(small_house, "/panel/note.wav?note=x", **with_cookie)[0] == 422
    assert ask(small_house, "/openapi.json", **with_cookie)[0] in (404, 405)


def test_a_model_that_no_engine_here_plays_says_so(small_house):
    status, _, body = ask(small_house, "/panel/note.wav", Cookie=cookie_of(small_house))
    assert status == 409 and b"play the synth itself" in body


def test_the_token_is_in_no_log(small_house):
    said = [line for line in small_house.server.said().splitlines() if not line.startswith("panel: ")]
    assert token_of(small_house) not in "\n".join(said)


def alive(port):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL to send")
def test_the_panel_does_not_outlive_a_server_that_was_killed(tmp_path):
    with house_of(write_tiny_model(tmp_path / "tiny"), tmp_path / "data") as house:
        assert alive(house.port)
        os.kill(house.server.process.pid, signal.SIGKILL)
        assert eventually(lambda: not alive(house.port), 15.0)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows breaks no pipes")
def test_a_panel_whose_server_is_killed_while_it_starts_ends_without_a_traceback(tmp_path):
    command = [sys.executable, "-m", "panel", "--until-stdin-closes", "--port", str(free_tcp_port())]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = subprocess.Popen([*command, "--data", str(tmp_path)], cwd=ROOT, **pipes)
    process.stdin.close()
    process.stdout.close()  # as when the server that reads it is killed
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(30) == 0 and "Traceback" not in said, said


def test_a_panel_whose_server_is_killed_while_it_waits_for_its_port_ends_at_once(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "panel", "--until-stdin-closes", "--data", str(tmp_path)]
        command += ["--port", str(taken.getsockname()[1])]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
        assert process.wait(18.0) == 0  # it would wait for 20 s, and fail


def test_without_nicegui_one_line_says_what_to_type(monkeypatch):
    monkeypatch.setattr("server.running.panel_process.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install -e '\.\[panel\]'|pip install -e \"\.\[panel\]\""):
        PanelProcess([], print)
    assert importlib.util.find_spec("nicegui") is not None


def test_a_taken_port_is_one_line_and_the_usual_one_gives_way(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "panel", "--port", str(port), "--data", str(tmp_path)],
            cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 2 and done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert str(port) in line and "--panel-port" in line
        with pytest.raises(DeviceError):
            _open_socket("127.0.0.1", port)
    with _open_socket("127.0.0.1", None) as one, _open_socket("127.0.0.1", None) as two:
        assert one.getsockname()[1] != two.getsockname()[1]
    with pytest.raises(ConfigError, match="--panel-host"):
        _open_socket("no.such.host.invalid", free_tcp_port())


def test_the_port_of_a_panel_that_is_ending_is_waited_for():
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    ending = threading.Timer(0.3, taken.close)
    ending.start()
    with _open_socket("127.0.0.1", port, 5.0) as sock:
        assert sock.getsockname()[1] == port
    ending.join()


@pytest.mark.parametrize(
    ("error", "is_logged"), [(asyncio.CancelledError(), False), (ValueError("a bug"), True)]
)
def test_requests_that_are_given_up_at_the_end_are_no_bugs(error, is_logged):
    found = (type(error), error, None)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "failed", (), found)
    assert _Plain().filter(record) is is_logged
    assert _Plain().filter(logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "failed", (), None))


def test_a_space_is_recognised_by_its_labels_when_the_model_is_elsewhere():
    labels = tuple(p.label for p in load_space("vital-32"))
    shipped, elsewhere = read_local_model("vital-32", labels), read_local_model("somewhere-else", labels)
    assert shipped.space.names == elsewhere.space.names
    assert read_local_model("vital-32", ("other", "labels")).space is None
    path = find_model("vital-32")
    assert read_local_model("vital-32", labels, path).space.names == shipped.space.names


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"\0" * 5000, b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\xff" * 64, b"<svg/>"]
)
def test_what_is_no_sound_is_refused_in_words(data, tmp_path):
    with pytest.raises(Exception, match="wav|short|empty") as caught:
        save_upload(tmp_path, data)
    assert type(caught.value).__name__ == "SoundError" and list(tmp_path.iterdir()) == []


def test_a_kept_sound_is_a_take_that_the_server_reads(tmp_path):
    import io

    import numpy as np
    import soundfile

    from server.sketch.folder import check_file_name, is_take_file

    file = io.BytesIO()
    stereo = np.random.default_rng(0).uniform(-0.5, 0.5, (8_000, 2))
    soundfile.write(file, stereo, 48_000, format="FLAC")
    path = save_upload(tmp_path / "Skizzen mit ä", file.getvalue())
    assert check_file_name(path.name) == path.name and is_take_file(path.name)
    audio, rate = read_upload(path.read_bytes())
    assert rate == 48_000 and np.allclose(audio, stereo.mean(axis=1), atol=2e-4)
    # What is heard of it begins where the sound does, as an answer does; and what was lent is gone then.
    soundfile.write(path, np.concatenate([np.zeros(24_000), audio]), rate)
    heard, rate = read_exported_take(path)
    assert rate == 48_000 and len(audio) <= len(heard) <= len(audio) + 0.02 * rate and not path.exists()
    with pytest.raises(SoundError):
        read_exported_take(path)


def test_the_address_is_that_of_a_browser(small_house):
    parts = urlsplit(small_house.url)
    assert parts.scheme == "http" and parts.port == small_house.port and parts.path == "/"
