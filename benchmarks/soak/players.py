"""Devices that turn macros, load, save and delete presets, and know what was answered."""

import random
import re
import struct
from time import monotonic

import numpy as np

from benchmarks.soak.promises import Promises
from server.client import Client
from server.osc.builder import typed_message

__all__ = ["Players"]

_N_NAMES = 12  # of each device, so that presets are overwritten
_SAVED = re.compile(r"'(soak [^']*)' is (?:saved|in the bin)")
_REFUSED = re.compile(r"'(soak [^']*)'")
_MOST_PENDING = 40


class Players:
    """Several devices, each with an instrument of its own.

    Args:
        port: The server's.
        n: How many.
        rng: Draws what they do.
        promises: Told of all that is to be kept.
        rate_hz: Turns of macros a second, of all together.
    """

    def __init__(self, port: int, n: int, rng: random.Random, promises: Promises, rate_hz: float) -> None:
        self._port, self._n, self._rng, self._promises = port, n, rng, promises
        self._rate_hz = rate_hz
        self.clients: list[Client] = []
        self.round_trips: list[tuple[float, float]] = []  # when, and seconds from a turn to the next frame
        self.n_turns = self.n_frames = 0
        self.broken: list[str] = []
        self.connect()

    def connect(self) -> None:
        """Send each device's hello to the server, which may be a new one."""
        for client in self.clients:
            client.sock.close()
        self.clients = [
            Client(self._port, kind="device", name=f"Track {k}", instrument=f"soak-{k}", timeout_s=30.0)
            for k in range(self._n)
        ]
        self.n_latent = int(self.clients[0].welcome[7])
        self._turned: list[float] = [0.0] * self._n
        self._greeted = monotonic()
        for k in range(self._n):
            self.hear(k)

    def play(self, seconds: float) -> None:
        """Turn macros at the rate, and now and then load, vary, save and delete."""
        end = monotonic() + seconds
        while (now := monotonic()) < end:
            if now - self._greeted > 1.0:
                self._greeted = now
                for k, client in enumerate(self.clients):
                    client.send("/flow/ping", k)
            k = self._rng.randrange(self._n)
            self._turned[k] = monotonic()
            self.clients[k].send("/flow/macro", self._rng.randrange(8), self._rng.random())
            self.n_turns += 1
            dice = self._rng.random()
            if dice < 0.04:
                self.save(k)
            elif dice < 0.05:
                self.delete(k)
            elif dice < 0.06:
                self.clients[k].send("/flow/vary", self._rng.random())
            elif dice < 0.07 and (names := self._promises.names):
                self.clients[k].send("/flow/preset/load", self._rng.choice(names))
            self.hear(k, 1.0 / self._rate_hz)

    def save(self, k: int) -> None:
        """Set an instrument to a point and save that, in one datagram, so that nothing comes between."""
        name = f"soak {k} {self._rng.randrange(_N_NAMES)}"
        if not self._promises.is_free(name) or self._promises.n_pending > _MOST_PENDING:
            return
        latent = np.array([self._rng.uniform(-1.0, 1.0) for _ in range(self.n_latent)], np.float32)
        self._promises.asked(name, latent)
        messages = (
            typed_message("/flow/latent", *map(float, latent)),
            typed_message("/flow/preset/save", name),
        )
        sized = b"".join(struct.pack(">i", len(message)) + message for message in messages)
        ahead = struct.pack(">II", 3_900_000_000 + self._rng.randrange(10**8), 0)  # a clock that is wrong
        self.clients[k].send_raw(b"#bundle\0" + ahead + sized)

    def delete(self, k: int) -> None:
        """Put a preset of a device into the bin."""
        names = [name for name in self._promises.names if name.startswith(f"soak {k} ")]
        if names:
            name = self._rng.choice(names)
            self._promises.asked(name, None)
            self.clients[k].send("/flow/preset/delete", name)

    def hear_all(self, seconds: float) -> None:
        """Hear all devices for a time."""
        end = monotonic() + seconds
        while monotonic() < end:
            for k in range(self._n):
                self.hear(k, 0.002)

    def hear(self, k: int, wait_s: float = 0.0) -> None:
        """Read what was sent to a device, for as long as something comes."""
        end = monotonic() + wait_s
        while (message := self.clients[k].receive(max(end - monotonic(), 0.0))) is not None:
            self._heard(k, message.address, message.values)

    def _heard(self, k: int, address: str, values: list[int | float | str]) -> None:
        if address == "/flow/params":
            self.n_frames += 1
            if self._turned[k]:
                now = monotonic()
                self.round_trips.append((now, now - self._turned[k]))
                self._turned[k] = 0.0
            patch = [float(value) for value in values[1:]]
            if not all(0.0 <= value <= 1.0 for value in patch):
                self.broken.append(f"a frame has values from {min(patch)} to {max(patch)}")
        elif address == "/flow/status" and (said := _SAVED.match(str(values[0]))):
            self._promises.acknowledged(said[1])
        elif address == "/flow/error":
            if "this is a bug" in str(values[1]) or "the server failed" in str(values[1]):
                self.broken.append(f"{values[0]}: {values[1]}")
            if values[0] in ("/flow/preset/save", "/flow/preset/delete") and (
                said := _REFUSED.search(str(values[1]))
            ):
                self._promises.refused(said[1])
