"""What must be true after all that was said: a model of the presets, fed with what clients send and hear."""

from collections.abc import Mapping
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


class Promises:
    """Presets as the clients know them.

    Attributes:
        n_kept: Changes that the server acknowledged.
        n_refused: Changes that it refused, with a word.
        n_unanswered: Changes that it never answered, as it was killed.
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
    def n_pending(self) -> int:
        """How many changes have not been answered."""
        return sum(len(one.pending) for one in self._names.values())

    def is_free(self, name: str) -> bool:
        """Whether no change of this preset waits for an answer."""
        return name not in self._names or not self._names[name].pending

    def asked(self, name: str, latent: np.ndarray | None) -> None:
        """Note that a client wants a preset saved at a latent `(D,)`, or deleted."""
        self._names.setdefault(name, _Name()).pending.append(latent)

    def acknowledged(self, name: str) -> None:
        """Note that the server has said that it is done."""
        one = self._names[name]
        if one.pending:
            one.kept = one.pending.pop(0)
            self.n_kept += 1

    def refused(self, name: str) -> None:
        """Note that the server has said that it is not done."""
        one = self._names[name]
        if one.pending:
            one.pending.pop(0)
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

    def settle(self, there: Mapping[str, Preset]) -> None:
        """Accept what is on disk as the state; a server that was killed answers nothing any more."""
        for name, one in self._names.items():
            if one.pending:
                self.n_unanswered += len(one.pending)
                one.kept = None if name not in there else np.array(there[name].latent)
                one.pending.clear()


def _same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and bool(np.allclose(one, other, atol=1e-5))
