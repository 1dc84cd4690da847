"""Eight devices that turn macros, load, save and delete presets, and know what was answered."""

import random
import re
import select
import struct
from collections.abc import Callable
from functools import partial
from time import monotonic

import numpy as np

from benchmarks.rig.device import Device
from benchmarks.soak.judge import Judge
from benchmarks.soak.promises import Promises
from core.errors import DeviceError
from server.osc.addresses import Value
from server.osc.builder import typed_message

__all__ = ["Players"]

_N_NAMES = 12  # of each device, so that presets are overwritten
_SAVED = re.compile(r"'(soak [^']*)' is (?:saved|in the bin)")
_REFUSED = re.compile(r"'(soak [^']*)'")
_MOST_PENDING = 40
_MOST_BEHIND_S = 0.05  # turns that are later than this are left out: a hand does not catch up
_REST_S = 0.002  # at most, between two looks at the sockets
_WELCOME_S = 180.0
# How often a second, of all devices together.
_PER_S = {"save": 12.0, "delete": 3.0, "vary": 2.0, "load": 2.0, "judge": 2.0}


class Players:
    """Several devices, each with an instrument of its own, and one that judges what presets play.

    Args:
        port: The server's.
        n: How many devices.
        rng: Draws what they do.
        promises: Told of all that is to be kept.
        rate_hz: Turns of macros a second, of each.
        meanwhile: Called often, with the seconds of the monotonic clock.
    """

    def __init__(
        self,
        port: int,
        n: int,
        rng: random.Random,
        promises: Promises,
        rate_hz: float,
        meanwhile: Callable[[float], None] = lambda now: None,
    ) -> None:
        self._rng, self._promises, self._meanwhile = rng, promises, meanwhile
        self.devices = [Device(port, f"soak-{k}", partial(self._heard, k)) for k in range(n)]
        self.judge = Judge(port, rng, promises)
        self._all = {device.sock: device for device in (*self.devices, self.judge.device)}
        self._gap_s = 1.0 / (n * rate_hz)
        self._due = dict.fromkeys(_PER_S, 0.0)
        self._actions: dict[str, Callable[[int], None]] = {
            "save": self.save,
            "delete": self.delete,
            "vary": lambda k: self.devices[k].send("/flow/vary", self._rng.random()),
            "load": self._load,
            "judge": lambda k: self.judge.ask(),
        }
        self.n_turns = self.n_left_out = 0
        self._listed: dict[int, str] | None = None
        self._errors: list[str] = []
        self.connect()

    # -- what came of it

    @property
    def round_trips(self) -> list[tuple[float, float]]:
        """When frames came, and how many seconds after the turn; in order."""
        return sorted(trip for device in self.devices for trip in device.round_trips)

    @property
    def n_frames(self) -> int:
        """Frames that came to the devices."""
        return sum(device.n_frames for device in self.devices)

    @property
    def broken(self) -> list[str]:
        """What the server did that it may not, in words."""
        frames = [text for device in self.devices for text in device.broken]
        return [*frames, *self._errors, *self.judge.broken]

    # -- connection

    def connect(self) -> None:
        """Have each device welcomed by the server, which may be a new one.

        Raises:
            DeviceError: It does not welcome them.
        """
        for device in self._all.values():
            device.forget_server()
        deadline = monotonic() + _WELCOME_S
        while not all(device.welcome for device in self._all.values()):
            if monotonic() > deadline:
                raise DeviceError(f"the server did not welcome all devices within {_WELCOME_S:g} s.")
            self.hear(0.05)
        self.n_latent = int(self.devices[0].welcome[7])

    def close(self) -> None:
        """Unregister all."""
        for device in self._all.values():
            device.close()

    # -- playing

    def play(self, seconds: float) -> None:
        """Turn macros at the rate, and now and then load, vary, save and delete."""
        now = monotonic()
        end, due = now + seconds, now
        while now < end:
            if now - due > _MOST_BEHIND_S:
                n = int((now - due) / self._gap_s)
                due, self.n_left_out = due + n * self._gap_s, self.n_left_out + n
            while due <= now:
                due += self._gap_s
                self._rng.choice(self.devices).turn(self._rng.randrange(8), self._rng.random())
                self.n_turns += 1
            for what, at in self._due.items():
                if now >= at:
                    self._due[what] = now + self._rng.expovariate(_PER_S[what])
                    self._actions[what](self._rng.randrange(len(self.devices)))
            self._step(max(0.0, min(due - monotonic(), _REST_S)))
            now = monotonic()

    def hear(self, seconds: float) -> None:
        """Read what comes for a time, with hands off."""
        end = monotonic() + seconds
        while monotonic() < end:
            self._step(_REST_S)

    def _step(self, rest_s: float) -> None:
        now = monotonic()
        for device in self._all.values():
            device.beat(now)
        self._meanwhile(now)
        ready, _, _ = select.select(list(self._all), [], [], rest_s)
        for sock in ready:
            self._all[sock].drain()

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
        self.devices[k].send_raw(b"#bundle\0" + ahead + sized)

    def delete(self, k: int) -> None:
        """Put a preset of a device into the bin."""
        names = [name for name in self._promises.names if name.startswith(f"soak {k} ")]
        if names:
            name = self._rng.choice(names)
            self._promises.asked(name, None)
            self.devices[k].send("/flow/preset/delete", name)

    def _load(self, k: int) -> None:
        names = self._promises.names
        if names:
            self.devices[k].send("/flow/preset/load", self._rng.choice(names))

    # -- what is answered

    def ask_names(self, wait_s: float) -> set[str]:
        """Return the names of the presets that the server lists.

        Raises:
            DeviceError: It does not list them.
        """
        self._listed = {}
        self.devices[0].send("/flow/presets")
        deadline, n = monotonic() + wait_s, -1
        while len(self._listed) != n or n == 0:  # it comes at a pace, and nothing marks the end
            if monotonic() > deadline:
                raise DeviceError("the server does not list its presets.")
            n = len(self._listed)
            self.hear(1.0)
        return set(self._listed.values())

    def _heard(self, k: int, address: str, values: list[Value]) -> None:
        if address == "/flow/status" and (said := _SAVED.match(str(values[0]))):
            self._promises.acknowledged(said[1])
        elif address == "/flow/preset" and k == 0 and self._listed is not None:
            self._listed[int(values[0])] = str(values[1])
        elif address == "/flow/error":
            about, text = str(values[0]), str(values[1])
            if "this is a bug" in text or "the server failed" in text:
                self._errors.append(f"{about}: {text}")
            if about in ("/flow/preset/save", "/flow/preset/delete") and (said := _REFUSED.search(text)):
                self._promises.refused(said[1])
