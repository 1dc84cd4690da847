"""Each instrument plays a model of its own, and models of several sizes play side by side."""

import numpy as np
import pytest

from server.instrument.played_model import MOST_LOADED
from server.sound.known_spaces import KnownSpaces
from tests.server.bridge_messages import KNOBS, addresses
from tests.server.players import PANEL, PANEL_PORT, Device, panel, welcomes
from tests.server.sketch.fake_processes import FakeProcesses, answers, patches
from tests.support.live import Rig, floats, only
from tests.support.tiny_model import write_tiny_model

STRANGER, REPLY_PORT = ("127.0.0.1", 55_555), 9131


@pytest.fixture
def rig(tiny, tmp_path):
    return Rig(tiny, tmp_path)


def plays(device):
    return device.instrument.model.name


def sizes(device):
    """What a device's last welcome said: its model, and how many macros, latents and parameters it has."""
    return only(device.told, "/flow/welcome")[4], *only(device.told, "/flow/welcome")[6:9]


def test_only_those_who_hear_the_instrument_are_told_of_its_model(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    before = b.instrument.latent.copy()
    sent = b.send("/flow/model", "small")
    assert set(sent) == {b.port}
    assert set(addresses(sent[b.port])) == {
        "/flow/welcome", "/flow/model", "/flow/status", "/flow/params", *KNOBS,
    }  # fmt: skip
    assert only(sent[b.port], "/flow/welcome")[4:9] == ("small", "none", 8, 16, 16)
    assert (plays(a), plays(b)) == ("tiny", "small") and len(before) == 32
    listed = {m[2]: m[3] for m in b.send("/flow/models")[b.port]}
    assert [name for name, playing in listed.items() if playing] == ["small"]
    listed = {m[2]: m[3] for m in a.send("/flow/models")[a.port]}
    assert [name for name, playing in listed.items() if playing] == ["tiny"]


def test_both_are_turned_and_each_is_sent_frames_of_its_own_length(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    b.send("/flow/model", "small")
    for k in range(8):
        for device in (a, b):
            rig.put("/flow/macro", k, 0.25 + 0.05 * k, sender=device.sender)
    sent = rig.turn()
    assert len(only(sent[a.port], "/flow/params")) == 33 and len(only(sent[b.port], "/flow/params")) == 17
    for device in (a, b):
        assert np.allclose(device.instrument.dials, 0.25 + 0.05 * np.arange(8), atol=1e-5)


def test_a_point_of_another_length_is_refused_with_the_instruments_own(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    b.send("/flow/model", "small")
    for device, right, wrong in ((a, 32, 16), (b, 16, 32)):
        for address in ("/flow/latent", "/flow/patch"):
            before = device.instrument.latent.copy()
            rig.raw(floats(address, [0.5] * wrong), device.sender)
            assert f"{right} f" in only(rig.turn()[device.port], "/flow/error")[1]
            assert np.array_equal(device.instrument.latent, before)
            rig.raw(floats(address, [0.5] * right), device.sender)
            assert len(only(rig.turn()[device.port], "/flow/params")) == right + 1


def test_an_index_is_held_against_the_instruments_own_model(rig, models):
    wide = write_tiny_model(models / "wide", macro_names=[f"Macro {k}" for k in range(8)], n=24)
    narrow = write_tiny_model(models / "narrow", macro_names=["One", "Two", "Three"], n=24)
    rig.desk_models |= {"wide": wide, "narrow": narrow}
    a, b = Device(rig, 0), Device(rig, 1)
    a.send("/flow/model", "narrow")
    assert "from 0 to 2" in only(a.send("/flow/macro", 3, 0.5)[a.port], "/flow/error")[1]
    assert "from 0 to 2" in only(a.send("/flow/freeze", 3, 1)[a.port], "/flow/error")[1]
    b.send("/flow/macro", 7, 0.9)
    assert b.instrument.dials[7] == pytest.approx(0.9) and len(a.instrument.dials) == 3
    sent = a.send("/flow/freeze/*", 1)  # a pattern reaches as many as the instrument has
    assert a.instrument.frozen == {0, 1, 2} and "/flow/error" not in addresses(sent[a.port])


def test_a_new_instrument_plays_the_servers_own_model_and_a_duplicate_its_originals(rig):
    a = Device(rig, 0)
    a.send("/flow/model", "small")
    a.send("/flow/macro", 1, 0.8)
    b, copy = Device(rig, 1), Device(rig, 2, "id-0")
    assert (plays(a), plays(b), plays(copy)) == ("small", "tiny", "small")
    assert sizes(b) == ("tiny", 8, 32, 32) and sizes(copy) == ("small", 8, 16, 16)
    assert np.array_equal(copy.instrument.latent, a.instrument.latent)
    copy.send("/flow/model", "tiny")
    assert (plays(a), plays(copy)) == ("small", "tiny")


def test_models_are_loaded_once_and_unloaded_when_nobody_plays_them(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    a.send("/flow/model", "small")
    rig.put("/flow/model", "small", sender=b.sender)
    rig.bridge.finish(rig.now)
    assert "model" not in [job.key[1] for job in rig.jobs.waiting]  # it is there already
    rig.turn()
    assert b.instrument.loaded is a.instrument.loaded and b.instrument.preset_map is a.instrument.preset_map
    a.send("/flow/model", "other")
    assert {played.name for played in rig.models} == {"tiny", "small", "other"}
    b.send("/flow/model", "tiny")
    a.send("/flow/model", "tiny")
    assert [played.name for played in rig.models] == ["tiny"]


def test_there_is_an_end_to_loaded_models(rig, monkeypatch):
    monkeypatch.setattr("server.instrument.played_model.MOST_LOADED", 2)
    monkeypatch.setattr("server.tracks.tracks.MOST_LOADED", 2)
    assert MOST_LOADED >= 64
    a, b = Device(rig, 0), Device(rig, 1)
    a.send("/flow/model", "small")
    assert "close an instrument" in only(b.send("/flow/model", "other")[b.port], "/flow/error")[1]
    assert "/flow/error" not in addresses(b.send("/flow/model", "small")[b.port])


def test_the_focus_leads_the_panel_and_programs_of_protocol_1_from_model_to_model(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    b.send("/flow/model", "small")
    told = panel(rig)[PANEL_PORT]
    assert only(told, "/flow/welcome")[4] == "tiny"
    sent = rig.send("/flow/focus", "id-1", sender=PANEL)[PANEL_PORT]
    assert only(sent, "/flow/welcome")[4:9] == ("small", "none", 8, 16, 16)
    assert len(only(sent, "/flow/latent")) == 16 and len(only(sent, "/flow/params")) == 17
    assert addresses(sent).index("/flow/welcome") < addresses(sent).index("/flow/latent")
    rig.now += 3.0
    rig.send("/flow/macro", 0, 0.9, sender=STRANGER)
    assert b.instrument.dials[0] == pytest.approx(0.9) and a.instrument.dials[0] != pytest.approx(0.9)
    assert "16 f" in only(rig.send("/flow/patch", *[0.5] * 32, sender=STRANGER)[REPLY_PORT], "/flow/error")[1]
    sent = rig.send("/flow/focus", "id-0", sender=PANEL)[PANEL_PORT]
    assert only(sent, "/flow/welcome")[4] == "tiny" and len(only(sent, "/flow/params")) == 33
    assert "/flow/welcome" not in addresses(rig.send("/flow/focus", "id-0", sender=PANEL).get(PANEL_PORT, []))


def test_a_linked_device_is_welcomed_by_the_others_model_and_keeps_it_when_it_leaves(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    a.send("/flow/model", "small")
    a.send("/flow/macro", 0, 0.7)

    def link(to):
        hello = (b.k, b.port, 2, "device", "Track 1", "id-1", to)
        return b.send("/flow/hello", *hello)[b.port]

    sent = link("id-0")
    assert only(sent, "/flow/welcome")[4:] == ("small", "none", 8, 16, 16, *only(sent, "/flow/welcome")[9:])
    assert len(only(sent, "/flow/params")) == 17
    b.send("/flow/macro", 1, 0.2)
    assert a.instrument.dials[1] == pytest.approx(0.2) and plays(b) == "tiny"
    b.send("/flow/model", "other")  # it acts on what it is linked to
    assert plays(a) == "other" and plays(b) == "tiny"
    sent = link("-")
    assert only(sent, "/flow/welcome")[4] == "other" == plays(b)
    assert np.array_equal(b.instrument.latent, a.instrument.latent)


def test_an_instrument_that_comes_back_after_a_kill_plays_its_own_model(rig, tiny, tmp_path):
    a, b = Device(rig, 0), Device(rig, 1)
    b.send("/flow/model", "small")
    copy = Device(rig, 2, "id-1")
    rig.jobs.run()
    again = Rig(tiny, tmp_path)
    a, b, c = Device(again, 0), Device(again, 1), Device(again, 2, copy.identity)
    assert (plays(a), plays(b), plays(c)) == ("tiny", "small", "small")
    assert [welcome[4] for welcome in welcomes(b.told)] == ["tiny", "small"]
    b.send("/flow/model", "tiny")
    again.jobs.run()
    again = Rig(tiny, tmp_path)
    assert plays(Device(again, 1)) == "tiny"


def test_a_model_that_is_gone_or_a_file_that_makes_no_sense_leaves_the_servers_own(rig, tiny, tmp_path):
    b = Device(rig, 1)
    b.send("/flow/model", "small")
    rig.jobs.run()
    again = Rig(tiny, tmp_path)
    del again.desk_models["small"]
    assert plays(Device(again, 1)) == "tiny"
    (tmp_path / "instruments.yaml").write_text("format: 1\nmodels: [1, 2]\n")
    assert plays(Device(Rig(tiny, tmp_path), 1)) == "tiny"


def test_presets_are_on_the_map_of_every_instrument_of_their_parameters(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    b.send("/flow/model", "small")
    sent = b.send("/flow/preset/save", "Mine")
    assert "Mine" in [m[2] for m in sent[b.port] if m[0] == "/flow/preset"] and a.port not in sent
    listed = [m[2] for m in a.send("/flow/presets")[a.port]]
    assert "Mine" not in listed and len(listed) == 20
    assert "no preset 'Mine'" in only(a.send("/flow/preset/load", "Mine")[a.port], "/flow/error")[1]
    a.send("/flow/model", "small")
    a.send("/flow/preset/load", "Mine")
    assert np.allclose(a.instrument.latent, b.instrument.latent, atol=1e-6)
    sent = a.send("/flow/preset/delete", "Mine")
    assert {port for port, told in sent.items() if "/flow/preset/count" in addresses(told)} == {
        a.port,
        b.port,
    }


def test_choices_of_macros_hold_for_the_instruments_of_their_model(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    b.send("/flow/model", "small")
    sent = b.send("/flow/macro/name", 0, "Glitter")
    assert b.instrument.model.macros.names[0] == "Glitter" and a.instrument.model.macros.names[0] == "Macro 0"
    assert "/flow/macro/known" in addresses(sent[b.port])
    assert "/flow/macro/known" not in addresses(sent.get(a.port, []))
    assert "Glitter" not in str(a.send("/flow/macro/vocabulary")[a.port])


def test_undo_does_not_lead_into_another_model(rig):
    a = Device(rig, 0)
    a.send("/flow/macro", 0, 0.9)
    rig.rest(0.5)
    a.send("/flow/model", "other")  # as many dimensions, and other sounds
    assert "nothing to undo" in only(a.send("/flow/undo")[a.port], "/flow/status")[0]


def test_controls_that_wait_belong_to_the_model_before(rig):
    a = Device(rig, 0)
    rig.put("/flow/model", "small", sender=a.sender)
    rig.put("/flow/latent", *[0.5] * 32, sender=a.sender)
    rig.jobs.run()
    assert plays(a) == "small" and len(only(rig.turn()[a.port], "/flow/params")) == 17


def test_each_instrument_sounds_with_its_own_space(rig):
    a, b = Device(rig, 0), Device(rig, 1)
    a.send("/flow/sound/listen")
    b.send("/flow/model", "small")
    a.send("/flow/note", 60, 100)
    b.send("/flow/note", 64, 100)
    assert {rig.link.spaces[0], rig.link.spaces[1]} == {0, 1}
    assert sorted(map(len, rig.link.patches.values())) == [16, 32]
    b.send("/flow/model", "tiny")
    assert set(rig.link.spaces.values()) == {0} and len(rig.link.orders) == 4  # volume, a space, two notes


def test_a_space_that_is_loaded_again_has_its_number():
    from tests.support.tiny_model import tiny_space

    known, space = KnownSpaces(), tiny_space(16)
    assert known.number(space) == (0, True) and known.number(tiny_space(8)) == (1, True)
    assert known.number(space) == (0, False) and known.number(tiny_space(8)) == (1, False)


def test_an_answer_goes_to_no_other_model_than_that_which_was_asked(tiny, tmp_path):
    rig = Rig(tiny, tmp_path, processes=FakeProcesses())
    processes = rig.bridge._sketcher._processes
    a = Device(rig, 0)
    a.send("/flow/sketch/record", 1)
    asked = processes.told[0][1]
    assert asked.model.endswith("tiny")
    a.send("/flow/model", "small")
    processes.said.append(answers(asked.take_number, patches(), True))
    sent = rig.turn()
    assert "/flow/sketch/candidate" not in addresses(sent.get(a.port, []))
    assert plays(a) == "small"


def test_controllers_and_outputs_follow_the_model_of_their_instrument(tiny, tmp_path):
    from server.outputs import Output

    class Listener:
        def __init__(self):
            self.heard = []

        def frame(self, space, patch):
            self.heard.append((len(space), len(patch)))

    output = Listener()
    rig = Rig(tiny, tmp_path, midi=True, outputs=[Output(output, "Track 1")])
    Device(rig, 0)
    b = Device(rig, 1)
    b.send("/flow/model", "small")
    b.send("/flow/macro", 0, 0.4)
    assert output.heard[0] == (32, 32) and output.heard[-1] == (16, 16)
    targets = rig.tracks.targets_finder()
    assert len(targets("Track 0").dials) == len(targets("Track 1").dials) == 8
