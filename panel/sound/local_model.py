"""What this machine has of the model that plays: the space of its patches.

A server on this computer plays a model whose folder can be read. Where there is none, the space is recognised
by the names of the parameters.
"""

from dataclasses import dataclass
from pathlib import Path

from core.errors import BridgeError
from core.space import ParameterSpace
from models.folder import ModelFolder
from models.installed import list_models
from synths.space_files import load_space, space_names

__all__ = ["LocalModel", "read_local_model"]


@dataclass(frozen=True)
class LocalModel:
    """What is known of a model beyond the server's messages.

    Attributes:
        space: Whose patches the frames are; None if it is unknown here, so that nothing can play them.
    """

    space: ParameterSpace | None = None


def read_local_model(
    model: str, labels: tuple[str, ...], given: Path | None = None, adopted: Path | None = None
) -> LocalModel:
    """Read what this machine knows of a model. For a worker thread: it reads files.

    Args:
        model: Its name.
        labels: Names of its parameters.
        given: A model folder from the command line; read if the model is of that name.
        adopted: Folder of adopted presets.
    """
    paths = list_models()
    if adopted is not None and model == Path(model).name and (adopted / model).is_dir():
        paths[model] = adopted / model
    if given is not None and given.name == model:
        paths[model] = given
    if model in paths:
        try:
            folder = ModelFolder.load(paths[model])
        except BridgeError:
            folder = None
        if folder is not None and tuple(p.label for p in folder.space) == labels:
            return LocalModel(space=folder.space)
    for name in space_names():
        space = load_space(name)
        if tuple(p.label for p in space) == labels:
            return LocalModel(space=space)
    return LocalModel()
