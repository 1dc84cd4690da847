"""Time of the interpreter: it passes only when told to."""

import contextlib
import heapq
import itertools
from collections.abc import Callable, Iterator

Call = Callable[[], None]


class Clock:
    """What happens later, in order; and Max's low-priority queue, which runs between events."""

    def __init__(self):
        self.now_ms = 0.0
        self._later: list[tuple[float, int, Call]] = []
        self._low: list[Call] = []
        self._is_low = False
        self._count = itertools.count()
        self._gone: set[int] = set()

    def after(self, delay_ms: float, call: Call) -> int:
        """Call something later; return a number to `cancel` it with."""
        number = next(self._count)
        heapq.heappush(self._later, (self.now_ms + delay_ms, number, call))
        return number

    def cancel(self, number: int | None):
        if number is not None:
            self._gone.add(number)

    def low(self, call: Call):
        self._low.append(call)

    def run_low(self, call: Call):
        """Run something in the low-priority thread: at once if that is the one that calls."""
        if self._is_low:
            call()
        else:
            self._low.append(call)

    @contextlib.contextmanager
    def in_low(self) -> Iterator[None]:
        """Whatever is called meanwhile is called by the low-priority thread."""
        before, self._is_low = self._is_low, True
        try:
            yield
        finally:
            self._is_low = before

    def settle(self):
        """Run what was deferred, and what that defers in turn."""
        while self._low:
            waiting, self._low = self._low, []
            with self.in_low():
                for call in waiting:
                    call()

    def advance(self, ms: float):
        """Let time pass."""
        self.settle()
        end = self.now_ms + ms
        while self._later and self._later[0][0] <= end:
            self.now_ms, number, call = heapq.heappop(self._later)
            if number not in self._gone:
                call()
                self.settle()
        self.now_ms = end
