"""The shipped model out of its folder."""

import pytest
import torch

from core.errors import CheckpointError
from core.mel import MelConfig
from models.folder import ModelFolder
from models.installed import find_model
from models.torch_folder import load_regression_flow
from synths.engine import Note
from synths.space_files import load_space
from tests.support.tiny_model import write_tiny_model
from tests.support.tiny_torch_model import write_tiny_torch_model


@pytest.fixture(scope="module")
def shipped():
    return load_regression_flow(ModelFolder.load(find_model("vital-32")))


def mels(n=3):
    generator = torch.Generator().manual_seed(0)
    return 3.0 * torch.randn((n, *mel_of_shipped().shape), generator=generator) - 6.0


def mel_of_shipped():
    return ModelFolder.load(find_model("vital-32")).mel


def test_answers_are_patches_and_the_same_each_time(shipped):
    heard, space = mels(), load_space("vital-32")
    answers = shipped.infer(heard)
    assert answers.shape == (3, len(space))
    for answer in answers.numpy():
        space.check(answer)
    assert torch.equal(answers, shipped.infer(heard))


def test_steps_along_the_gradient_bring_an_answer_nearer_and_each_on_its_own(shipped):
    """By the proxy, whose gradient they follow; in another batch they end at the same place."""
    heard = mels(6)
    off = [(shipped.proxy(shipped.infer(heard, steps=steps)) - heard).abs().mean((1, 2)) for steps in (0, 30)]
    assert (off[1] < off[0]).all()
    torch.testing.assert_close(shipped.infer(heard[:2]), shipped.infer(heard)[:2], atol=0.02, rtol=0)


def test_the_whole_model_comes_back(tmp_path):
    """A model of random weights, packaged as `python -m evaluation.packaging` does, answers as before."""
    mel, space = MelConfig(n_frames=16), load_space("vital-16")
    model = write_tiny_torch_model(tmp_path / "whole", space, mel, Note(held_seconds=0.6))
    again = load_regression_flow(ModelFolder.load(tmp_path / "whole"))
    heard = torch.randn(4, *mel.shape) * 3.0 - 5.0
    answers = model.infer(heard, steps=0)
    torch.testing.assert_close(again.infer(heard, steps=0), answers, atol=5e-3, rtol=0)
    torch.testing.assert_close(again.proxy(answers), model.proxy(answers), atol=0.05, rtol=0.01)


def test_a_folder_without_encoder_is_refused(tmp_path):
    folder = ModelFolder.load(write_tiny_model(tmp_path / "deaf"))
    with pytest.raises(CheckpointError, match=r"model\.yaml.*Fetch the folder again"):
        load_regression_flow(folder)
