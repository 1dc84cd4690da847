"""The processes that render: who is free, who has what, and who is ready for the next note."""

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from core.system.restarts import Restarts
from sounding.player import Player
from sounding.renderer import Prepare, Rendered, UseSpace, receive_rendered, run_renderer
from sounding.voice import RenderJob

__all__ = ["RendererPool"]

_AT_REST_S = 0.05  # a patch that has rested this long is prepared for
_MOST_RESTARTS, _WITHIN_S = 6, 60.0
_PATIENCE_S = 2.0
_ENDED = "a process that renders notes ended, perhaps for lack of memory. Play again."
_ALL_ENDED = (
    "the processes that render notes end again and again, perhaps for lack of memory. Close other programs, "
    "and start the server again to hear it."
)


class RendererPool:
    """Renders for a player.

    Args:
        space: That patches belong to, as `ParameterSpace.to_dict` has it; its number is 0.
        sample_rate: Hz.
        n_renderers: How many; by default one for each core, from 2 to 4.
    """

    def __init__(self, space: dict[str, Any], sample_rate: int, n_renderers: int | None = None) -> None:
        self._sample_rate = sample_rate
        self._n_renderers = n_renderers or min(max(os.cpu_count() or 1, 2), 4)
        self._spaces: dict[int, dict[str, Any]] = {}
        self._children: list[_Child] = []
        self._restarts = Restarts(_MOST_RESTARTS, _WITHIN_S)
        self.add_space(0, space)
        self._revision, self._since = 0, 0.0

    def add_space(self, number: int, space: dict[str, Any]) -> None:
        """Render patches of another space, too; if no engine played those before, all start anew."""
        self._spaces[number] = space
        if not self._children:
            self._children = [self._new_child(number) for _ in range(self._n_renderers)]

    def _new_child(self, number: int) -> "_Child":
        return _Child(self._spaces, number, self._sample_rate)

    @property
    def pipes(self) -> list[Connection]:
        """Where answers come from."""
        return [child.pipe for child in self._children]

    @property
    def is_ready(self) -> bool:
        """Whether any can render."""
        return any(child.is_ready for child in self._children)

    def receive(self, pipe: Connection, player: Player, lock: AbstractContextManager[object]) -> str:
        """Pass what a renderer sends on to the player; return what went wrong, or nothing.

        Args:
            pipe: The renderer's.
            player: Plays what was rendered.
            lock: The stream's. It is taken once a render is here: a renderer gives way to all others, and may
                take long to send it.
        """
        child = next((child for child in self._children if child.pipe is pipe), None)
        if child is None:  # it was replaced after it was found ready
            return ""
        try:
            rendered = child.receive()
        except (EOFError, OSError):
            with lock:
                if isinstance(child.job, RenderJob):
                    player.fail(child.job)
            return self._replace(child)
        job, child.job = child.job, None if rendered.is_last else _Renewing()
        if isinstance(job, RenderJob):
            with lock:
                if rendered.piece is None:
                    player.fail(job)
                else:
                    player.note_render_time(rendered.seconds, job.n_frames)
                    player.receive(job, rendered.piece)
        return "" if child.refused else rendered.error  # that is told when it has ended

    def dispatch(self, player: Player, now: float) -> None:
        """Give every free renderer what is most urgent; the stream's lock has to be held.

        Args:
            player: Says what is to be rendered.
            now: Seconds.
        """
        for k, child in enumerate(self._children):
            if not child.is_free:
                continue
            job = player.next_job(spare=k == 0 and len(self._children) > 1)
            if job is not None:
                child.send(job)
            else:
                self._prepare(child, player, now)

    def _prepare(self, child: "_Child", player: Player, now: float) -> None:
        known = player.patch_at_rest()
        if known is None:
            return
        revision, patch, space = known
        if revision != self._revision:
            self._revision, self._since = revision, now
        if child.prepared != revision and now - self._since >= _AT_REST_S:
            child.send(Prepare(patch, space))
            child.prepared = revision

    def close(self) -> None:
        """End all of them."""
        for child in self._children:
            child.pipe.close()
        for child in self._children:
            child.end()

    def _replace(self, child: "_Child") -> str:
        """Start another one for one that died; return what to tell the player."""
        child.pipe.close()
        child.end()
        self._children.remove(child)
        if child.refused:
            return child.refused if not self._children else ""
        if self._restarts.allow(monotonic()):
            self._children.append(self._new_child(child.first))
        return _ENDED if self._children else _ALL_ENDED


class _Renewing:
    """What a renderer does while it renews its engine."""


class _Child:
    """One renderer and our end of its pipe.

    Args:
        spaces: By number.
        first: Number of the space that it starts with.
        sample_rate: Hz.
    """

    def __init__(self, spaces: Mapping[int, dict[str, Any]], first: int, sample_rate: int) -> None:
        self.first = first
        self._spaces, self._known = spaces, {first}
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.job: RenderJob | Prepare | _Renewing | None = None
        self.prepared = 0  # revision of the patch at which it rests
        self.is_ready = False
        self.refused = ""
        run: Callable[..., None] = run_renderer
        given = (theirs, first, spaces[first], sample_rate)
        self._process = context.Process(target=run, args=given, daemon=True)
        self._process.start()
        theirs.close()

    @property
    def is_free(self) -> bool:
        return self.is_ready and self.job is None

    def send(self, job: RenderJob | Prepare) -> None:
        self.job = job
        self.prepared = 0
        with contextlib.suppress(OSError):  # it has died; its pipe tells
            if job.space not in self._known:
                self._known.add(job.space)
                self.pipe.send(UseSpace(job.space, self._spaces[job.space]))
            self.pipe.send(job)

    def receive(self) -> Rendered:
        rendered = receive_rendered(self.pipe)
        if not self.is_ready:
            self.is_ready, self.refused = not rendered.error, rendered.error
        return rendered

    def end(self) -> None:
        self._process.kill()  # it keeps nothing, and a render could take a second
        self._process.join(_PATIENCE_S)
