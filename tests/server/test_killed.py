"""A Set of 32 instruments whose server is killed and started again, over real sockets."""

import numpy as np
import pytest

from core.errors import DeviceError
from tests.support.live import free_port, running_server
from tests.support.sent import StrictClient

N = 32


class Device(StrictClient):
    """A device: it keeps its own state, and sends it again to a server that has restarted."""

    def __init__(self, port, k):
        super().__init__(port, kind="device", name=f"Track {k}", instrument=f"id-{k}", timeout_s=10.0)
        self.k, self.run = k, self.welcome[1]
        self.receive_all(0.01)
        rng = np.random.default_rng(k)
        self.send("/flow/macros", *rng.uniform(size=8).tolist())
        self.send("/flow/freeze", k % 8, 1)
        self.send("/flow/vary", 0.5)
        self.frozen = k % 8
        self.hear()

    def hear(self, seconds=0.1):
        """Hear what comes: the newest frame, and the point that is kept."""
        for address, values in self.receive_all(seconds):
            if address == "/flow/params":
                self.frame = values[1:]
            elif address == "/flow/latent":
                self.latent = values

    def notice_restart(self):
        """Ping, and say hello to a server that is another; send it what is kept."""
        self.send("/flow/ping", 1)
        pong = self.wait_for("/flow/pong", 0.5)
        if pong is not None and pong[1] == self.run:
            return
        self.hello()
        welcome = self.wait_for("/flow/welcome", 10.0)
        assert welcome is not None and welcome[10] == self.instrument
        self.run = welcome[1]
        self.send("/flow/latent", *self.latent)
        self.send("/flow/freeze", self.frozen, 1)


def test_every_instrument_comes_back_after_the_server_was_killed(tiny, tmp_path):
    port, data = free_port(), tmp_path / "data"
    with running_server(tiny, data, port=port) as first:
        devices = [Device(port, k) for k in range(N)]
        script = StrictClient(port, kind="script", name="Lamps", instrument="lamps")
        script.send("/flow/macros", *[0.9] * 8)
        frames = [device.frame for device in devices]
        assert len({tuple(frame) for frame in frames}) == N
        first.process.kill()
        first.process.wait(10)
    for device in devices[:3]:  # what is sent meanwhile is lost
        device.send("/flow/macro", 0, 0.5)
    with running_server(tiny, data, port=port) as second:
        devices[-1].notice_restart()
        for device in devices[:-1]:  # they are being played, and have not noticed
            device.send("/flow/macro", 0, 0.5)
        for device in reversed(devices[:-1]):  # in another order than at first
            device.notice_restart()
        for device, frame in zip(devices, frames, strict=True):
            device.frame = None
            device.hear(0.05)
            assert device.frame == pytest.approx(frame, abs=1e-5), device.k
        # A client that keeps nothing begins at rest, and is told so.
        script.hello()
        assert script.wait_for("/flow/welcome")[10] == "lamps"
        resting = script.wait_for("/flow/macros")
        assert resting == pytest.approx(script.wait_for("/flow/macros", 0.2) or resting)
        assert resting != pytest.approx([0.9] * 8)
        # Each still plays its own only, with its frozen macro.
        for device in devices:
            device.send("/flow/preset/load", "Pad 2")
        for device, frame in zip(devices, frames, strict=True):
            device.hear(0.05)
            assert np.abs(np.array(device.frame) - frame).max() > 0.01
        assert len({tuple(device.frame) for device in devices}) > 1  # for the frozen ones differ
        devices[0].receive_all(0.2)
        devices[5].send("/flow/macro", 1, 0.123)
        assert devices[5].wait_for("/flow/params") is not None
        assert devices[0].wait_for("/flow/params", 0.3) is None
        assert "Traceback" not in second.said()
    for client in (*devices, script):
        client.close()
    with pytest.raises(DeviceError):
        StrictClient(port, timeout_s=0.1)
