"""The path, played in tempo."""

import asyncio
from collections.abc import Callable
from time import monotonic

from panel.osc.link import Link
from panel.state.path_playback import PathPlayback
from panel.state.tasks import BackgroundTasks

__all__ = ["PathPlayer"]

_PACE_S = 0.02


class PathPlayer:
    """Moves the point along the path; one for all pages.

    Args:
        link: To the server.
        tasks: Runs it.
        touch: Called with a topic that has changed.
    """

    def __init__(self, link: Link, tasks: BackgroundTasks, touch: Callable[[str], None]) -> None:
        self._link = link
        self._tasks = tasks
        self._touch = touch
        self._playing: asyncio.Task[None] | None = None

    @property
    def is_playing(self) -> bool:
        """Whether the path plays."""
        return self._playing is not None

    def play(self, playback: PathPlayback) -> None:
        """Play the path from its start."""
        self.stop()
        self._playing = self._tasks.run(self._play(playback))
        self._touch("path")

    def stop(self) -> None:
        """Stop where it is."""
        if self._playing is not None:
            self._playing.cancel()
            self._playing = None
            self._touch("path")

    async def _play(self, playback: PathPlayback) -> None:
        began = monotonic()
        while (position := playback.position(monotonic() - began)) is not None:
            self._link.send("/flow/path/play", position)
            await asyncio.sleep(_PACE_S)
        self._link.send("/flow/path/play", 0.0 if playback.back else 1.0)
        self._playing = None
        self._touch("path")
