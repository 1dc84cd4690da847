"""Loads presets that are kept, and holds what they play against what was saved."""

import random

import numpy as np

from benchmarks.rig.device import Device
from benchmarks.soak.promises import Promises
from server.osc.addresses import Value

__all__ = ["Judge"]

_MOST_MISSED = 5  # one after the other: a hostile packet may have moved the instrument, but not each time


class Judge:
    """A client of its own, whose instrument nobody else plays.

    Args:
        port: The server's.
        rng: Draws the presets.
        promises: Know what they are.

    Attributes:
        n_right: Presets that played what was saved.
        broken: Those that did not, in words.
    """

    def __init__(self, port: int, rng: random.Random, promises: Promises) -> None:
        self.device = Device(port, "soak-judge", self._heard, kind="script")
        self._rng, self._promises = rng, promises
        self._asked: tuple[str, int] | None = None  # name and version
        self._missed = 0
        self._off: float | None = None  # how far from what was saved the points are that were heard since
        self.n_right = 0
        self.broken: list[str] = []

    def ask(self) -> None:
        """Load a preset: one that played something else again, if it is still the same."""
        names = self._promises.names
        if not names or not self.device.welcome:
            return
        self._count_what_was_heard()
        again = self._missed and self._asked is not None and self._is_the_same(*self._asked)
        if not again:
            name, self._missed = self._rng.choice(names), 0
            self._asked = name, self._promises.version(name)
        assert self._asked is not None, "set above"
        self._off = None
        self.device.send("/flow/preset/load", self._asked[0])

    def _count_what_was_heard(self) -> None:
        """Count a preset as missed, once each time that it was asked for: others move it meanwhile."""
        if self._asked is None or self._off is None:
            return
        name, _ = self._asked
        self._missed += 1
        if self._missed == _MOST_MISSED:
            self.broken.append(f"'{name}' plays something else than was saved, {self._off:.3g} off at best")
            self._missed, self._asked = 0, None

    def _is_the_same(self, name: str, version: int) -> bool:
        return self._promises.is_free(name) and self._promises.version(name) == version

    def _heard(self, address: str, values: list[Value]) -> None:
        if address == "/flow/frozen" and values[1] == 1:  # a hostile packet had the focus here
            self.device.send("/flow/freeze", int(values[0]), 0)
        if address != "/flow/latent" or self._asked is None or not self._is_the_same(*self._asked):
            return
        name, _ = self._asked
        wanted = self._promises.plays(name)
        assert wanted is not None, "its name was among those that are kept, and nothing has changed since"
        played = np.array(values, np.float32)
        if played.shape == wanted.shape and np.allclose(played, wanted, atol=1e-4):
            self.n_right, self._missed, self._asked, self._off = self.n_right + 1, 0, None, None
            return
        off = float(np.abs(played - wanted).max()) if played.shape == wanted.shape else np.inf
        self._off = off if self._off is None else min(self._off, off)
