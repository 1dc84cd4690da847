"""A model folder with encoder and proxy, of random weights, as `python -m evaluation.packaging` writes it."""

from dataclasses import replace
from pathlib import Path

import torch

from core.fine_frames import FINE_SHAPE
from core.mel import MelConfig
from core.space import ParameterSpace
from evaluation.packaging.package import packaged_tensors
from models.coupling_arrays import CouplingArrays
from models.folder import ModelFolder, write_folder
from models.regression_flow import RegressionFlow, RegressionFlowConfig
from models.settings import ModelSettings
from synths.engine import Note
from tests.support.tiny_model import write_tiny_model

__all__ = ["TINY", "write_tiny_torch_model"]

TINY = RegressionFlowConfig(
    flow_blocks=2,
    flow_hidden=16,
    encoder_channels=4,
    encoder_width=16,
    encoder_blocks=1,
    encoder_rank=8,
    encoder_fine_rank=8,
    sampler_width=8,
    proxy_width=16,
    proxy_blocks=1,
    proxy_states=4,
    proxy_frame_width=8,
    proxy_rank=4,
)


def write_tiny_torch_model(path: Path, space: ParameterSpace, mel: MelConfig, note: Note) -> RegressionFlow:
    """Write the folder; gives the model in it, in evaluation mode."""
    torch.manual_seed(1)
    model = RegressionFlow(space, mel, TINY, held_seconds=note.held_seconds).eval()
    fine = torch.randint(256, (8, *FINE_SHAPE)).float()
    model.standardise(torch.rand(50, len(space)), torch.randn(8, *mel.shape) * 3.0 - 5.0, fine)
    if model.flow.leveler is not None:
        model.flow.leveler.b2.data.fill_(-6.0)  # dB: loud enough to be written in 16 bits
    weights = packaged_tensors(model)
    flow = CouplingArrays.from_tensors(
        {name.removeprefix("flow."): t for name, t in weights.items() if name.startswith("flow.")}
    )
    folder = ModelFolder.load(write_tiny_model(path, space=space))
    write_folder(
        path,
        space=space,
        weights=weights,
        macros=folder.macros,
        presets=replace(folder.presets, patches=flow.decode(folder.presets.latents)),
        settings=ModelSettings(architecture=TINY.to_dict(), mel=mel, note=note),
    )
    return model
