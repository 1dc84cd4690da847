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
        self._names = space.names
        self._jobs = jobs
        self._observer = None if make is None else make(space)  # the worker's, from now on

    def settled(self, instrument: Instrument) -> None:
        """Pass the observer a patch that has come to rest."""
        if self._make is None:
            return
        patch, gestures = instrument.patch.copy(), instrument.gestures.played

        def tell() -> None:
            if self._observer is not None:
                self._observer.settled(patch, gestures)

        self._submit("settled", tell)

    def space_changed(self, space: ParameterSpace) -> None:
        """Replace the observer, if the space is another one."""
        make = self._make
        if make is None or space.names == self._names:
            return
        self._names = space.names

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
