"""Bytes made to hurt. The million over a socket: python -m benchmarks.hostile."""

import io
import logging
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import psutil

from benchmarks.hostile import attack, mutations, valid_packets
from server.osc.fitting import Sizes
from tests.server.osc.test_guard import AHEAD, KILLERS
from tests.support.live import OTHER, OTHER_PORT, Rig

N_IN_PROCESS = 1_000_000
N_OVER_SOCKET = 100_000
SIZES = Sizes(n_macros=8, n_latent=32, n_parameters=32)


def test_mutations_are_the_same_for_the_same_seed_and_reach_every_depth(tiny, tmp_path):
    packets = valid_packets(SIZES, "tiny")
    first, again = (list(mutations(packets, 2000, 3)) for _ in range(2))
    assert first == again
    rig = Rig(tiny, tmp_path)
    rig.rest(0.0)
    rig.now += 3.0  # it no longer waits for devices that come back
    for packet in packets[:-5]:
        rig.raw(packet)
    # No ears, no controllers, no sound; no path, no second instrument, no macro or preset of that name; no
    # number to send back. No library, and no presets of one's own.
    assert rig.bridge.health.n_refused == 8 + 10 + 3 + 11 + 1 + 4 + 3


def test_the_bridge_survives_mutations_and_answers_every_ping(tiny, tmp_path):
    """A million of them, by two processes."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        halves = [pool.submit(survive, tiny, tmp_path / str(n), N_IN_PROCESS // 2, 7 + n) for n in (0, 1)]
        assert [half.result() for half in halves] == ["", ""]


def survive(tiny, data, count, seed):
    """Send mutations to a bridge, and return what it logs of a bug."""
    logged = io.StringIO()
    logging.basicConfig(stream=logged, force=True)
    warnings.simplefilter("error")  # as pytest has it
    rig = Rig(tiny, data)
    rig.hello(OTHER, OTHER_PORT, nonce=1_234_567_890)  # that no bye is drawn for by chance
    bridge = rig.bridge
    for n, packet in enumerate(mutations(valid_packets(SIZES, "tiny"), count, seed)):
        bridge.receive(packet, ("127.0.0.1", 40_000), rig.now)
        if n % 50 == 49:  # as many as a turn may drain
            bridge.finish(rig.now)
            patch = bridge.instrument.patch
            assert np.isfinite(patch).all() and 0 <= patch.min() and patch.max() <= 1
            bridge.out.clear()
            rig.jobs.waiting.clear()
            rig.now += 0.01
            bridge.tick(rig.now)
        if n % 1000 == 999:
            sent = rig.send("/flow/ping", n, sender=OTHER)
            assert ("/flow/pong", n, 77) in sent[OTHER_PORT]
    assert bridge.health.n_received >= count and bridge.health.n_refused > count / 4
    assert len(bridge.clients) <= 64 and len(rig.store.presets) <= 512
    return logged.getvalue() if "Traceback" in logged.getvalue() else ""


def test_the_server_survives_mutations_over_its_socket(server):
    memory = psutil.Process(server.process.pid).memory_info
    with server.client() as client:
        attack(client, server.port, 25_000, seed=11)  # 512 presets, a reloaded model: once
        before = memory().rss
        attack(client, server.port, N_OVER_SOCKET, seed=12)
        grown_mib = (memory().rss - before) / 2**20
    assert server.process.poll() is None
    assert grown_mib < 16, f"memory grew by {grown_mib:.1f} MiB"
    assert "Traceback" not in server.said()


def test_killers_do_not_stop_the_server(server):
    used = psutil.Process(server.process.pid).cpu_times
    with server.client() as client:
        for n, killer in enumerate([*KILLERS.values(), AHEAD]):
            before = used().user
            client.send_raw(killer)
            client.send("/flow/ping", n)
            assert client.wait_for("/flow/pong")[0] == n
            assert used().user - before < 1.0
    assert "Traceback" not in server.said()
