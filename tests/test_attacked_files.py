"""Every file but sounds that a user can bring, damaged in every way: it is read, or refused in one sentence.

Each reader either returns something usable or raises a `BridgeError`; it never hangs, and never shows a bug.
"""

import json
import math
import shutil

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibration.audibility import audible_db
from calibration.facts import facts_path, read_facts, write_facts
from calibration.microphone_facts import known_microphone
from calibration.trim import read_trims
from core.errors import BridgeError
from core.space import ParameterSpace
from models.folder import ModelFolder
from models.folder_files import digest_of
from panel.state.snapshots import Snapshots
from server.instrument.preset_file import read_preset, text_of
from server.instrument.preset_map import PresetMap
from server.midi.profiles.profile import Profile, read_profile
from synths.space_files import load_space
from synths.vital_preset import read_preset as read_vital
from tests.server.instrument.test_presets import preset
from tests.support.attacks import attack, holds, mutated, truncations, with_other_values
from tests.support.live import load
from tests.support.tiny_model import tiny_space, write_tiny_model

YAML, JSON = yaml.safe_dump, json.dumps


def spelled(data, how):
    return (
        YAML(data, sort_keys=False, allow_unicode=True).encode()
        if how is YAML
        else JSON(data).encode("utf-8", "replace")
    )


def attacks_on(plain, how):
    """Damaged bytes of a file of plain values, and whole files with other values."""
    return mutated(spelled(plain, how)) | with_other_values(plain).map(lambda data: spelled(data, how))


# -- presets

PRESET = json.loads(text_of(preset(latent=[0.5] * 3, patch={"p00": 0.25, "p01": 0.5}, place=(0.5, 0.5))))


def check_preset(path):
    found = holds(read_preset, path)
    if found is not None:
        assert all(math.isfinite(v) for v in found.latent) and all(0 <= v <= 1 for v in found.patch.values())
        assert 1 <= len(found.name) <= 64 and not set(found.name) & set("/\\:\0")


@pytest.mark.parametrize(("how", "suffix"), [(JSON, "json"), (YAML, "yaml")])
def test_presets_cut_at_every_length(tmp_path, how, suffix):
    path = tmp_path / f"x.{suffix}"
    for data in truncations(spelled(PRESET, how)):
        path.write_bytes(data)
        check_preset(path)


@attack
@given(data=st.data(), how=st.sampled_from([(JSON, "json"), (YAML, "yaml")]))
def test_presets_attacked(tmp_path, data, how):
    path = tmp_path / f"x.{how[1]}"
    path.write_bytes(data.draw(attacks_on(PRESET, how[0])))
    check_preset(path)


@given(
    latent=st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=40),
    patch=st.lists(st.floats(0, 1), min_size=32, max_size=32),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_preset_of_any_finite_point_can_be_on_the_map(tiny_folder, latent, patch):
    made = preset(latent=latent, patch={f"p{k:02d}": value for k, value in enumerate(patch)})
    point = PresetMap(load(tiny_folder), [made]).find("Mine")
    assert np.isfinite(point.latent).all() and 0 <= point.x <= 1 and 0 <= point.y <= 1


# -- snapshots

SNAPSHOTS = {"tiny": {"A": [0.5, 0.25], "B": [1.0, -1.0]}, "other": {"H": [0.125]}}


def check_snapshots(path):
    snapshots = Snapshots(path)
    for model in ("tiny", "other", ""):
        for slot in snapshots.filled(model):
            for n in range(4):
                point = snapshots.point(model, slot, n)
                assert point is None or all(math.isfinite(v) for v in point)
    before = snapshots.point("tiny", "A", 2)
    snapshots.store("tiny", "C", (0.25, 0.75))
    again = Snapshots(path)
    assert again.problem == "" and again.point("tiny", "C", 2) == (0.25, 0.75)
    assert again.point("tiny", "A", 2) == before


def test_snapshots_cut_at_every_length(tmp_path):
    for k, data in enumerate(truncations(JSON(SNAPSHOTS).encode())):
        folder = tmp_path / str(k)
        folder.mkdir()
        (folder / "s.json").write_bytes(data)
        check_snapshots(folder / "s.json")


@attack
@given(data=attacks_on(SNAPSHOTS, JSON))
def test_snapshots_attacked(tmp_path, data):
    (tmp_path / "s.json").write_bytes(data)
    check_snapshots(tmp_path / "s.json")


# -- what was measured

FACTS = {
    "device": "x", "noise_db": -60.0, "gate_db": -45.0, "level_db": None, "name": "x",
    "controls": {"cc 20": {"low": 0, "high": 127, "jitter": 1}}, "range_db": {"p00": 1.5},
}  # fmt: skip


def check_facts(folder, data):
    for kind in ("microphone", "controller", "audible"):
        facts_path(kind, "x", folder).write_bytes(data)
    facts = known_microphone("x", folder)
    assert all(value is None or math.isfinite(value) for value in vars(facts).values())
    assert all(0 <= trim.low < trim.high for trim in read_trims("x", folder).values())
    assert (audible_db(tiny_space(2), folder) > 0).all()
    write_facts("microphone", "x", {"noise_db": -50.0}, folder)
    assert known_microphone("x", folder).noise_db == -50.0


def test_facts_cut_at_every_length(tmp_path):
    for data in truncations(spelled(FACTS, YAML)):
        check_facts(tmp_path, data)
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()


@attack
@given(data=attacks_on(FACTS, YAML))
def test_facts_attacked(tmp_path_factory, data):
    check_facts(tmp_path_factory.mktemp("facts"), data)


def test_two_devices_that_share_a_file_name_do_not_share_facts(tmp_path):
    for k, device in enumerate(("A/B", "A:B", "A?B")):
        write_facts("loop", device, {"ms": k}, tmp_path)
    for k, device in enumerate(("A/B", "A:B", "A?B")):
        assert read_facts("loop", device, tmp_path)["ms"] == k


# -- profiles

PROFILE = {
    "format": 1, "device": "x",
    "bindings": [
        {"control": "cc 21", "channel": 1, "macro": 0, "takeover": "pickup", "low": 0.0, "high": 1.0},
        {"control": "note 60", "preset": "Monday"},
    ],
}  # fmt: skip


def check_profile(folder):
    profile = read_profile(folder, "x")
    assert isinstance(profile, Profile) and all(isinstance(text, str) for text in profile.problems)
    for binding in profile.bindings:
        assert 0.0 <= binding.response.low <= 1.0 and 0.0 <= binding.response.high <= 1.0


def test_profiles_cut_at_every_length(tmp_path):
    for data in truncations(spelled(PROFILE, YAML)):
        (tmp_path / "x.yaml").write_bytes(data)
        check_profile(tmp_path)


@attack
@given(data=attacks_on(PROFILE, YAML))
def test_profiles_attacked(tmp_path, data):
    (tmp_path / "x.yaml").write_bytes(data)
    check_profile(tmp_path)


# -- spaces

SPACE = tiny_space(2).to_dict()


def check_space(path):
    space = holds(ParameterSpace.from_yaml, path)
    if space is not None:
        encoded = space.decode(np.full(len(space), 0.5, np.float32))
        assert len(encoded) == len(space)
        assert all(math.isfinite(parameter.plain(0.5)) for parameter in space)


def test_spaces_cut_at_every_length(tmp_path):
    for data in truncations(spelled(SPACE, YAML)):
        (tmp_path / "s.yaml").write_bytes(data)
        check_space(tmp_path / "s.yaml")


@attack
@given(data=attacks_on(SPACE, YAML))
def test_spaces_attacked(tmp_path, data):
    (tmp_path / "s.yaml").write_bytes(data)
    check_space(tmp_path / "s.yaml")


# -- Vital's presets

VITAL = {
    "synth_version": "1.5.5", "preset_name": "x", "author": "y", "preset_style": "Pad",
    "settings": {"osc_1_level": 0.5, "filter_1_cutoff": 60.0,
                 "modulations": [{"source": "lfo_1", "destination": "osc_1_level"}]},
}  # fmt: skip


def check_vital(path):
    found = holds(read_vital, path, load_space("vital-16"))
    if found is not None:
        assert np.isfinite(found.vector).all() and found.vector.min() >= 0 and found.vector.max() <= 1
        assert all(isinstance(text, str) for text in (found.name, found.author, found.style))


def test_vitals_presets_cut_at_every_length(tmp_path):
    for data in truncations(JSON(VITAL).encode()):
        (tmp_path / "x.vital").write_bytes(data)
        check_vital(tmp_path / "x.vital")


@settings(attack, max_examples=60)
@given(data=attacks_on(VITAL, JSON))
def test_vitals_presets_attacked(tmp_path, data):
    (tmp_path / "x.vital").write_bytes(data)
    check_vital(tmp_path / "x.vital")


# -- model folders


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def small_folder(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("models") / "small", n=16, n_presets=2)


FILES = [
    "model.yaml",
    "macros.yaml",
    "presets.yaml",
    "macros.safetensors",
    "presets.safetensors",
    "weights.safetensors",
]


def check_model(folder):
    model = holds(ModelFolder.load, folder)
    if model is not None:
        assert all(
            isinstance(name, str)
            for name in (*model.macros.names, *model.presets.names, *model.presets.kinds)
        )
        assert np.isfinite(model.flow.decode(model.macros.resting)).all()
        assert np.isfinite(model.presets.latents).all() and np.isfinite(model.presets.places).all()


def with_file(folder, to, name, data):
    """A copy of a folder with another file in it, whose checksum is right: made by somebody who means it."""
    shutil.copytree(folder, to)
    (to / name).write_bytes(data)
    if name != "model.yaml":
        head = yaml.safe_load((to / "model.yaml").read_text())
        head["files"][name] = digest_of(data)
        (to / "model.yaml").write_text(YAML(head, sort_keys=False))
    return to


@pytest.mark.parametrize("name", FILES)
def test_model_folders_cut_at_many_lengths(small_folder, tmp_path, name):
    data = (small_folder / name).read_bytes()
    step = max(1, len(data) // 40)
    for n in range(0, len(data) + 1, step):
        check_model(with_file(small_folder, tmp_path / str(n), name, data[:n]))


def test_a_format_that_is_no_number_is_named_in_short(small_folder, tmp_path):
    folder = shutil.copytree(small_folder, tmp_path / "small")
    head = yaml.safe_load((folder / "model.yaml").read_text("utf-8"))
    (folder / "model.yaml").write_text(YAML({**head, "format": head["space"]}), "utf-8")
    with pytest.raises(BridgeError) as error:
        ModelFolder.load(folder)
    assert len(str(error.value)) < 300


@settings(attack, max_examples=60)
@given(data=st.data(), name=st.sampled_from(FILES))
def test_model_folders_attacked(small_folder, tmp_path_factory, data, name):
    before = (small_folder / name).read_bytes()
    if name.endswith(".yaml"):
        damaged = data.draw(attacks_on(yaml.safe_load(before), YAML))
    else:
        damaged = data.draw(mutated(before))
    check_model(with_file(small_folder, tmp_path_factory.mktemp("attacked") / "small", name, damaged))
