"""A process that hears presets, one after another; one that crashes it or takes too long is refused.

The numbers of a file are checked before the engine gets it, but not its wavetables, sample and shapes, which
anybody may have drawn.
"""

import contextlib
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from core.errors import BridgeError, RenderError
from library.heard import Heard
from synths.child_process import lower_priority

__all__ = ["Renderer"]

_PATIENCE_S = 60.0  # the largest presets take three seconds on a slow computer
_STARTING_S = 120.0
_MOST_PRESETS = 200  # of one process: the engine gives back most of its memory, not all


class Renderer:
    """Starts the process when it is needed, and again when it has died or is worn.

    Args:
        patience_s: After this a preset is given up.
    """

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._process: Any = None
        self._pipe: Connection | None = None
        self._n_heard = 0

    def hear(self, path: Path) -> Heard:
        """Return what a preset sounds like.

        Raises:
            PatchError: It is no preset that can be read.
            RenderError: The engine refuses it, crashes, or does not finish.
        """
        pipe = self._ready()
        try:
            pipe.send(str(path))
            if not pipe.poll(self._patience_s):
                self.stop()
                raise RenderError(f"Vital's engine did not finish {path.name} in {self._patience_s:.0f} s.")
            answer = pipe.recv()
        except (EOFError, OSError):
            self.stop()
            raise RenderError(f"{path.name} crashes Vital's engine.") from None
        self._n_heard += 1
        if isinstance(answer, BridgeError):
            raise answer
        heard: Heard = answer
        return heard

    def stop(self) -> None:
        """End the process."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None

    def _ready(self) -> Connection:
        if self._n_heard >= _MOST_PRESETS:
            self.stop()
        if self._pipe is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_run, args=(theirs,), name="library", daemon=True)
            self._process.start()
            theirs.close()
            self._n_heard = 0
            if not self._pipe.poll(_STARTING_S):
                self.stop()
                raise RenderError("the process that hears presets does not start.")
            with contextlib.suppress(EOFError):  # one that died while starting is noticed at its first preset
                self._pipe.recv()
        assert self._pipe is not None, "set above"
        return self._pipe


def _run(pipe: Connection) -> None:
    """Hear presets until the pipe ends; the first thing that a new process does."""
    import signal

    from threadpoolctl import threadpool_limits

    from core.native_output import native_output_dropped

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it tells it when to end
    lower_priority()
    threadpool_limits(1)
    with native_output_dropped():
        from library.heard import hear_preset

        with contextlib.suppress(EOFError, OSError):
            pipe.send("ready")
            while True:
                path = Path(pipe.recv())
                try:
                    answer: Heard | BridgeError = hear_preset(path)
                except BridgeError as error:
                    answer = error
                except Exception as error:  # the engine's own kinds, which no list names
                    answer = RenderError(f"Vital's engine refuses {path.name}: {type(error).__name__}.")
                pipe.send(answer)
