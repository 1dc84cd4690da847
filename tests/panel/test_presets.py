"""Which preset plays, and favourites, without a server."""

import json

from panel.osc.messages import PresetItem
from panel.osc.mirror import Mirror
from panel.state.favourites import Favourites
from panel.state.loaded_preset import LoadedPreset


def mirror_of(*presets):
    mirror = Mirror(macros=(0.1, 0.2))
    mirror.presets = dict(enumerate(presets))
    return mirror


def test_a_preset_is_known_by_its_place_until_the_sound_moves_on():
    mirror = mirror_of(
        PresetItem("Bell", 0.25, 0.5), PresetItem("Twin", 0.25, 0.5), PresetItem("Far", 0.9, 0.1)
    )
    loaded = LoadedPreset(mirror)
    loaded.follow()
    assert (loaded.name, loaded.has_changed) == ("", False)
    loaded.ask("Twin")
    mirror.place = 0.25, 0.5
    loaded.follow()
    assert (loaded.name, loaded.has_changed, loaded.positions) == ("Twin", False, (0.1, 0.2))
    mirror.place, mirror.macros = (0.26, 0.5), (0.7, 0.2)
    loaded.follow()
    assert (loaded.name, loaded.has_changed, loaded.positions) == ("Twin", True, (0.1, 0.2))
    mirror.place = 0.9, 0.1  # somebody else has loaded another
    loaded.follow()
    assert (loaded.name, loaded.has_changed, loaded.positions) == ("Far", False, (0.7, 0.2))
    loaded.saved("Mine")
    loaded.renamed("Mine", "Ours")
    assert loaded.name == "Ours"
    loaded.forget()
    assert loaded.name == ""


def test_favourites_are_kept_for_each_model_and_shared_by_panels(tmp_path):
    path = tmp_path / "panel-favourites.json"
    one, other = Favourites(path), Favourites(path)
    one.like("a", "Bell", True)
    other.like("a", "Äther", True)
    other.like("b", "Bell", True)
    assert Favourites(path).names("a") == ["Bell", "Äther"] and Favourites(path).names("b") == ["Bell"]
    other.rename("a", "Bell", "Gong")
    other.rename("a", "unknown", "Nothing")
    other.like("b", "Bell", False)
    assert Favourites(path).names("a") == ["Gong", "Äther"] and Favourites(path).names("b") == []
    path.write_text(json.dumps({"a": 3, "b": ["x", 4]}))
    assert Favourites(path).names("a") == [] and Favourites(path).names("b") == ["x"]
