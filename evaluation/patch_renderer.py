"""Many patches rendered in order, on several engines at once, with a progress bar."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import local

import numpy as np

from core.playing.gestures import Gestures
from core.space import ParameterSpace
from synths.catalog import load_engine
from synths.engine import Engine, Note, PatchFailure, play
from training.data.progress import Progress

__all__ = ["PatchRenderer"]


logger = logging.getLogger(__name__)


class PatchRenderer:
    """Renders patches of one space; its engines start when first needed and are kept.

    A patch at which the engine fails is silence.

    Args:
        space: Space of the patches.
        sample_rate: Sample rate of the renders, Hz.
        workers: Number of engines, one per thread. Vital's engine releases the GIL while it renders.
        engine: An engine that renders everything one after another, such as an external synth; None starts
            engines of the space's synth.
    """

    def __init__(
        self, space: ParameterSpace, sample_rate: int, workers: int = 2, engine: Engine | None = None
    ) -> None:
        self.space, self.sample_rate = space, sample_rate
        self._own, self._engine_given = local(), engine
        self._pool = ThreadPoolExecutor(max(1, workers) if engine is None else 1)

    def render(
        self,
        vectors: Sequence[np.ndarray],
        notes: Note | Sequence[Note],
        label: str = "render",
        gestures: Sequence[Gestures | None] | None = None,
    ) -> list[np.ndarray]:
        """Render patches `(n, P)` to mono audio.

        Args:
            vectors: Normalized values.
            notes: A note for each patch, or one for all.
            label: Label of the progress bar.
            gestures: Of each patch; none by default.
        """
        sounds = []
        with Progress(len(vectors), unit="render", label=label, leave=False) as bar:
            for sound in self.stream(vectors, notes, gestures):
                sounds.append(sound)
                bar.update()
        return sounds

    def stream(
        self,
        vectors: Sequence[np.ndarray],
        notes: Note | Sequence[Note],
        gestures: Sequence[Gestures | None] | None = None,
    ) -> Iterator[np.ndarray]:
        """Yield renders in order, each as soon as it is there."""
        each = [notes] * len(vectors) if isinstance(notes, Note) else list(notes)
        patches = [self.space.decode(v) for v in vectors]

        def render(k: int) -> np.ndarray:
            drawn = None if gestures is None else gestures[k]
            try:
                return np.asarray(play(self._engine(), patches[k], each[k], drawn).mean(axis=0))
            except PatchFailure as failure:
                logger.warning("%s It counts as silent", failure)
                return np.zeros(round(each[k].seconds * self.sample_rate), np.float32)

        yield from self._pool.map(render, range(len(patches)))

    def close(self) -> None:
        """Stop the engines."""
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> "PatchRenderer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _engine(self) -> Engine:
        if self._engine_given is not None:
            return self._engine_given
        engine: Engine | None = getattr(self._own, "engine", None)
        if engine is None:
            engine = self._own.engine = load_engine(self.space, self.sample_rate)
        return engine
