"""Control changes for a patch: only what has changed, the most audible change first."""

from typing import Literal, get_args

import numpy as np

from core.space import ParameterSpace

__all__ = ["SPELLINGS", "PendingChanges", "Spelling"]

Spelling = Literal["cc", "cc14", "nrpn"]
SPELLINGS: tuple[Spelling, ...] = get_args(Spelling)
_NEVER = -1e6  # a value that was never sent is further away than any


class PendingChanges:
    """What a synth still has to be sent until it holds the newest patch.

    With `cc14`, a parameter whose controller has no free partner (it is above 31, or the partner belongs to
    another parameter) is sent with 7 bits. An `nrpn` has the controller's number, so that one map serves all
    three.

    Args:
        space: Gives the controllers' numbers.
        spelling: How a value is sent.
        channel: MIDI channel, 1 to 16.
        audible: How audible each parameter is, `(P,)`, positive, in any unit; None for all alike.
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
        self._heard = (np.ones(len(space)) if audible is None else audible) / self._tops  # of one raw step
        self._wanted = np.full(len(space), _NEVER)
        self._sent = self._wanted.copy()
        self._once = np.zeros(len(space), bool)  # sent and not yet repeated
        self._selected: int | None = None

    def __len__(self) -> int:
        """Return how many parameters are still to be sent."""
        return int(np.count_nonzero(self._wanted != self._sent))

    def want(self, patch: np.ndarray) -> None:
        """Set the newest patch `(P,)`; what is unsent of the one before will never be."""
        self._wanted = np.rint(patch * self._tops)

    def rounded(self, patch: np.ndarray) -> np.ndarray:
        """Return what a synth holds after it was sent a patch `(P,)`, float32."""
        return np.asarray(np.rint(patch * self._tops) / self._tops, np.float32)

    def forget(self) -> None:
        """Send everything again, since the synth may hold anything."""
        self._sent = np.full_like(self._sent, _NEVER)
        self._selected = None

    def next(self, n: int = 1) -> list[bytes]:
        """Return the messages of the `n` most audible changes; of equals, in the space's order."""
        off = np.abs(self._wanted - self._sent) * self._heard
        chosen = [int(np.argmax(off))] if n == 1 else np.argsort(-off, kind="stable")[:n].tolist()
        chosen = [k for k in chosen if off[k] > 0.0]
        self._sent[chosen] = self._wanted[chosen]
        self._once[chosen] = True
        return self._messages(chosen)

    @property
    def unsure(self) -> bool:
        """Whether anything was sent and not yet repeated."""
        return bool(self._once.any())

    def repeat(self, n: int = 1) -> list[bytes]:
        """Return again the messages of up to `n` parameters that were sent since they were last repeated.

        A synth that gets several changes of one controller in one of its periods may not keep the last.
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
