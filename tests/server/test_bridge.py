"""From messages to frames: newest wins, the order of what is no control, and who is told."""

import numpy as np
import pytest

from server.osc.addresses import TO_CLIENTS
from server.osc.builder import build
from server.osc.guard import address_of
from tests.server.bridge_messages import FOLLOWED, KNOBS, addresses
from tests.server.osc.test_guard import bundle
from tests.support.live import ME, MY_PORT, OTHER, OTHER_PORT, floats, only


def test_a_frame_goes_to_every_client_and_the_dials_to_the_others(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    sent = rig.send("/flow/macro", 0, 0.75)
    assert addresses(sent[MY_PORT]) == ["/flow/params"]
    assert addresses(sent[OTHER_PORT]) == ["/flow/params", "/flow/macros"]
    assert sent[MY_PORT][0] == sent[OTHER_PORT][0]
    assert only(sent[OTHER_PORT], "/flow/macros")[0] == pytest.approx(0.75)


def test_two_hands_at_once_are_told_of_each_other(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    rig.put("/flow/macro", 0, 0.75)
    rig.put("/flow/macro", 1, 0.25, sender=OTHER)
    sent = rig.turn()
    assert addresses(sent[MY_PORT]) == addresses(sent[OTHER_PORT]) == [
        "/flow/params", "/flow/macros",
    ]  # fmt: skip


def test_sequence_numbers_grow_by_one_and_start_again(rig):
    numbers = [only(rig.send("/flow/macro", 0, 0.5)[MY_PORT], "/flow/params")[0] for _ in range(3)]
    assert numbers == [1, 2, 3]
    rig.instrument.sequence = 2**31 - 2
    numbers = [only(rig.send("/flow/macro", 0, 0.5)[MY_PORT], "/flow/params")[0] for _ in range(3)]
    assert numbers == [2**31 - 1, 0, 1]


def test_a_burst_is_computed_once(rig, monkeypatch):
    decoded = []
    decode = rig.instrument.loaded.backend.decode
    monkeypatch.setattr(rig.instrument, "_decode", lambda z: decoded.append(1) or decode(z))
    for j in range(500):
        rig.put("/flow/macro", j % 2, j / 500)
    sent = rig.turn()
    assert len(sent[MY_PORT]) == 1 and len(decoded) == 1
    assert rig.tracks.focus.coalescer.n_superseded == 498
    assert np.allclose(rig.instrument.dials[:2], [0.996, 0.998])


def test_a_preset_keeps_its_place_among_the_knobs(rig):
    rig.put("/flow/macro", 0, 0.9)
    rig.put("/flow/preset/load", "Pad 2")
    rig.put("/flow/macro", 1, 0.1)
    sent = rig.turn()
    presets, macros = rig.instrument.model.presets, rig.instrument.model.macros
    expected = macros[1].turn(presets.latents[2], 0.1)
    assert np.allclose(rig.instrument.latent, expected, atol=1e-5)
    assert addresses(sent[MY_PORT]) == ["/flow/params", *KNOBS]


@pytest.mark.parametrize("address", FOLLOWED)
def test_the_knobs_of_everybody_follow(rig, address):
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    rig.send("/flow/path/add")
    rig.send("/flow/vary", 1.0)
    rig.send("/flow/path/add")
    sent = rig.send(address, *FOLLOWED[address])
    for port in (MY_PORT, OTHER_PORT):
        assert addresses(sent[port]) == ["/flow/params", *KNOBS]
        assert np.allclose(only(sent[port], "/flow/macros"), rig.instrument.dials, atol=1e-6)
        assert np.allclose(only(sent[port], "/flow/latent"), rig.instrument.latent, atol=1e-6)
        assert np.allclose(only(sent[port], "/flow/place"), rig.instrument.place, atol=1e-6)


def test_the_answered_latent_gives_the_patch_back(rig):
    patch = np.random.default_rng(0).uniform(size=32).round(2)
    patch[:4] = [0.0, 1.0, 0.0, 1.0]
    latent = only(rig.send("/flow/patch", *patch.tolist())[MY_PORT], "/flow/latent")
    rig.send("/flow/vary", 1.0)
    frame = only(rig.send("/flow/latent", *latent)[MY_PORT], "/flow/params")
    assert np.allclose(frame[1:], patch, atol=1e-3)


def test_the_latent_is_told_when_macros_have_rested(rig):
    rig.send("/flow/macro", 0, 0.75)
    assert rig.rest(0.05) == {}
    latent, place = rig.rest(0.1)[MY_PORT]
    assert latent[0] == "/flow/latent" and np.allclose(latent[1:], rig.instrument.latent, atol=1e-6)
    assert place[0] == "/flow/place" and np.allclose(place[1:], rig.instrument.place, atol=1e-6)
    assert rig.rest(1.0) == {}


def test_freezing_is_told_to_all(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    sent = rig.send("/flow/freeze", 2, 1)
    assert sent[OTHER_PORT] == sent[MY_PORT]
    assert sent[MY_PORT] == [("/flow/frozen", 2, 1), ("/flow/status", "macro 2 'Macro 2' is frozen")]
    before = rig.instrument.dials[2]
    rig.send("/flow/preset/load", "Pad 2")
    assert rig.instrument.dials[2] == pytest.approx(before)
    assert ("/flow/frozen", 2, 0) in rig.send("/flow/freeze", 2, 0)[OTHER_PORT]
    rig.send("/flow/preset/load", "Pad 2")
    assert rig.instrument.dials[2] != pytest.approx(before)


def test_dragging_on_the_map_is_a_control(rig, monkeypatch):
    decoded = []
    decode = rig.instrument.loaded.backend.decode
    monkeypatch.setattr(rig.instrument, "_decode", lambda z: decoded.append(1) or decode(z))
    for j in range(200):
        rig.put("/flow/place", j / 200, 0.5)
    sent = rig.turn()[MY_PORT]
    assert len(decoded) == 1 and rig.tracks.focus.coalescer.n_superseded == 199 and rig.jobs.waiting == []
    assert only(sent, "/flow/place") == pytest.approx((0.995, 0.5))


def test_a_device_is_told_the_place_that_another_went_to(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    x, y = only([m for m in rig.send("/flow/presets")[MY_PORT] if m[2] == "Pad 2"], "/flow/preset")[2:]
    sent = rig.send("/flow/preset/load", "Pad 2", sender=OTHER)
    assert only(sent[MY_PORT], "/flow/place") == (x, y)  # the very same float32: drawn on the same pixel


def test_a_bundle_is_one_turn(rig):
    messages = [build("/flow/macro", "if", k, 0.9) for k in range(3)]
    rig.raw(bundle(*messages, build("/flow/ping", "i", 1)))
    assert addresses(rig.turn()[MY_PORT]) == ["/flow/pong", "/flow/params"]
    assert np.allclose(rig.instrument.dials[:3], 0.9)


def test_whole_floats_do_as_index(rig):
    rig.raw(build("/flow/macro", "ff", 2.0, 0.9))
    assert addresses(rig.turn()[MY_PORT]) == ["/flow/params"]
    assert rig.instrument.dials[2] == pytest.approx(0.9)


def test_everything_sent_is_in_the_table_and_inside_its_ranges(rig):
    assert ME[0] == "127.0.0.1"
    rig.hello(OTHER, OTHER_PORT, nonce=2, kind="panel")
    rig.put("/flow/latent", *[300.0] * 32)
    rig.bridge.finish(rig.now)
    for address, values in {**FOLLOWED, "/flow/preset/save": ["x"], "/flow/health": []}.items():
        rig.put(address, *values)
        rig.bridge.finish(rig.now)
    rig.jobs.run()
    rig.bridge.tick(rig.now)
    for datagram, _ in rig.bridge.out:
        assert address_of(datagram) in TO_CLIENTS
        if address_of(datagram) == "/flow/params":
            values = np.frombuffer(datagram[-4 * 32 :], ">f4")
            assert np.isfinite(values).all() and 0 <= values.min() and values.max() <= 1


def test_dials_sent_back_are_harmless(rig):
    dials = rig.instrument.dials
    rig.raw(floats("/flow/macros", dials))
    rig.turn()
    assert np.allclose(rig.instrument.dials, dials, atol=1e-6)


@pytest.mark.parametrize("fault", [lambda z: (z * np.nan).astype(np.float32), lambda z: 1 / 0])
def test_a_point_that_cannot_be_played_leaves_the_last_good_one(rig, monkeypatch, fault):
    rig.send("/flow/macro", 0, 0.75)
    before = rig.instrument.latent.copy()
    monkeypatch.setattr(rig.instrument, "_decode", fault)
    sent = rig.send("/flow/macro", 0, 0.25)[MY_PORT]
    assert addresses(sent) == ["/flow/error", *KNOBS]
    assert only(sent, "/flow/macros")[0] == pytest.approx(0.75)
    assert np.array_equal(rig.instrument.latent, before)
    monkeypatch.undo()
    assert addresses(rig.send("/flow/macro", 0, 0.5)[MY_PORT]) == ["/flow/params"]
