"""The shipped model out of its folder."""

import numpy as np
import pytest
import torch

from core.errors import CheckpointError
from core.mel import MelConfig
from models.encoder import Encoder
from models.folder import ModelFolder, read_tensors, write_folder
from models.regression_flow import RegressionFlow, RegressionFlowConfig
from models.torch_folder import EncodedFolder, load_regression_flow, mel_of
from synths.catalog import load_space
from tests.support.tiny_model import write_tiny_model
from training.listener import PRETRAINED
from training.package import _tensors as packaged_tensors


@pytest.fixture(scope="module")
def shipped():
    return EncodedFolder(ModelFolder.load(PRETRAINED / "vital-32"))


def mels(n=3):
    return np.random.default_rng(0).normal(-6, 3, size=(n, *mel_of_shipped().shape)).astype(np.float32)


def mel_of_shipped():
    return mel_of(ModelFolder.load(PRETRAINED / "vital-32"))


def test_answers_are_patches_and_the_same_each_time(shipped):
    heard = mels()
    answers = shipped.infer(heard)
    assert answers.shape == (3, len(shipped.folder.space)) and answers.dtype == np.float32
    for answer in answers:
        shipped.folder.space.check(answer)
    np.testing.assert_array_equal(answers, shipped.infer(heard))
    np.testing.assert_allclose(shipped.infer(heard[1:2])[0], answers[1], atol=1e-5)


def test_half_precision_hardly_moves_an_answer(tmp_path):
    """The encoder as it was trained, against the one that the folder holds in float16."""
    sizes = {"channels": 4, "width": 16, "n_blocks": 1, "rank": 8}
    mel = MelConfig(n_frames=16)
    torch.manual_seed(0)
    encoder = Encoder(mel.shape, 32, **sizes).eval()
    folder = ModelFolder.load(write_tiny_model(tmp_path / "tiny"))
    tensors = {f"encoder.{n}": t.to(torch.float16).numpy() for n, t in encoder.state_dict().items()}
    named = {"encoder_blocks" if k == "n_blocks" else f"encoder_{k}": v for k, v in sizes.items()}
    write_folder(
        tmp_path / "tiny",
        space=folder.space,
        weights={**read_tensors(folder.path / "weights.safetensors"), **tensors},
        macros=folder.macros,
        presets=folder.presets,
        settings={"mel": mel.to_dict(), "architecture": named},
    )
    hearing = EncodedFolder(ModelFolder.load(tmp_path / "tiny"))
    heard = np.random.default_rng(0).normal(size=(4, *mel.shape)).astype(np.float32)
    with torch.no_grad():
        latents = encoder(torch.from_numpy(heard))[0].numpy()
    np.testing.assert_allclose(hearing.encode(heard), latents, atol=2e-3)
    np.testing.assert_allclose(hearing.infer(heard), folder.flow.decode(latents), atol=1e-2)


def test_the_whole_model_comes_back(tmp_path):
    """A model of random weights, packaged as `training.package` does, answers as before."""
    config = RegressionFlowConfig(
        flow_blocks=2,
        flow_hidden=16,
        encoder_channels=4,
        encoder_width=16,
        encoder_blocks=1,
        encoder_rank=8,
        proxy_width=16,
        proxy_blocks=1,
        proxy_states=4,
        proxy_frame_width=8,
        proxy_rank=4,
    )
    mel, space = MelConfig(n_frames=16), load_space("vital-16")
    torch.manual_seed(1)
    model = RegressionFlow(space, mel, config, held_seconds=0.6).eval()
    heard = torch.randn(4, *mel.shape) * 3.0 - 5.0
    model.standardise(torch.rand(50, len(space)), heard)
    folder = ModelFolder.load(write_tiny_model(tmp_path / "whole", space=space))
    write_folder(
        folder.path,
        space=space,
        weights=packaged_tensors(model),
        macros=folder.macros,
        presets=folder.presets,
        settings={
            "mel": mel.to_dict(),
            "architecture": config.to_dict(),
            "note": {"held_seconds": 0.6},
        },
    )
    folder = ModelFolder.load(folder.path)
    again = load_regression_flow(folder)
    answers = model.infer(heard)
    torch.testing.assert_close(again.infer(heard), answers, atol=3e-3, rtol=0)
    np.testing.assert_allclose(EncodedFolder(folder).infer(heard.numpy()), answers, atol=3e-3)
    torch.testing.assert_close(again.proxy(answers), model.proxy(answers), atol=0.05, rtol=0.01)


def test_a_folder_without_encoder_is_refused(tmp_path):
    folder = ModelFolder.load(write_tiny_model(tmp_path / "deaf"))
    with pytest.raises(CheckpointError, match="lacks 'mel'"):
        EncodedFolder(folder)
    with pytest.raises(CheckpointError):
        load_regression_flow(folder)
