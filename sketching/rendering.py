"""What a render worker does: play a patch, measure how far it is from the sound it was told of."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from core.errors import BridgeError, RenderError
from core.loudness import momentary_loudness
from core.space import ParameterSpace
from synths.engine import Engine, Note

__all__ = ["UNHEARD", "Measured", "Renderer", "serve"]

_SILENT_LUFS = -70.0
_BELOW_NORMAL = 0x4000  # Windows' BELOW_NORMAL_PRIORITY_CLASS
_NICER = 10


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One render, measured.

    Attributes:
        distance_db: To the sound, see `sketching.distance`; infinite where the patch is silent or fails.
        loudness: LUFS of the loudest 400 ms, as played.
    """

    distance_db: float
    loudness: float


UNHEARD = Measured(distance_db=float("inf"), loudness=-100.0)


class Renderer:
    """Renders patches of one space and compares them with one sound.

    Args:
        space: Of the patches.
        sample_rate: Of the renders, Hz.
        audio: The sound, mono.
        note: What is played.
        seconds: Length at which sounds are compared.
    """

    def __init__(
        self, space: ParameterSpace, sample_rate: int, audio: np.ndarray, note: Note, seconds: float
    ) -> None:
        from sketching.distance import listen  # brings librosa, which takes 1.5 s
        from synths.catalog import load_engine

        self.space, self.note, self.seconds = space, note, seconds
        self.engine: Engine = load_engine(space, sample_rate)
        self.target = listen(audio, sample_rate, seconds)

    def render(self, patch: np.ndarray) -> np.ndarray:
        """Play a patch; gives mono audio."""
        return np.asarray(self.engine.render(self.space.decode(patch), self.note).mean(axis=0))

    def measure(self, patch: np.ndarray) -> Measured:
        """Play a patch `(P,)` and compare it; one that fails is as far as can be."""
        from sketching.distance import distance_db, listen

        try:
            audio = self.render(patch)
        except RenderError:
            return UNHEARD
        loudness = momentary_loudness(audio, self.engine.sample_rate)
        if loudness < _SILENT_LUFS:
            return UNHEARD
        heard = listen(audio, self.engine.sample_rate, self.seconds)
        return Measured(distance_db=distance_db(self.target, heard), loudness=loudness)


def serve(pipe: Connection, space: Mapping[str, Any], sample_rate: int) -> None:
    """Answer what comes through a pipe until it is closed; runs in a process of its own.

    `("begin", turn, audio, note, seconds)` says what to compare with; `("render", turn, k, patch)` is
    answered by `(turn, k, Measured)`. An engine that does not start is answered by its error.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    _step_back()
    parameters = ParameterSpace.from_dict(dict(space))
    renderer: Renderer | None = None
    failed: BridgeError | None = None
    with threadpool_limits(1):  # there are as many workers as cores
        while True:
            try:
                kind, turn, *rest = pipe.recv()
                if kind == "begin":
                    audio, note, seconds = rest
                    renderer, failed = None, None
                    try:
                        renderer = Renderer(parameters, sample_rate, audio, Note(**note), seconds)
                    except BridgeError as error:
                        failed = error
                else:
                    k, patch = rest
                    pipe.send((turn, k, failed if renderer is None else renderer.measure(patch)))
            except (EOFError, OSError, KeyboardInterrupt):
                return  # whoever asked is gone


def _step_back() -> None:
    """Give this process a lower priority, so that knobs and audio come first."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(_NICER)
