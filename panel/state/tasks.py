"""Coroutines that run in the background, and what happens to their errors."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from core.errors import BridgeError

__all__ = ["BackgroundTasks"]

logger = logging.getLogger(__name__)


class BackgroundTasks:
    """Runs coroutines to their end.

    Args:
        report: Called with the text of an error that a player can put right; others are logged.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._tasks: set[asyncio.Task[Any]] = set()  # the loop itself holds tasks only weakly

    def run(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Start a coroutine."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def cancel_all(self) -> None:
        """Cancel whatever still runs."""
        for task in self._tasks:
            task.cancel()

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, BridgeError):
            self._report(str(error))
        else:
            logger.error("a task of the panel failed; this is a bug", exc_info=error)
