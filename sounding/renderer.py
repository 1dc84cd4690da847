"""Renders stretches of notes, in a process of its own: what it is sent, and what it sends back."""

import contextlib
import math
import os
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import soxr

from core.errors import BridgeError
from core.space import ParameterSpace, Patch
from sounding.piece import Piece, held_piece, released_piece
from sounding.voice import HELD, RenderJob
from synths.engine import Engine, FadingEngine, Note, RestingEngine

__all__ = [
    "Prepare",
    "Rendered",
    "Renderer",
    "UseSpace",
    "give_way",
    "receive_rendered",
    "run_renderer",
    "send_rendered",
]

_END_S = 0.012  # an engine fades the end of a render out: it renders this much more, which is cut off
_SMOOTH_S = 0.005  # by less, a change of rate smears that fade
_MOST_ENGINES = 2  # in a process: Vital's takes up to 100 MB
_NICENESS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Prepare:
    """Come to rest at a patch `(P,)` of a space, so that the next note begins at once."""

    patch: np.ndarray
    space: int = 0


@dataclass(frozen=True, slots=True)
class UseSpace:
    """Jobs of another space follow, under this number; it is answered by nothing."""

    number: int
    space: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer to a job.

    Attributes:
        piece: What was rendered; None if that failed, or after a `Prepare`.
        error: What went wrong, and what to do.
        seconds: How long it took.
        is_last: Whether the renderer is free again; else it renews its engine, and answers once more.
    """

    piece: Piece | None
    error: str = ""
    seconds: float = 0.0
    is_last: bool = True


class Renderer:
    """Renders jobs with one engine.

    Args:
        space: Of the patches.
        engine: Plays them.
        sample_rate: Of the pieces, Hz; by default that of the engine.
    """

    def __init__(self, space: ParameterSpace, engine: Engine, sample_rate: int | None = None) -> None:
        self._space = space
        self._engine = engine
        self._sample_rate = sample_rate or engine.sample_rate
        if isinstance(engine, RestingEngine):
            engine.spare_memory()

    def prepare(self, patch: np.ndarray) -> None:
        """Come to rest at a patch, if the engine can."""
        if isinstance(self._engine, RestingEngine):
            self._engine.prepare(self._space.decode(patch))

    def render(self, job: RenderJob) -> Piece:
        """Return what a job asks for.

        Raises:
            BridgeError: The engine failed.
        """
        rate = self._sample_rate
        patch = self._space.decode(job.patch)
        n = min(job.n_frames, self._longest(job, patch))
        seconds = n / rate + _END_S + _SMOOTH_S * (rate != self._engine.sample_rate)
        held = 2.0 * seconds if job.held == HELD else job.held / rate
        note = Note(note=job.note, velocity=job.velocity, held_seconds=held, seconds=seconds)
        frames = self._engine.render(patch, note).T
        if rate != self._engine.sample_rate:
            frames = soxr.resample(frames, self._engine.sample_rate, rate)
        frames = np.ascontiguousarray(frames[:n], np.float32)
        if job.held == HELD:
            return held_piece(frames, rate)
        piece = released_piece(frames, rate)
        return piece if n == job.n_frames else replace(piece, is_over=True)

    def _longest(self, job: RenderJob, patch: Patch) -> int:
        """Return after how many frames a note has died away, where the engine knows."""
        if job.held == HELD or not isinstance(self._engine, FadingEngine):
            return job.n_frames
        seconds = self._engine.tail_seconds(patch)
        return job.n_frames if seconds == math.inf else job.held + round(seconds * self._sample_rate)

    @property
    def is_worn(self) -> bool:
        """Whether the engine is to be renewed before it plays on."""
        return isinstance(self._engine, RestingEngine) and self._engine.is_worn

    def renew(self) -> None:
        """Renew the engine."""
        if isinstance(self._engine, RestingEngine):
            self._engine.renew()


class Renderers:
    """A renderer for each space that is played; of more than two, those used last.

    Args:
        sample_rate: Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._spaces: dict[int, dict[str, Any]] = {}
        self._ready: dict[int, Renderer] = {}  # the one used last is the last

    def add(self, use: UseSpace) -> None:
        """Note a space; its engine starts with the first job."""
        self._spaces[use.number] = use.space

    def of(self, number: int) -> Renderer:
        """Return the renderer of a space.

        Raises:
            BridgeError: Its engine does not start.
        """
        renderer = self._ready.pop(number, None)
        if renderer is None:
            from synths.catalog import facts_of, load_engine

            while len(self._ready) >= _MOST_ENGINES:
                del self._ready[next(iter(self._ready))]
            space = ParameterSpace.from_dict(self._spaces[number])
            rate = facts_of(space).own_rate or self._sample_rate
            renderer = Renderer(space, load_engine(space, rate), self._sample_rate)
        self._ready[number] = renderer
        return renderer


def give_way() -> None:
    """Set the calling process behind the mixer and the knobs, where the system can."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICENESS)


def run_renderer(pipe: Connection, first: int, space: dict[str, Any], sample_rate: int) -> None:
    """Render what comes through a pipe, until it ends; `space` has the number `first`."""
    import signal

    for name in ("SIGINT", "SIGBREAK"):  # whoever started it ends it
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)
    give_way()
    renderers = Renderers(sample_rate)
    renderers.add(UseSpace(first, space))
    try:
        renderers.of(first)
        send_rendered(pipe, Rendered(None))
    except BridgeError as error:
        send_rendered(pipe, Rendered(None, str(error)))
        return
    with contextlib.suppress(EOFError, OSError):  # the mixer has ended
        while True:
            order = pipe.recv()
            if isinstance(order, UseSpace):
                renderers.add(order)
                continue
            rendered = _answer(renderers, order)
            send_rendered(pipe, rendered)
            if not rendered.is_last:  # after the answer, so that nothing that is urgent waits for it
                send_rendered(pipe, _renewed(renderers.of(order.space)))


def _answer(renderers: Renderers, order: RenderJob | Prepare) -> Rendered:
    try:
        renderer = renderers.of(order.space)
        began = time.perf_counter()
        if isinstance(order, Prepare):
            renderer.prepare(order.patch)
            return Rendered(None)
        piece = renderer.render(order)
    except BridgeError as error:
        return Rendered(None, str(error))
    return Rendered(piece, seconds=time.perf_counter() - began, is_last=not renderer.is_worn)


def _renewed(renderer: Renderer) -> Rendered:
    try:
        renderer.renew()
    except BridgeError as error:
        return Rendered(None, str(error))
    return Rendered(None)


def send_rendered(pipe: Connection, rendered: Rendered) -> None:
    """Send an answer; audio as bare bytes."""
    piece = rendered.piece
    facts = None if piece is None else (piece.loop_start, piece.is_over)
    pipe.send((rendered.error, rendered.seconds, rendered.is_last, facts))
    if piece is None:
        return
    pipe.send_bytes(piece.audio.tobytes())


def receive_rendered(pipe: Connection) -> Rendered:
    """Return the next answer of a renderer.

    Raises:
        EOFError: It has ended.
    """
    error, seconds, is_last, facts = pipe.recv()
    if facts is None:
        return Rendered(None, error, seconds, is_last)
    audio = np.frombuffer(pipe.recv_bytes(), np.float32).reshape(-1, 2)
    return Rendered(Piece(audio, *facts), error, seconds, is_last)
