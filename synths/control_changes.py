"""From frames to control changes: only what has changed, the most audible change first."""

from typing import Literal, get_args

import numpy as np

from core.space import ParameterSpace

__all__ = ["SPELLINGS", "PendingChanges", "Spelling"]

Spelling = Literal["cc", "cc14", "nrpn"]
SPELLINGS: tuple[Spelling, ...] = get_args(Spelling)
_NEVER = -1e6  # a value that was never sent is further away than any


class PendingChanges:
    """The difference between what a synth was told and what it should hold.

    With `cc14` a parameter whose controller has no free partner (above 31, or the other one is
    somebody else's) is sent with 7 bits. With `nrpn` its number is the controller's, so that one map
    serves all three.

    Args:
        space: Gives the controllers' numbers.
        spelling: How a value is sent.
        channel: MIDI channel, 1 to 16.
        audible: How much each parameter is heard, `(P,)`, positive, in any unit; None: all alike.
    """

    def __init__(
        self,
        space: ParameterSpace,
        spelling: Spelling,
        channel: int = 1,
        audible: np.ndarray | None = None,
    ) -> None:
        self._status = 0xB0 | channel - 1
        self._numbers = [parameter.control_change for parameter in space]
        taken = set(self._numbers)
        self._fine = [
            spelling == "nrpn" or (spelling == "cc14" and number < 32 and number + 32 not in taken)
            for number in self._numbers
        ]
        self._nrpn = spelling == "nrpn"
        self._tops = np.where(self._fine, 16_383.0, 127.0)
        self._heard = (np.ones(len(space)) if audible is None else audible) / self._tops  # by a raw step
        self._wanted = np.full(len(space), _NEVER)
        self._sent = self._wanted.copy()
        self._once = np.zeros(len(space), bool)  # sent, and not repeated since
        self._selected: int | None = None

    def __len__(self) -> int:
        """Count the parameters that are still to be sent."""
        return int(np.count_nonzero(self._wanted != self._sent))

    def want(self, patch: np.ndarray) -> None:
        """Take the newest patch `(P,)`; what was not sent of the one before never will be."""
        self._wanted = np.rint(patch * self._tops)

    def rounded(self, patch: np.ndarray) -> np.ndarray:
        """Give what a synth holds when it was sent a patch `(P,)`, float32."""
        return np.asarray(np.rint(patch * self._tops) / self._tops, np.float32)

    def forget(self) -> None:
        """The synth may hold anything: send all again."""
        self._sent = np.full_like(self._sent, _NEVER)
        self._selected = None

    def next(self, n: int = 1) -> list[bytes]:
        """Give the messages of the `n` changes that are heard most, the space's first of equals."""
        off = np.abs(self._wanted - self._sent) * self._heard
        chosen = [int(np.argmax(off))] if n == 1 else np.argsort(-off, kind="stable")[:n].tolist()
        chosen = [k for k in chosen if off[k] > 0.0]
        self._sent[chosen] = self._wanted[chosen]
        self._once[chosen] = True
        return self._messages(chosen)

    @property
    def unsure(self) -> bool:
        """Whether anything was sent that was not repeated since."""
        return bool(self._once.any())

    def repeat(self, n: int = 1) -> list[bytes]:
        """Give the messages of up to `n` parameters once more that were sent since they were repeated last.

        A synth may take several changes of one controller in one of its periods, and keep not the last.
        """
        chosen = np.flatnonzero(self._once)[:n].tolist()
        self._once[chosen] = False
        self._selected = None  # that may have been lost as well
        return self._messages(chosen)

    def _messages(self, chosen: list[int]) -> list[bytes]:
        status, wanted = self._status, self._wanted
        return [bytes((status, *pair)) for k in chosen for pair in self._pairs(k, int(wanted[k]))]

    def _pairs(self, k: int, raw: int) -> list[tuple[int, int]]:
        number = self._numbers[k]
        if not self._fine[k]:
            return [(number, raw)]
        coarse, fine = raw >> 7, raw & 127
        if not self._nrpn:
            return [(number, coarse), (number + 32, fine)]
        chosen = [] if self._selected == number else [(99, 0), (98, number)]
        self._selected = number
        return [*chosen, (6, coarse), (38, fine)]
