"""A hosted plug-in in a process of its own, which may crash or hang: each render has a deadline.

After either the process is started anew, so the patch that did it is lost and nothing else.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import BridgeError, RenderError
from core.native_output import drop_native_output
from core.space import Patch
from synths.child_process import exit_reason
from synths.engine import Note, PatchFailure
from synths.plugin import PluginControls, PluginEngine
from synths.vst2 import Vst2Engine

__all__ = ["GuardedPlugin", "open_plugin"]

_LOADING_S = 60.0
_PLAYING_S = 20.0  # a render; none of the plug-ins that were tried takes more than 2 s
_VST2_SUFFIXES = (".so", ".dll", ".vst")


def open_plugin(
    path: Path, sample_rate: int, *, fresh: bool = False, state: bytes | None = None
) -> PluginEngine | Vst2Engine:
    """Host a plug-in in this process: a VST2 by its suffix, any other as a VST3 or Audio Unit.

    Args:
        path: Its file.
        sample_rate: Of the renders, Hz.
        fresh: Start a new instance for every render.
        state: Preset to start with; None leaves it to the plug-in.

    Raises:
        RenderError: It is missing, does not load or is not an instrument.
    """
    host = Vst2Engine if path.suffix.lower() in _VST2_SUFFIXES else PluginEngine
    return host(path, sample_rate, fresh=fresh, state=state)


class GuardedPlugin:
    """Renders patches with a plug-in in another process; see `synths.engine.Engine`. Any thread may use it.

    Args:
        path: The plug-in.
        sample_rate: Of the renders, Hz.
        fresh: Start a new instance for every render.
        state: Preset to start with; None leaves it to the plug-in.
        loading_s: After this time without an answer, a plug-in that loads is stopped.
        playing_s: The same for one that renders.

    Attributes:
        controls: What the plug-in shows of its controls.

    Raises:
        RenderError: The plug-in is missing, does not load, crashes or hangs as it does, or is an effect.
    """

    def __init__(
        self,
        path: Path,
        sample_rate: int = 22_050,
        *,
        fresh: bool = False,
        state: bytes | None = None,
        loading_s: float = _LOADING_S,
        playing_s: float = _PLAYING_S,
    ) -> None:
        self.path, self.sample_rate, self.fresh, self._state = path, sample_rate, fresh, state
        self._loading_s, self._playing_s = loading_s, playing_s
        self._one_at_a_time = threading.Lock()
        self._child: Any = None
        self._ours: Any = None
        self.controls: PluginControls = self._start()

    def __del__(self) -> None:
        if getattr(self, "_child", None) is not None:
            self._stop()

    def render(self, patch: Patch, note: Note) -> np.ndarray:
        """Play a patch; see `synths.engine.Engine.render`.

        Raises:
            PatchFailure: The plug-in crashed or hung, and is started anew for the next patch.
        """
        with self._one_at_a_time:
            if self._child is None:
                self._start()
            with self._failing(PatchFailure, "at this patch"):
                self._ours.send((dict(patch), note))
                return np.asarray(self._answer(self._playing_s))

    def close(self) -> None:
        """End the process; the next render starts another."""
        with self._one_at_a_time:
            if self._child is not None:
                self._stop()

    def _start(self) -> PluginControls:
        context = get_context("spawn")  # the same on every system, and nothing is inherited
        self._ours, theirs = context.Pipe()
        child = context.Process(
            target=_serve, args=(theirs, self.path, self.sample_rate, self.fresh, self._state), daemon=True
        )
        child.start()
        self._child = child
        theirs.close()
        with self._failing(RenderError, "as it was loaded"):
            controls: PluginControls = self._answer(self._loading_s)
        return controls

    @contextmanager
    def _failing(self, error: type[RenderError], when: str) -> Iterator[None]:
        """Stop the process where it crashes or hangs in the block, and raise an error that says so."""
        try:
            yield
        except (EOFError, OSError) as problem:
            self._child.join(10.0)
            hung, reason = isinstance(problem, TimeoutError), exit_reason(self._child.exitcode)
            self._stop()
            said = f"{problem} and was stopped" if hung else f"crashed ({reason})"
            raise error(f"{self.path.name} {said} {when}.") from None

    def _answer(self, timeout_s: float) -> Any:
        if not self._ours.poll(timeout_s):
            self._child.kill()
            raise TimeoutError(f"did not answer for {timeout_s:.0f} s")
        done, result = self._ours.recv()
        if not done:
            raise result
        return result

    def _stop(self) -> None:
        self._child.kill()
        self._ours.close()
        self._child = None


def _serve(theirs: Connection, path: Path, sample_rate: int, fresh: bool, state: bytes | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    drop_native_output()
    try:
        engine = open_plugin(path, sample_rate, fresh=fresh, state=state)
        theirs.send((True, engine.controls()))
    except BridgeError as error:
        theirs.send((False, error))
    else:
        while (wanted := _next(theirs)) is not None:
            try:
                theirs.send((True, engine.render(*wanted)))
            except BridgeError as error:
                theirs.send((False, error))
    theirs.close()
    os._exit(0)  # plug-ins also crash or hang as they are unloaded


def _next(theirs: Connection) -> tuple[Patch, Note] | None:
    try:
        wanted: tuple[Patch, Note] = theirs.recv()
    except EOFError:
        return None
    return wanted


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
