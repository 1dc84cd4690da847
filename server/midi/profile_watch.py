"""Profiles that somebody edits while their controllers are plugged in: taken when the file changes."""

import threading

from server.midi.inbox import Inbox

__all__ = ["ProfileWatch"]

_LOOK_S = 1.0


class ProfileWatch:
    """Looks at the files once a second, in a thread of its own, until it is stopped.

    Args:
        inbox: Knows which controllers are plugged in, and passes on what has changed.
    """

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="controller profiles", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join(5.0)

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_S):
            self._inbox.look_at_profiles()
