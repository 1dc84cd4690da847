"""A loaded model, ready to play: its folder, the backend that runs it, and its counts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.backends import ChosenBackend, choose_backend
from models.folder import ModelFolder
from server.osc.fitting import Sizes

__all__ = ["LoadedModel", "load_model"]


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
    model = adjust(ModelFolder.load(path))
    sizes = Sizes(
        n_macros=len(model.macros),
        n_latent=model.flow.n_latent,
        n_parameters=len(model.space),
    )
    return LoadedModel(model=model, backend=choose_backend(model.flow, backend), sizes=sizes)
