"""Progress of long work: a bar of its own, or part of the one bar of a command that does many things."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Protocol

from tqdm import tqdm

__all__ = ["Progress", "ProgressListener", "progress_to"]


class ProgressListener(Protocol):
    """Hears of all progress while it listens."""

    def __call__(self, share: float, steps: int) -> None:
        """Hear that the work in hand is done to a share, 0 to 1, and of how many new steps.

        It may raise `KeyboardInterrupt`.
        """
        ...


_listener: ContextVar[ProgressListener | None] = ContextVar("progress_listener", default=None)


@contextlib.contextmanager
def progress_to(listener: ProgressListener) -> Iterator[None]:
    """Tell a listener of the progress of this thread, in place of bars."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


class Progress:
    """Counts the steps of one piece of work.

    Args:
        total: Number of steps.
        initial: Steps done before.
        unit: What a step is.
        label: Words before the bar.
        leave: Whether the bar stays when the work is done.
        by_share: Whether `update` is told the share that is done each time; the time left follows it.
        hidden: Whether there is neither a bar nor a listener.
    """

    def __init__(
        self,
        total: int,
        *,
        initial: float = 0,
        unit: str,
        label: str | None = None,
        leave: bool = True,
        hidden: bool = False,
        by_share: bool = False,
    ) -> None:
        self.total, self.done = max(total, 1), initial
        self._listener = None if hidden else _listener.get()
        self._bar = tqdm(
            total=total,
            initial=initial,
            unit=unit,
            desc=label,
            leave=leave,
            disable=hidden or self._listener is not None,
            bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}" if by_share else None,
        )

    def update(self, steps: int = 1, share: float | None = None) -> None:
        """Count steps.

        Args:
            steps: How many more are done.
            share: Share of the work that is done, where steps do not tell: with a budget of minutes.
        """
        self.done += steps
        self._bar.update(steps if share is None else max(0.0, min(share, 1.0) * self.total - self._bar.n))
        if self._listener is not None:
            self._listener(self.done / self.total if share is None else share, steps)

    def figures(self, **figures: Any) -> None:
        """Show figures behind the bar."""
        self._bar.set_postfix(figures)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()
