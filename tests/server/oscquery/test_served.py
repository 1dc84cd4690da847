"""OSCQuery through a real server, a real HTTP client and a real mDNS browser, on loopback."""

import http.client
import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.live import ROOT, eventually, free_port, running_server

JSON, OSC = "_oscjson._tcp.local.", "_osc._udp.local."


def tcp_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture(scope="module")
def served(tiny, tmp_path_factory):
    port = tcp_port()
    with running_server(tiny, tmp_path_factory.mktemp("data é"), "--oscquery", str(port)) as running:
        running.http_port = port
        yield running


def get(served, target, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", served.http_port, timeout=5)
    connection.request(method, target)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    is_json = answer.getheader("Content-Type") == "application/json"
    return answer.status, json.loads(body) if body and is_json else None


def test_the_tree_is_what_the_server_plays(served):
    status, root = get(served, "/")
    macros = root["CONTENTS"]["flow"]["CONTENTS"]["macro"]["CONTENTS"]
    assert status == 200 and macros["2"]["DESCRIPTION"] == "Macro 2"
    with served.client() as client:
        client.send("/flow/macro/2", 0.25)  # as a program does that read the tree
        assert client.wait_for("/flow/params")
        assert get(served, "/flow/macro/2?VALUE") == (200, {"VALUE": [pytest.approx(0.25, abs=1e-5)]})
        client.send("/flow/macro/2", 7.0)
        assert "0 to 1" in client.wait_for("/flow/error")[1]
        client.send("/flow/macro/99", 0.5)
        assert client.wait_for("/flow/error")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/?HOST_INFO", 200),
        ("/flow/macro/0?RANGE", 200),
        ("/flow/vary?VALUE", 204),
        ("/flow/vary?NONSENSE", 400),
        ("/nothing", 404),
        ("/%66low/macro/1", 200),
        ("/..%2f..%2fetc/passwd", 404),
        ("/" + "x" * 5_000, 404),
    ],
)
def test_each_request_has_its_answer(served, target, status):
    assert get(served, target)[0] == status


def test_it_reads_and_never_writes(served):
    for method in ("POST", "PUT", "DELETE"):
        assert get(served, "/flow/macro/0", method)[0] == 501
    assert get(served, "/", "HEAD") == (200, None)


def test_bad_requests_leave_it_answering(served):
    for data in (
        b"\0" * 1000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET http://[ HTTP/1.0\r\n\r\n",
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000,
    ):
        with socket.create_connection(("127.0.0.1", served.http_port), timeout=5) as sock:
            sock.sendall(data)
    assert get(served, "/?HOST_INFO")[1]["NAME"] == "Flow Synth Live"
    assert "Traceback" not in served.said()


def test_it_is_found_by_mdns(served):
    pytest.importorskip("zeroconf", reason="python -m pip install zeroconf")
    # In a thread of its own: zeroconf takes the event loop of the thread that it is made in, and browser
    # tests before this one leave one in the main thread that does not run.
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(browse, {served.http_port, served.port}).result()
    assert found == {JSON: ("127.0.0.1", served.http_port), OSC: ("127.0.0.1", served.port)}


@pytest.mark.skipif(sys.platform != "linux", reason="the option has another name elsewhere")
def test_the_default_host_is_announced_to_this_machine_only():
    pytest.importorskip("zeroconf", reason="python -m pip install zeroconf")
    from server.oscquery.announce import Announcement

    announcement = Announcement("127.0.0.1", tcp_port(), free_port())
    try:
        announcement._thread.join(10.0)
        assert _device(announcement) == {b"lo"}
    finally:
        announcement.stop()


def _device(announcement):
    readers = announcement._zeroconf.engine.readers
    option = socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16
    return {reader.sock.getsockopt(*option).rstrip(b"\0") for reader in readers}


def browse(ports):
    """What a browser of services finds at these ports: address and port, by kind."""
    import zeroconf

    found = {}

    class Listener(zeroconf.ServiceListener):
        def add_service(self, zc, kind, name):
            info = zc.get_service_info(kind, name)
            if info is not None and info.port in ports:
                found[kind] = (socket.inet_ntoa(info.addresses[0]), info.port)

        update_service = remove_service = lambda *_: None

    browser = zeroconf.Zeroconf(interfaces=["127.0.0.1"])
    try:
        browsers = [zeroconf.ServiceBrowser(browser, kind, Listener()) for kind in (JSON, OSC)]
        eventually(lambda: len(found) == 2, 60.0)  # others on this machine may announce themselves, too
        for one in browsers:
            one.cancel()
    finally:
        browser.close()
    return found


def test_a_taken_port_is_told(served, tiny, tmp_path):
    command = [sys.executable, "run_server.py", "--model", str(tiny), "--data", str(tmp_path)]
    command += ["--port", str(free_port()), "--oscquery", str(served.http_port)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert said.returncode == 2 and "--oscquery" in said.stderr and "Traceback" not in said.stderr
