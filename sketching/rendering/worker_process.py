"""The process of a render worker: it does the jobs that come through its pipe."""

from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from core.errors import BridgeError
from core.mel import MelConfig
from core.space import ParameterSpace
from sketching.rendering.own_renderer import OwnRenderer
from sketching.rendering.render_worker import Renderer
from synths.child_process import lower_priority
from synths.engine import Note

__all__ = ["run_worker"]


def run_worker(pipe: Connection, space: Mapping[str, Any], mel: Mapping[str, Any], polite: bool) -> None:
    """Answer the messages of a pipe until it is closed; runs in a process of its own.

    `("begin", turn, audio, note, lufs)` tells what to compare with; `("render", turn, k, patch, gestures)`
    asks for a render. Each is answered by `(turn, k, RenderMeasurement)`, the first with None for both, once
    the engine is there. An engine that does not start is answered by its error. `("own", turn, k, path,
    patch)` asks for a render of a player's own preset, and is answered by `(turn, k, OwnMeasurement)`.
    """
    from threadpoolctl import threadpool_limits

    if polite:
        lower_priority()
    parameters, heard_by = ParameterSpace.from_dict(dict(space)), MelConfig(**mel)
    renderer: Renderer | None = None
    own: OwnRenderer | None = None
    failed: BridgeError | None = None
    with threadpool_limits(1):  # there are as many workers as cores
        while True:
            try:
                kind, turn, *rest = pipe.recv()
                if kind == "begin":
                    audio, note, lufs = rest
                    renderer, own, failed = None, None, None
                    try:
                        renderer = Renderer(parameters, heard_by, audio, Note(**note), lufs)
                    except BridgeError as error:
                        failed = error
                    pipe.send((turn, None, failed))
                elif kind == "own":
                    k, path, patch = rest
                    own = own or OwnRenderer(heard_by, audio, Note(**note), lufs)
                    pipe.send((turn, k, own.measure(path, patch)))
                else:
                    k, patch, gestures = rest
                    pipe.send((turn, k, failed if renderer is None else renderer.measure(patch, gestures)))
            except (EOFError, OSError, KeyboardInterrupt):
                return  # nobody waits for an answer any more
