"""A model folder is read as it was written, and what does not fit is refused with a line that says why."""

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file

from core.errors import CheckpointError
from core.playing.note import Note
from models import served_flow
from models.backends import choose_backend
from models.folder import ModelFolder, write_folder
from models.installed import find_model
from models.settings import ModelSettings
from tests.support.tiny_model import write_tiny_model

DATA = ("weights.safetensors", "macros.yaml", "macros.safetensors", "presets.yaml", "presets.safetensors")


class Straight:
    """A flow of another kind: the patch is the latent, moved and held within 0 to 1."""

    has_level = False

    def __init__(self, shift):
        self.shift = shift
        self.n_latent = len(shift)

    @classmethod
    def from_tensors(cls, tensors):
        return cls(tensors["shift"])

    def decode(self, z):
        return np.clip(np.asarray(z, np.float32) + self.shift, 0.0, 1.0)

    def invert(self, v):
        return np.asarray(v, np.float32) - self.shift

    def onnx_graph(self):
        raise NotImplementedError("there is no graph of it.")

    def torch_decode(self, device):
        raise NotImplementedError("torch does not run it.")


def edit(folder, **changes):
    page = folder / "model.yaml"
    page.write_text(yaml.safe_dump({**yaml.safe_load(page.read_text("utf-8")), **changes}), "utf-8")
    return folder


def write_again(model, out, **changes):
    parts = {
        "space": model.space,
        "weights": load_file(model.path / "weights.safetensors"),  # in bytes, as they lie there
        "macros": model.vocabulary,
        "presets": model.presets,
        "settings": model.settings,
    }
    write_folder(out, **{**parts, **changes})
    return out


def test_the_shipped_folder_written_again_is_the_same_to_the_byte(tmp_path):
    model = ModelFolder.load(find_model("vital-32"))
    again = write_again(model, tmp_path / "again")
    for name in DATA:
        assert (again / name).read_bytes() == (model.path / name).read_bytes(), name
    before, after = (yaml.safe_load((f / "model.yaml").read_text("utf-8")) for f in (model.path, again))
    assert after.pop("flow") == before.pop("flow") == "coupling"
    assert before["files"].pop("sketch.safetensors")
    assert after == before


def test_settings_come_back(tmp_path):
    shipped = ModelFolder.load(find_model("vital-32"))
    changed = ModelSettings(mel=shipped.mel, note=Note(note=48, held_seconds=1.0), target_lufs=-20.0)
    again = ModelFolder.load(write_again(shipped, tmp_path / "again", settings=changed))
    assert again.settings == changed
    assert shipped.settings.note == Note() and shipped.settings.architecture["flow_blocks"] == 8


def test_a_folder_that_only_plays_has_no_mel(tmp_path):
    folder = ModelFolder.load(write_tiny_model(tmp_path / "tiny"))
    with pytest.raises(CheckpointError, match=r"model\.yaml lacks 'mel'"):
        folder.mel  # noqa: B018


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"note": {"note": "C"}}, "'note.note'"),
        ({"mel": {"n_melz": 64}}, "n_melz"),
        ({"mel": 64}, "'mel'"),
        ({"target_lufs": "loud"}, "target_lufs"),
        ({"flow": "spline"}, "spline.*coupling"),
        ({"format": 99}, "format 99"),
        ({"files": None}, "files"),
    ],
)
def test_settings_that_do_not_fit_are_named(tmp_path, changes, says):
    with pytest.raises(CheckpointError, match=says) as caught:
        ModelFolder.load(edit(write_tiny_model(tmp_path / "tiny"), **changes))
    assert str(tmp_path) in str(caught.value)


def test_keys_of_a_later_version_are_left_alone(tmp_path):
    ModelFolder.load(edit(write_tiny_model(tmp_path / "tiny"), author="somebody"))


def test_a_flow_of_another_kind_is_a_class_and_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(served_flow, "FLOWS", {**served_flow.FLOWS, "straight": Straight})
    model = ModelFolder.load(write_tiny_model(tmp_path / "tiny"))
    weights = {"flow.shift": np.linspace(-0.1, 0.1, 32, dtype=np.float32)}
    out = write_again(model, tmp_path / "straight", weights=weights, settings=ModelSettings(flow="straight"))
    straight = ModelFolder.load(out)
    assert isinstance(straight.flow, Straight)
    choice = choose_backend(straight.flow)
    assert choice.name == "numpy"
    z = straight.macros[0].turn(straight.macros.resting, 0.7)
    assert np.array_equal(choice.decode(z), straight.flow.decode(z))
