"""Several listeners of one sound."""

import contextlib
import socket
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sounding.shared_stream import SharedStream
from sounding.stream_server import StreamServer

RATE = 1_000


def counting():
    """A stream of 0, 1, 2, ..."""
    at = [0]

    def fill(out):
        out[:] = np.arange(at[0], at[0] + len(out))[:, None]
        at[0] += len(out)

    return SharedStream(fill, RATE)


def read(listener, n):
    out = np.full((n, 2), np.nan, np.float32)
    listener.read(out)
    return out[:, 0].tolist()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 300)), max_size=40))
def test_each_hears_every_frame_in_order_at_its_own_pace(reads):
    stream = counting()
    listeners, heard = [stream.join() for _ in range(3)], [[], [], []]
    for k, n in reads:
        if max(map(len, heard)) - len(heard[k]) > 1_500:
            continue  # it is too far behind; see below
        heard[k] += read(listeners[k], n)
    for one in heard:
        assert one == list(range(len(one)))


def test_one_that_is_far_behind_leaves_something_out():
    stream = counting()
    fast, slow = stream.join(), stream.join()
    read(slow, 10)
    for _ in range(40):
        read(fast, 100)
    assert read(slow, 10) == list(range(2_010, 2_020))  # 2 s are kept
    assert read(slow, 10) == list(range(2_020, 2_030))


def test_a_late_listener_hears_what_comes_from_then_on():
    stream = counting()
    first = stream.join()
    read(first, 100)
    second = stream.join()
    assert read(second, 5) == read(first, 5) == [100, 101, 102, 103, 104]
    second.leave()
    assert read(first, 3) == [105, 106, 107]


@pytest.fixture
def server():
    stream = SharedStream(lambda out: out.fill(0.5), RATE)
    server = StreamServer(stream)
    yield server, stream
    server.close()


def asked(server, token, *numbers):
    """What comes for a token and some numbers of frames."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5.0) as sock:
        sock.sendall(token.encode() + b"".join(n.to_bytes(4, "big") for n in numbers))
        with contextlib.suppress(OSError):  # it has hung up already
            sock.shutdown(socket.SHUT_WR)
        data = b""
        with contextlib.suppress(ConnectionResetError):  # what it did not read was thrown away
            while part := sock.recv(65_536):
                data += part
    return data


def test_a_listener_is_sent_what_it_asks_for(server):
    server, stream = server
    data = asked(server, server.token, 10, 7)
    assert np.frombuffer(data, "<i2").tolist() == [round(0.5 * 32_767)] * 2 * 17


@pytest.mark.parametrize("token", ["", "x" * 32, "0" * 31])
def test_without_the_token_nothing_is_heard(server, token):
    server, stream = server
    assert asked(server, token, 10) == b""
    assert not stream.is_heard


def test_nobody_is_sent_more_than_fits(server):
    server, _ = server
    assert len(asked(server, server.token, 2**32 - 1)) == 4 * 16_384


def test_idle_connections_keep_nobody_out(server, monkeypatch):
    monkeypatch.setattr("sounding.stream_server._TOKEN_S", 0.3)
    server, _ = server
    idle = [socket.create_connection(("127.0.0.1", server.port), timeout=5.0) for _ in range(12)]
    assert len(asked(server, server.token, 4)) == 16  # though twelve came first, and eight may listen
    ends = time.monotonic() + 0.6
    while time.monotonic() < ends:  # a byte now and then buys no time
        for sock in idle:
            with contextlib.suppress(OSError):
                sock.sendall(b"x")
        time.sleep(0.05)
    for sock in idle:
        with contextlib.suppress(ConnectionError):
            assert sock.recv(1) == b""
        sock.close()


def test_eight_listen_at_a_time(server):
    server, stream = server
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5.0))
            one.sendall(server.token.encode() + (4).to_bytes(4, "big"))
            assert len(one.recv(16)) > 0
        assert asked(server, server.token, 4) == b""
