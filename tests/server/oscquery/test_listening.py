"""Values pushed to programs that listen by OSCQuery: a client of our own, written from RFC 6455."""

import base64
import contextlib
import http.client
import json
import os
import socket
import struct
import threading
import time

import pytest

from server.osc.hosts.proofs import Proofs
from server.osc.parser import parse
from server.oscquery.listening import serve_listener
from server.oscquery.page import Page
from server.oscquery.tree import State
from server.oscquery.visitors import Pace, is_own_name, local_name
from server.oscquery.websocket import WebSocket, accept_key
from tests.server.oscquery.test_tree import STATE
from tests.support.live import eventually


class Listener:
    """A program that opens a WebSocket."""

    def __init__(self, port, **headers):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=5)
        key = base64.b64encode(os.urandom(16)).decode()
        headers = {
            "Host": f"127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
            **headers,
        }
        lines = ["GET / HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.sock.sendall("\r\n".join(lines).encode())
        self.answer = b""
        while b"\r\n\r\n" not in self.answer:
            more = self.sock.recv(1)
            if not more:
                break
            self.answer += more
        self.accepted = f"Sec-WebSocket-Accept: {accept_key(key)}".encode() in self.answer

    def send(self, payload, kind=1, head=0x80):
        mask = os.urandom(4)
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        masked = bytes(byte ^ mask[k % 4] for k, byte in enumerate(data))
        self.sock.sendall(bytes([head | kind]) + length + mask + masked)

    def listen(self, path, command="LISTEN"):
        self.send({"COMMAND": command, "DATA": path})

    def receive(self, seconds=5.0):
        """The next frame: kind and payload; None if none comes."""
        self.sock.settimeout(seconds)
        try:
            head = self.sock.recv(2)
        except TimeoutError:
            return None
        if len(head) < 2:
            return "closed"
        n = head[1]
        if n == 126:
            (n,) = struct.unpack(">H", self.sock.recv(2))
        data = b""
        while len(data) < n:
            data += self.sock.recv(n - len(data))
        return head[0] & 0x0F, data

    def value(self, seconds=5.0):
        frame = self.receive(seconds)
        assert frame and frame[0] == 2, frame
        ((address, values),) = parse(frame[1])
        return address, [round(value, 3) for value in values]


@pytest.fixture
def page():
    dials = [k / 8 for k in range(8)]
    page = Page("127.0.0.1", 0, ("127.0.0.1", 9130), lambda: STATE, lambda: dials)
    page.dials = dials
    yield page
    page.stop()


@contextlib.contextmanager
def listener(page, **headers):
    one = Listener(page.port, **headers)
    try:
        yield one
    finally:
        one.sock.close()


def test_a_macro_that_is_listened_to_is_sent_at_once_and_when_it_moves(page):
    with listener(page) as one:
        assert one.accepted
        one.listen("/flow/macro/2")
        assert one.value() == ("/flow/macro/2", [0.25])
        page.dials[3] = 0.9  # nobody listens to that
        assert one.receive(0.2) is None
        page.dials[2] = 0.75
        assert one.value() == ("/flow/macro/2", [0.75])
        one.listen("/flow/macro/2", "IGNORE")
        time.sleep(0.1)
        page.dials[2] = 0.1
        assert one.receive(0.2) is None


def test_all_macros_and_several_addresses(page):
    with listener(page) as one:
        for path in ("/flow/macros", "/flow/macro/0", "/flow/macro/7"):
            one.listen(path)
        found = dict(one.value() for _ in range(3))
        assert found["/flow/macros"] == [k / 8 for k in range(8)] and found["/flow/macro/7"] == [0.875]


def test_each_of_several_programs_hears_what_it_listens_to(page):
    with listener(page) as a, listener(page) as b:
        a.listen("/flow/macro/1")
        b.listen("/flow/macro/2")
        assert a.value()[0] == "/flow/macro/1" and b.value()[0] == "/flow/macro/2"


def test_a_ping_is_answered(page):
    with listener(page) as one:
        one.send(b"hi", kind=9)
        assert one.receive() == (10, b"hi")


ODD = [
    b"no json", b"[]", b"3", b"null", b"{}", b'{"COMMAND": "LISTEN"}', b'{"COMMAND": "LISTEN", "DATA": 5}',
    b'{"COMMAND": "RENAME", "DATA": "/flow/macro/0"}', b"[" * 1_000,
    b'{"COMMAND": "LISTEN", "DATA": "/flow/vary"}',
    b'{"COMMAND": "LISTEN", "DATA": "/flow/macro/99"}', b'{"COMMAND": "LISTEN", "DATA": "/flow/macro/-1"}',
    '{"COMMAND": "LISTEN", "DATA": "/flow/macro/²"}'.encode(),
]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_order_changes_nothing(page, text):
    with listener(page) as one:
        one.send(text)
        one.listen("/flow/macro/1")
        assert one.value() == ("/flow/macro/1", [0.125])


@pytest.mark.parametrize(
    "breach",
    [
        b"\xff" * 50,
        b"\x81\x05hello",
        b"\x01\x80\0\0\0\0",
        b"\x81\xff" + b"\xff" * 8,
        b"\x81\xfe\xff\xff" + bytes(4),
    ],
)
def test_who_breaks_the_protocol_is_cut_off_and_nobody_else(page, breach):
    with listener(page) as one, listener(page) as other:
        one.sock.sendall(breach)
        assert one.receive(5.0) in ("closed", None) or one.receive(5.0) == "closed"
        other.listen("/flow/macro/1")
        assert other.value()[0] == "/flow/macro/1"


def test_a_page_of_somebody_else_is_not_told_anything(page):
    with listener(page, Origin="https://example.com") as one:
        assert not one.accepted and b"101" not in one.answer.split(b"\r\n")[0]
    with listener(page, Origin=f"http://127.0.0.1:{page.port}") as one:
        assert one.accepted


REBOUND = [
    "evil.example",
    "evil.example:80",
    "127.0.0.1.nip.io",
    "localhost.evil.example:1",
    "a:b:c",
    "other.local",
]


@pytest.mark.parametrize("host", REBOUND)
def test_a_name_that_was_made_to_point_here_reads_nothing_and_hears_nothing(page, host):
    with listener(page, Host=host, Origin=f"http://{host}") as one:
        assert not one.accepted and b" 421 " in one.answer.split(b"\r\n")[0] + b" "
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=5)
    for target in ("/", "/flow/preset/load?RANGE", "/?HOST_INFO"):
        connection.request("GET", target, headers={"Host": host})
        answer = connection.getresponse()
        assert answer.status == 421 and b"Macro" not in answer.read()
        connection.close()


def test_a_host_that_is_said_twice_is_not_trusted():
    assert not is_own_name(["127.0.0.1", "127.0.0.1"], announced=True)


@pytest.mark.parametrize("host", ["127.0.0.1:5", "localhost", "LOCALHOST:80", "192.168.1.5:80", "[::1]:80"])
def test_addresses_of_this_computer_are_answered(host):
    assert is_own_name([host], announced=False) and is_own_name([], announced=False)


def test_the_name_that_is_announced_is_answered_where_it_is_announced():
    for name in (local_name(), f"{local_name()}.", f"{local_name().upper()}:8080"):
        assert is_own_name([name], announced=True) and not is_own_name([name], announced=False)


def test_a_loop_of_requests_waits_for_its_turn():
    pace, rests = Pace(burst=10, per_s=20.0), []
    for _ in range(30):
        pace.wait(rests.append, clock=lambda: 100.0)
    assert len(rests) == 20 and rests == sorted(rests) and rests[-1] == pytest.approx(1.0)
    rests.clear()
    pace.wait(rests.append, clock=lambda: 200.0)
    assert rests == []


def test_two_loops_of_requests_get_so_many_answers_and_no_more(page):
    page.pace = Pace(burst=5, per_s=20.0)
    built = []
    page.get_state = lambda: built.append(1) or STATE
    ends = time.monotonic() + 0.5

    def ask():
        while time.monotonic() < ends:
            connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=5)
            connection.request("GET", "/flow/macros?VALUE")
            connection.getresponse().read()
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 5 <= len(built) <= 5 + 0.5 * 20 + 4


def test_a_request_shows_that_its_address_is_no_claim():
    hosts = []
    page = Page("127.0.0.1", 0, ("127.0.0.1", 9130), lambda: STATE, lambda: STATE.dials, hosts.append)
    with listener(page) as one:
        assert one.accepted and hosts == ["127.0.0.1"]
    page.stop()
    proofs = Proofs()
    assert not proofs.may_send(("10.0.0.9", 9131), 100, 0.0)
    proofs.connected("10.0.0.9", 0.0)
    assert proofs.may_send(("10.0.0.9", 9131), 100, 1.0) and not proofs.may_send(("10.0.0.9", 1), 100, 601.0)


@pytest.mark.parametrize("header", ["Sec-WebSocket-Key", "Sec-WebSocket-Version"])
def test_half_a_handshake_is_an_ordinary_request(page, header):
    with listener(page, **{header: ""}) as one:
        assert not one.accepted and b"200" in one.answer.split(b"\r\n")[0]


def test_a_message_that_drips_holds_up_nobody_and_ends(page):
    with listener(page) as slow, listener(page) as other:
        slow.sock.sendall(b"\x81")
        other.listen("/flow/macro/1")
        assert other.value(1.0)[0] == "/flow/macro/1"
        began = time.monotonic()
        assert slow.receive(6.0) == "closed" and time.monotonic() - began < 5.0


def test_a_request_that_drips_is_ended_at_its_deadline(page, monkeypatch):
    monkeypatch.setattr("server.oscquery.page._DEADLINE_S", 0.5)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", page.port)) as sock, contextlib.suppress(ConnectionError):
        sock.settimeout(0.1)
        while time.monotonic() - began < 10.0:
            sock.sendall(b"x")  # so that no single byte is waited for too long
            with contextlib.suppress(TimeoutError):
                if sock.recv(64) == b"":
                    break
    assert time.monotonic() - began < 5.0


def test_there_are_so_many_connections_and_no_more(page):
    with contextlib.ExitStack() as stack:
        first = [stack.enter_context(listener(page)) for _ in range(32)]
        assert all(one.accepted for one in first)
        with pytest.raises((ConnectionError, AssertionError)), listener(page) as late:
            assert late.accepted
        first[0].sock.close()
        assert eventually(lambda: _is_let_in(page))


def _is_let_in(page):
    try:
        with listener(page) as one:
            return one.accepted
    except OSError:
        return False


def test_the_end_of_the_server_is_told_and_waits_for_nobody():
    page = Page("127.0.0.1", 0, ("127.0.0.1", 9130), lambda: STATE, lambda: STATE.dials)
    with listener(page) as one, socket.create_connection(("127.0.0.1", page.port)) as dripping:
        dripping.sendall(b"GE")
        one.listen("/flow/macro/1")
        one.value()
        began = time.monotonic()
        page.stop()
        assert time.monotonic() - began < 2.5
        assert one.receive() == (8, struct.pack(">H", 1001))


def test_one_who_listens_to_nothing_is_sent_away_after_a_while(monkeypatch):
    monkeypatch.setattr("server.oscquery.listening._IDLE_S", 0.1)
    ours, theirs = socket.socketpair()
    began = time.monotonic()
    serve_listener(WebSocket(ours), lambda: [0.5], threading.Event())
    assert time.monotonic() - began < 2.0 and theirs.recv(4)[0] == 0x88
    ours.close()
    theirs.close()


def test_another_model_with_fewer_macros_is_no_error():
    assert isinstance(STATE, State)
    ours, theirs = socket.socketpair()
    dials, stopping = [0.1, 0.2, 0.3], threading.Event()
    thread = threading.Thread(target=serve_listener, args=(WebSocket(ours), lambda: dials, stopping))
    thread.start()
    one = Listener.__new__(Listener)
    one.sock = theirs
    one.listen("/flow/macro/2")
    assert one.value() == ("/flow/macro/2", [0.3])
    dials[:] = [0.5]
    assert one.receive(0.2) is None
    dials[:] = [0.5, 0.5, 0.5]
    assert one.value() == ("/flow/macro/2", [0.5])
    stopping.set()
    thread.join(5)
    ours.close()
    theirs.close()
