"""Who is told of patches that have come to rest: the audition."""

import logging
from collections.abc import Callable
from typing import Protocol

import numpy as np

from core.playing.gestures import Gestures
from core.space import ParameterSpace
from server.instrument.instrument import Instrument
from server.running.jobs import Job, JobQueue

__all__ = ["MakeObserver", "Observation", "Observer"]

logger = logging.getLogger(__name__)


class Observer(Protocol):
    """Hears each patch that has come to rest."""

    def settled(self, vector: np.ndarray, gestures: Gestures | None) -> None:
        """Hear a patch `(P,)` that has rested for 0.12 s, with its gestures; called in the worker."""
        ...

    def close(self) -> None:
        """Release all resources: another model is loaded, or the server ends."""
        ...


MakeObserver = Callable[[ParameterSpace], Observer]


class Observation:
    """The observer of the instrument that has the focus.

    Args:
        make: Returns the observer for a parameter space; None for no observer.
        space: Of the model that plays.
        jobs: Where observers are told.
    """

    def __init__(self, make: MakeObserver | None, space: ParameterSpace, jobs: JobQueue) -> None:
        self._make = make
        self._space = space
        self._n_spaces = 0  # before the present one
        self._jobs = jobs
        self._observer = None if make is None else make(space)  # the worker's, from now on

    def settled(self, instrument: Instrument) -> None:
        """Pass a patch that has come to rest to the observer of its space."""
        if self._make is None:
            return
        self._change_space(instrument.model.space, self._make)
        patch, gestures = instrument.patch.copy(), instrument.gestures.played

        def tell() -> None:
            if self._observer is not None:
                self._observer.settled(patch, gestures)

        # It takes the place of none that is for the observer before.
        self._submit(f"settled {self._n_spaces}", tell)

    def _change_space(self, space: ParameterSpace, make: MakeObserver) -> None:
        """Replace the observer, if the space is another one."""
        if space is self._space:
            return
        before, self._space = self._space, space
        if space.to_dict() == before.to_dict():
            return
        self._n_spaces += 1

        def replace() -> None:
            self.close()
            self._observer = make(space)

        self._submit("observe", replace)

    def close(self) -> None:
        """Close the observer; not on the loop, because it may take long."""
        if self._observer is not None:
            self._observer.close()
            self._observer = None

    def _submit(self, key: str, work: Callable[[], None]) -> None:
        def fail(error: Exception) -> None:
            logger.error("the audition failed", exc_info=error)

        self._jobs.submit(Job(key=key, work=work, land=lambda _: None, fail=fail))
