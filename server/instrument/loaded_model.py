"""A loaded model, ready to play: its folder, the backend that runs it, and its counts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import CheckpointError
from models.backends import ChosenBackend, choose_backend
from models.folder import BASE, ModelFolder
from server.osc.fitting import Sizes

__all__ = ["LoadedModel", "load_model"]

_TRIES, _BETWEEN_S = 4, 0.15  # of an adopted preset's folder


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """What an instrument plays.

    Attributes:
        model: The folder's contents.
        backend: The decoder chosen for it.
        sizes: Its counts.
    """

    model: ModelFolder
    backend: ChosenBackend
    sizes: Sizes


def load_model(
    path: Path, backend: str = "auto", adjust: Callable[[ModelFolder], ModelFolder] = lambda model: model
) -> LoadedModel:
    """Read a model folder and choose its backend by measuring.

    Args:
        path: The folder.
        backend: As on the command line.
        adjust: Gives the model as it is to be played, such as with macros measured on the player's synth.

    Raises:
        CheckpointError: The folder is incomplete or damaged.
        ConfigError: The backend does not work here.
    """
    model = adjust(_read(path))
    sizes = Sizes(
        n_macros=len(model.macros),
        n_latent=model.flow.n_latent,
        n_parameters=len(model.space),
    )
    return LoadedModel(model=model, backend=choose_backend(model.flow, backend), sizes=sizes)


def _read(path: Path) -> ModelFolder:
    for _ in range(_TRIES - 1):
        try:
            return ModelFolder.load(path)
        except CheckpointError:
            if not (path / BASE).exists():
                raise
            time.sleep(_BETWEEN_S)  # its macros may be written just now, file by file
    return ModelFolder.load(path)
