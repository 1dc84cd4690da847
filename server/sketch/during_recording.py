"""Early renders while a take is recorded: patches like the sound so far."""

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from core.errors import SoundError
from server.sketch.take_audio import TakeAudio

if TYPE_CHECKING:
    from sketching.early_renders import EarlyRenders

__all__ = ["render_during_recording"]

_ROUND_SECONDS = 0.4  # of new sound at least, before another round
_LOOK_SECONDS = 0.05


def render_during_recording(early: "EarlyRenders", take: TakeAudio, outdated: Callable[[], bool]) -> None:
    """Render round after round, until a recording ends or all of it that counts has been heard.

    Args:
        early: The renders of this take, to which more are added.
        take: It may have ended already.
        outdated: Whether a newer take has begun.

    Raises:
        RenderError: The engine does not start, or workers ended again and again.
    """
    answerer, begun = early.answerer, take.begun
    quietest = 10.0 ** (begun.gate_db / 20.0)
    n_heard = 0

    def over() -> bool:
        return take.ended or outdated()

    while not over():
        audio = take.audio()
        fresh = (len(audio) - n_heard) / begun.sample_rate
        if fresh < _ROUND_SECONDS or np.abs(audio).max() < quietest:
            take.wait(_LOOK_SECONDS)
            continue
        n_heard = len(audio)
        with contextlib.suppress(SoundError):  # nothing to be heard yet
            heard = answerer.hear(audio, begun.sample_rate, take.track_so_far())
            seconds = n_heard / begun.sample_rate - heard.begins
            if seconds < answerer.note.seconds + _ROUND_SECONDS:  # what comes later does not count
                early.render_round(heard, seconds, over)
