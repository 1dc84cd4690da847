"""A whole server that sounds: what a client plays, it hears through the stream."""

import socket
import time

import numpy as np
import pytest

from models.installed import find_model
from tests.support.live import eventually, running_server

pytestmark = pytest.mark.real


def hear(sock, seconds, rate):
    """The next seconds of the stream, asked for no faster than they would be played."""
    data, began, n = b"", time.monotonic(), 512
    for k in range(int(seconds * rate / n)):
        sock.sendall(n.to_bytes(4, "big"))
        while len(data) < 4 * n * (k + 1):
            data += sock.recv(4 * n * (k + 1) - len(data))
        time.sleep(max(0.0, began + (k + 1) * n / rate - time.monotonic()))
    return np.frombuffer(data, "<i2").reshape(-1, 2) / 32_767


def state(client):
    """How the instrument is; what the client was told before comes first."""
    client.hello()  # the server forgets clients that are silent for 10 s
    client.send("/flow/sound")
    return client.wait_for("/flow/sound", 10.0)


def test_a_sound_process_that_is_killed_comes_back_and_plays(tmp_path):
    with running_server(find_model("vital-32"), tmp_path) as server, server.client() as player:
        player.send("/flow/sound/listen")
        port = player.wait_for("/flow/sound/stream", 60.0)[0]
        server.that_serves(port).kill()
        assert eventually(lambda: "starts again" in server.said(), 30.0)
        player.send("/flow/sound/listen")
        again, token, rate = player.wait_for("/flow/sound/stream", 60.0)
        assert again != port
        with socket.create_connection(("127.0.0.1", again), timeout=20.0) as sock:
            sock.sendall(token.encode())
            assert eventually(lambda: state(player)[0] == "on", 60.0)
            hear(sock, 0.3, rate)
            player.send("/flow/note", 55, 100)
            assert eventually(lambda: np.abs(hear(sock, 0.3, rate)).max() > 0.01, 60.0)


def test_a_client_plays_hears_turns_and_lets_go_by_leaving(tmp_path):
    with running_server(find_model("vital-32"), tmp_path) as server, server.client() as listener:
        listener.send("/flow/sound/listen")
        port, token, rate = listener.wait_for("/flow/sound/stream", 60.0)
        with socket.create_connection(("127.0.0.1", port), timeout=20.0) as sock:
            sock.sendall(token.encode())
            listener.send("/flow/audition", 0)
            assert eventually(lambda: state(listener)[0] == "on", 60.0)
            hear(sock, 0.3, rate)  # from now on, it is heard
            with server.client(name="player") as player:
                player.send("/flow/macro", 0, 0.2)
                player.send("/flow/note", 55, 100)
                assert eventually(lambda: np.abs(hear(sock, 0.3, rate)).max() > 0.01, 60.0)
                assert eventually(lambda: state(player)[:3] == ["on", 0, 1], 20.0)
            # It has said goodbye with its key down.
            assert eventually(lambda: not hear(sock, 0.5, rate).any(), 60.0)
        assert "WARNING" not in server.said()
