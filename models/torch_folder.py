"""A model folder in torch: the whole model, to answer sounds with."""

import torch

from core.errors import CheckpointError
from models.folder import ModelFolder, read_tensors
from models.folder_settings import mel_of, settings_of
from models.regression_flow import RegressionFlow, RegressionFlowConfig

__all__ = ["load_regression_flow"]


def load_regression_flow(folder: ModelFolder) -> RegressionFlow:
    """Build the whole model of a folder, in evaluation mode; it answers as its run did.

    Weights are stored in float16 but for the flow, which moves an answer by less than 0.003.

    Raises:
        CheckpointError: The folder has no complete encoder, flow and proxy of this version.
    """
    mel, config = mel_of(folder), settings_of(folder, "architecture", RegressionFlowConfig)
    held_seconds = float(folder.settings.get("note", {}).get("held_seconds", 3.0))
    model = RegressionFlow(folder.space, mel, config, held_seconds=held_seconds)
    tensors = read_tensors(folder.path / "weights.safetensors")
    try:
        model.load_state_dict({name: torch.from_numpy(array).float() for name, array in tensors.items()})
    except RuntimeError as error:
        raise _incomplete(folder, error) from error
    return model.eval()


def _incomplete(folder: ModelFolder, error: Exception) -> CheckpointError:
    lines = str(error).strip().splitlines() or [repr(error)]
    return CheckpointError(
        f"{folder.path} holds no complete model ({lines[-1].strip()[:160]}). Fetch it again."
    )
