"""Models: another one, the list, a damaged one, one without presets."""

import numpy as np

from tests.server.bridge_messages import KNOBS, addresses, state
from tests.support.live import MY_PORT, OTHER, OTHER_PORT, Rig, only


def test_another_model_by_name(rig):
    sent = rig.send("/flow/model", "small")[MY_PORT]
    assert set(addresses(sent)) == {
        "/flow/welcome", "/flow/model", "/flow/status", "/flow/params", *KNOBS,
    }  # fmt: skip
    assert only(sent, "/flow/welcome")[4] == "small" and len(only(sent, "/flow/params")) == 17
    assert len(rig.send("/flow/macro", 0, 0.3)[MY_PORT][0]) == 18
    error = only(rig.send("/flow/patch", *[0.5] * 32)[MY_PORT], "/flow/error")
    assert "16 f value" in error[1]


def test_models_are_listed_when_asked_for_and_when_another_plays(rig, models):
    names = sorted(path.name for path in models.iterdir())

    def listed(messages):
        items = [m[1:] for m in messages if m[0] == "/flow/model"]
        assert [k for k, _, _ in items] == list(range(len(names)))
        assert sorted(name for _, name, _ in items) == names
        return [name for _, name, playing in items if playing]

    rig.hello(OTHER, OTHER_PORT, nonce=2)
    sent = rig.send("/flow/models")
    assert set(sent) == {MY_PORT} and listed(sent[MY_PORT]) == ["tiny"]
    sent = rig.send("/flow/model", "other")
    assert listed(sent[MY_PORT]) == listed(sent[OTHER_PORT]) == ["other"]


def test_a_model_that_cannot_be_named_is_not_listed(rig, models):
    rig.desk_models["../away"] = rig.desk_models["x" * 65] = models / "tiny"
    sent = rig.send("/flow/models")[MY_PORT]
    assert all(len(name) <= 64 and "/" not in name for _, _, name, _ in sent)
    assert len(sent) == len(rig.desk_models) - 2


def test_without_presets_there_is_no_map_until_one_is_saved(bare, tmp_path):
    rig = Rig(bare, tmp_path)
    rig.hello()
    before = state(rig)
    about, text = only(rig.send("/flow/place", 0.5, 0.5)[MY_PORT], "/flow/error")
    assert about == "/flow/place" and "save one first" in text and state(rig) == before
    rig.send("/flow/preset/save", "Mine")
    rig.send("/flow/vary", 1.0)
    assert addresses(rig.send("/flow/place", 0.1, 0.9)[MY_PORT]) == ["/flow/params", *KNOBS]
    assert np.allclose(rig.instrument.latent, before_latent(before), atol=1e-6)


def before_latent(state):
    return np.frombuffer(state[0])


def test_a_damaged_model_leaves_the_old_one_playing(rig, models):
    broken = models / "broken"
    broken.mkdir(exist_ok=True)
    (broken / "model.yaml").write_text("format: 1\n")
    fresh = Rig(models / "tiny", rig.store.folder.path.parent)
    fresh.hello()
    before = state(fresh)
    error = only(fresh.send("/flow/model", "broken")[MY_PORT], "/flow/error")
    assert error[0] == "/flow/model" and "lacks" in error[1]
    assert state(fresh) == before
