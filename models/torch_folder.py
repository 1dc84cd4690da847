"""A model folder in torch: the whole model, to answer sounds with."""

from collections.abc import Mapping
from typing import Any

import torch

from core.config import build
from core.errors import CheckpointError, ConfigError
from core.mel import MelConfig
from models.folder import ModelFolder, read_tensors
from models.regression_flow import RegressionFlow, RegressionFlowConfig

__all__ = ["load_regression_flow", "mel_of"]


def mel_of(folder: ModelFolder) -> MelConfig:
    """Give the settings by which a model hears.

    Raises:
        CheckpointError: `model.yaml` has none, or damaged ones.
    """
    return _settings(folder, "mel", MelConfig)


def load_regression_flow(folder: ModelFolder) -> RegressionFlow:
    """Build the whole model of a folder, in evaluation mode; it answers as its run did.

    Weights are stored in float16 but for the flow, which moves an answer by less than 0.003.

    Raises:
        CheckpointError: The folder has no complete encoder, flow and proxy of this version.
    """
    mel, config = mel_of(folder), _settings(folder, "architecture", RegressionFlowConfig)
    held_seconds = float(folder.settings.get("note", {}).get("held_seconds", 3.0))
    model = RegressionFlow(folder.space, mel, config, held_seconds=held_seconds)
    tensors = read_tensors(folder.path / "weights.safetensors")
    try:
        model.load_state_dict({name: torch.from_numpy(array).float() for name, array in tensors.items()})
    except RuntimeError as error:
        raise _incomplete(folder, error) from error
    return model.eval()


def _settings(folder: ModelFolder, key: str, kind: type[Any]) -> Any:
    values = folder.settings.get(key)
    try:
        if not isinstance(values, Mapping):
            raise ConfigError(f"it lacks '{key}'.")
        return build(kind, values)
    except ConfigError as error:
        raise CheckpointError(f"{folder.path / 'model.yaml'}: {error} Fetch the folder again.") from error


def _incomplete(folder: ModelFolder, error: Exception) -> CheckpointError:
    lines = str(error).strip().splitlines() or [repr(error)]
    return CheckpointError(
        f"{folder.path} holds no complete model ({lines[-1].strip()[:160]}). Fetch it again."
    )
