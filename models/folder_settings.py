"""Settings in a model folder that say how its networks are built and how they hear."""

from collections.abc import Mapping
from typing import Any

from core.config import build
from core.errors import CheckpointError, ConfigError
from core.mel import MelConfig
from models.folder import ModelFolder

__all__ = ["mel_of", "settings_of"]


def mel_of(folder: ModelFolder) -> MelConfig:
    """Give the settings by which a model hears.

    Raises:
        CheckpointError: `model.yaml` has none, or damaged ones.
    """
    settings: MelConfig = settings_of(folder, "mel", MelConfig)
    return settings


def settings_of(folder: ModelFolder, key: str, kind: type[Any]) -> Any:
    """Build the dataclass `kind` from what `model.yaml` says under a key.

    Raises:
        CheckpointError: It says nothing, or something damaged.
    """
    values = folder.settings.get(key)
    try:
        if not isinstance(values, Mapping):
            raise ConfigError(f"it lacks '{key}'.")
        return build(kind, values)
    except ConfigError as error:
        raise CheckpointError(f"{folder.path / 'model.yaml'}: {error} Fetch the folder again.") from error
