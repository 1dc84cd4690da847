"""What must be true after all that was said: a model of the presets, fed with what clients send and hear."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from server.instrument.preset_file import Preset

__all__ = ["Promises"]


@dataclass
class _Name:
    """What one preset may be: the point that was acknowledged last, and those that nobody has answered.

    None stands for no preset of that name.
    """

    kept: np.ndarray | None = None
    pending: list[np.ndarray | None] = field(default_factory=list)
    held: np.ndarray | None = None  # what the disk has refused; it plays until the server ends
    version: int = 0  # grows with whatever is asked, or lost


class Promises:
    """Presets as the clients know them.

    Attributes:
        n_kept: Changes that the server acknowledged.
        n_refused: Changes that it refused, with a word.
        n_unanswered: Changes that it never answered, as it was killed or stood still.
        broken: What was promised and is not so, in words.
    """

    def __init__(self) -> None:
        self._names: dict[str, _Name] = {}
        self.n_kept = self.n_refused = self.n_unanswered = 0
        self.broken: list[str] = []

    @property
    def names(self) -> list[str]:
        """Names of presets that are there for certain."""
        return [name for name, one in self._names.items() if one.kept is not None and not one.pending]

    @property
    def pending(self) -> set[str]:
        """Names of which a change has not been answered."""
        return {name for name, one in self._names.items() if one.pending}

    @property
    def n_pending(self) -> int:
        """How many changes have not been answered."""
        return sum(len(one.pending) for one in self._names.values())

    def is_free(self, name: str) -> bool:
        """Whether no change of this preset waits for an answer."""
        return name not in self._names or not self._names[name].pending

    def plays(self, name: str) -> np.ndarray | None:
        """Return the latent `(D,)` that a name has to play; None for no preset."""
        one = self._names[name]
        return one.kept if one.held is None else one.held

    @property
    def held(self) -> list[str]:
        """Names whose last save was refused; they are to be named when the server ends."""
        return [name for name, one in self._names.items() if one.held is not None]

    def version(self, name: str) -> int:
        """Return a number that is another one once a change of this preset was asked for."""
        return self._names[name].version

    def asked(self, name: str, latent: np.ndarray | None) -> None:
        """Note that a client wants a preset saved at a latent `(D,)`, or deleted."""
        one = self._names.setdefault(name, _Name())
        one.pending.append(latent)
        one.version += 1

    def acknowledged(self, name: str) -> None:
        """Note that the server has said that it is done."""
        one = self._names[name]
        if one.pending:
            one.kept, one.held = one.pending.pop(0), None
            self.n_kept += 1

    def refused(self, name: str) -> None:
        """Note that the server has said that it is not done."""
        one = self._names[name]
        if one.pending:
            refused = one.pending.pop(0)
            one.held = one.held if refused is None else refused
            self.n_refused += 1

    def check(self, there: Mapping[str, Preset], when: str) -> None:
        """Hold what is on disk against what was acknowledged; what waits for an answer may be so or so.

        Args:
            there: The presets on disk.
            when: For the words.
        """
        for name, one in self._names.items():
            found = None if name not in there else np.array(there[name].latent)
            if not any(_same(found, wanted) for wanted in (one.kept, *one.pending)):
                what = "gone" if found is None else "back" if one.kept is None else "another one"
                self.broken.append(f"{when}: '{name}' is {what}")

    def check_listed(self, listed: Collection[str]) -> None:
        """Hold the names that the server lists against what was acknowledged, once all is answered."""
        names = set(self.names)
        for name in sorted(names - set(listed)):
            self.broken.append(f"'{name}' is kept and not listed")
        for name in sorted(set(listed) & self._names.keys() - names):
            self.broken.append(f"'{name}' is listed and not kept")

    def forget_held(self) -> None:
        """Note that the server has been killed, and with it what was only in memory."""
        for one in self._names.values():
            one.held = None

    def settle(self, there: Mapping[str, Preset], names: Collection[str]) -> None:
        """Accept what is on disk as the state of some names whose changes nobody will answer any more."""
        for name in names:
            one = self._names[name]
            if one.pending:
                self.n_unanswered += len(one.pending)
                one.kept = None if name not in there else np.array(there[name].latent)
                one.pending.clear()
                one.version += 1


def _same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and bool(np.allclose(one, other, atol=1e-5))
