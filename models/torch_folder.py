"""What a model folder holds besides the flow that plays: the encoder, and the whole model, in torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from core.config import build
from core.errors import CheckpointError, ConfigError
from core.mel import MelConfig
from models.encoder import Encoder
from models.folder import ModelFolder, read_tensors
from models.regression_flow import RegressionFlow, RegressionFlowConfig

__all__ = ["EncodedFolder", "load_regression_flow", "mel_of"]


class EncodedFolder:
    """A model folder that hears: mels to the patches that answer them.

    Encoder in torch, then the very flow that the server plays with. Encoders are stored in float16, which
    moves an answer by less than 0.001 of a parameter's range.

    Args:
        folder: The model.

    Raises:
        CheckpointError: The folder has no complete encoder.
    """

    def __init__(self, folder: ModelFolder) -> None:
        self.folder = folder
        self.mel = mel_of(folder)
        sizes = folder.settings.get("architecture", {})
        try:
            self.encoder = Encoder(
                self.mel.shape,
                folder.flow.n_latent,
                channels=sizes["encoder_channels"],
                width=sizes["encoder_width"],
                n_blocks=sizes["encoder_blocks"],
                rank=sizes["encoder_rank"],
            )
            tensors = read_tensors(folder.path / "weights.safetensors", "encoder.")
            self.encoder.load_state_dict({n: torch.from_numpy(t).float() for n, t in tensors.items()})
        except (KeyError, TypeError, RuntimeError) as error:
            raise _incomplete(folder, error) from error
        self.encoder.eval()

    def encode(self, mels: np.ndarray) -> np.ndarray:
        """Give the posterior means `(n, D)` of levelled log-mels `(n, n_mels, n_frames)`."""
        heard = torch.from_numpy(np.asarray(mels, np.float32))
        with torch.no_grad():
            return self.encoder(heard)[0].numpy()

    def infer(self, mels: np.ndarray) -> np.ndarray:
        """Give the patches `(n, P)` that answer mels, each value within 0 to 1."""
        return np.asarray(self.folder.flow.decode(self.encode(mels)), np.float32)


def mel_of(folder: ModelFolder) -> MelConfig:
    """Give the settings by which a model hears.

    Raises:
        CheckpointError: `model.yaml` has none, or damaged ones.
    """
    return _settings(folder, "mel", MelConfig)


def load_regression_flow(folder: ModelFolder) -> RegressionFlow:
    """Build the whole model of a folder, proxy included, in evaluation mode; it answers as its run did.

    Who only wants answers takes `EncodedFolder`, which needs no proxy.

    Raises:
        CheckpointError: The folder has no complete encoder, flow and proxy of this version.
    """
    config = _settings(folder, "architecture", RegressionFlowConfig)
    held_seconds = float(folder.settings.get("note", {}).get("held_seconds", 3.0))
    model = RegressionFlow(folder.space, mel_of(folder), config, held_seconds=held_seconds)
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
