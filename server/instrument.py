"""A loaded model, ready to play: its folder, the backend that runs it, and its counts."""

from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigError
from core.nearest import did_you_mean
from models.backends import Choice, choose
from models.folder import ModelFolder
from server.fitting import Sizes

__all__ = ["PRETRAINED", "Instrument", "find_model", "list_models", "load_instrument"]

PRETRAINED = Path(__file__).resolve().parent.parent / "models" / "pretrained"


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """What the engine plays.

    Attributes:
        model: The folder's contents.
        backend: The decoder chosen for it.
        sizes: Its counts.
    """

    model: ModelFolder
    backend: Choice
    sizes: Sizes


def list_models(folder: Path = PRETRAINED) -> dict[str, Path]:
    """Give the model folders that can be asked for by name."""
    found = sorted(folder.glob("*/model.yaml")) if folder.is_dir() else []
    return {path.parent.name: path.parent for path in found}


def find_model(wanted: str) -> Path:
    """Give the folder of a model named on the command line, by name or by path.

    Raises:
        ConfigError: There is neither a model nor a folder of that name.
    """
    known = list_models()
    if wanted in known:
        return known[wanted]
    path = Path(wanted)
    if path.is_dir():
        return path.resolve()
    if not known:
        raise ConfigError(
            f"there is no model '{wanted}', and none in {PRETRAINED}. Fetch one, or give a folder."
        )
    raise ConfigError(f"there is no model '{wanted}'; {did_you_mean(wanted, known)}")


def load_instrument(path: Path, backend: str = "auto") -> Instrument:
    """Read a model folder and choose its backend by measuring.

    Raises:
        CheckpointError: The folder is incomplete or damaged.
        ConfigError: The backend does not work here.
    """
    model = ModelFolder.load(path)
    sizes = Sizes(
        n_macros=len(model.macros),
        n_latent=model.flow.n_latent,
        n_parameters=len(model.space),
    )
    return Instrument(model=model, backend=choose(model.flow, backend), sizes=sizes)
