"""The whole model of a folder in torch, which answers sounds."""

import torch

from core.config import build
from core.errors import CheckpointError, ConfigError
from models.folder import ModelFolder
from models.folder_files import read_tensors
from models.regression_flow import RegressionFlow, RegressionFlowConfig

__all__ = ["load_regression_flow"]


def load_regression_flow(folder: ModelFolder) -> RegressionFlow:
    """Load the whole model of a folder, in evaluation mode; it answers as it did after training.

    All weights but the flow's are stored in 8 or 16 bits (`evaluation.packaging.package`).

    Raises:
        CheckpointError: The folder has no complete encoder, flow and proxy of this version.
    """
    try:
        config = build(RegressionFlowConfig, folder.settings.architecture)
    except ConfigError as error:
        raise CheckpointError(f"{folder.path / 'model.yaml'}: {error} Fetch the folder again.") from error
    held_seconds = folder.settings.note.held_seconds
    tensors = read_tensors(folder.path / "weights.safetensors")
    try:
        model = RegressionFlow(folder.space, folder.mel, config, held_seconds=held_seconds)
        model.load_state_dict({name: torch.from_numpy(array).float() for name, array in tensors.items()})
    except (RuntimeError, ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise _incomplete(folder, error) from error
    return model.eval()


def _incomplete(folder: ModelFolder, error: Exception) -> CheckpointError:
    lines = str(error).strip().splitlines() or [repr(error)]
    return CheckpointError(
        f"{folder.path} holds no complete model ({lines[-1].strip()[:160]}). Fetch it again."
    )
