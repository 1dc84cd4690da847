import numpy as np
import pytest

from server.osc.addresses import TO_CLIENTS, TO_SERVER
from server.osc.builder import build
from server.osc.guard import address_of
from tests.server.osc.test_guard import KILLERS, bundle
from tests.support.live import ME, MY_PORT, OTHER, OTHER_PORT, OWN_PORT, REPLY_PORT, Rig, floats, only


def addresses(messages):
    return [m[0] for m in messages]


def state(rig):
    instrument = rig.instrument
    return (
        instrument.latent.tobytes(),
        instrument.current_patch().tobytes(),
        sorted(instrument.frozen),
        len(instrument.path),
        instrument.path.in_parameters,
        instrument.model.name,
        sorted(rig.store.presets),
    )


def test_hello_is_welcomed(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    (welcome,) = rig.hello(nonce=42)[MY_PORT]
    folder = (tmp_path / "sketches").as_posix()
    assert welcome == ("/flow/welcome", 42, 77, 1, "0.1.0", "tiny", "none", 8, 32, 32, folder)


def test_who_brings_no_state_is_told_it_once(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    told = ["/flow/welcome", "/flow/macros", "/flow/latent", "/flow/place", "/flow/params", "/flow/path"]
    assert addresses(rig.hello(kind="panel")[MY_PORT]) == told
    assert addresses(rig.hello(kind="panel")[MY_PORT]) == ["/flow/welcome"]


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


def test_a_stranger_is_answered_on_the_reply_port(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    sent = rig.send("/flow/macro", 0, 0.75, sender=("127.0.0.1", 55_555))
    assert addresses(sent.pop(REPLY_PORT)) == ["/flow/params"] and not sent


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


KNOBS = ["/flow/macros", "/flow/latent", "/flow/place"]
FOLLOWED = {
    "/flow/latent": [0.5] * 32,
    "/flow/patch": [0.5] * 32,
    "/flow/vary": [0.5],
    "/flow/preset/load": ["Bass 0"],
    "/flow/place": [0.25, 0.75],
    "/flow/path/play": [0.5],
}


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


class RecordingObserver:
    def __init__(self, space):
        self.space, self.heard, self.closed = space, [], False

    def settled(self, vector):
        self.heard.append(vector)

    def close(self):
        self.closed = True


def observed(tiny, tmp_path):
    observers = []
    rig = Rig(
        tiny, tmp_path, observe=lambda space: observers.append(RecordingObserver(space)) or observers[-1]
    )
    rig.hello()
    return rig, observers


def test_who_observes_hears_each_patch_that_has_come_to_rest(tiny, tmp_path):
    rig, (observer,) = observed(tiny, tmp_path)
    rig.send("/flow/macro", 0, 0.2)
    rig.rest(0.1)
    rig.send("/flow/macro", 0, 0.3)
    rig.rest(0.1)
    assert observer.heard == []
    rig.rest(0.1)
    rig.rest(1.0)
    (patch,) = observer.heard
    assert patch.dtype == np.float32 and np.array_equal(patch, rig.instrument.current_patch())


def test_who_observes_is_changed_with_the_parameters(tiny, tmp_path):
    rig, observers = observed(tiny, tmp_path)
    rig.send("/flow/model", "other")
    assert len(observers) == 1  # of the same parameters
    rig.send("/flow/model", "small")
    rig.rest(0.2)
    first, second = observers
    assert first.closed and len(second.space) == 16 and second.heard[-1].shape == (16,)
    rig.bridge.observation.close()
    assert second.closed


def test_names_presets_and_curves_are_listed(rig):
    sent = rig.send("/flow/names")[MY_PORT]
    assert [m[:2] for m in sent] == [
        *(("/flow/name", k) for k in range(32)),
        *(("/flow/macroname", k) for k in range(8)),
    ]
    assert sent[3][2] == "Parameter 3"
    sent = rig.send("/flow/presets")[MY_PORT]
    assert [m[1] for m in sent] == list(range(20)) and sent[2][2] == "Pad 2"
    assert all(0.0 <= v <= 1.0 for m in sent for v in m[3:])
    sent = rig.send("/flow/curves", 3, 4)[MY_PORT]
    assert [m[1] for m in sent] == ["parameter"] * 4 + ["descriptor"] * 2
    assert all(len(m) == 53 for m in sent)
    spans = [max(m[3:]) - min(m[3:]) for m in sent[:4]]
    assert spans == sorted(spans, reverse=True)


def test_a_curve_is_what_turning_the_macro_does(rig):
    name, curve = [(m[2], m[3:]) for m in rig.send("/flow/curves", 3, 1)[MY_PORT] if m[1] == "parameter"][0]
    k = [p.label for p in rig.instrument.model.space].index(name)
    for place in (0, 20, 49):
        frame = only(rig.send("/flow/macro", 3, place / 49)[MY_PORT], "/flow/params")
        assert frame[1 + k] == pytest.approx(curve[place], abs=1e-4)


def test_a_long_list_is_sent_at_a_pace(rig):
    rig.put("/flow/names")
    rig.put("/flow/names")  # asked twice: sent once
    rig.bridge.tick(rig.now)
    assert len(rig.sent()[MY_PORT]) == 32
    rig.bridge.tick(rig.now + 0.001)
    assert rig.sent() == {}
    rig.bridge.tick(rig.now + 0.005)
    assert len(rig.sent()[MY_PORT]) == 8


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


def test_who_comes_later_knows_what_is_frozen_and_how_long_the_path_is(rig):
    rig.send("/flow/freeze", 2, 1)
    rig.send("/flow/path/add")
    told = rig.hello(OTHER, OTHER_PORT, nonce=9, kind="panel")[OTHER_PORT]
    state = [("/flow/frozen", 2, 1), ("/flow/path", 1, 0)]
    assert [m for m in told if m in state] == state
    assert [m[0] for m in rig.hello(kind="device", nonce=9)[MY_PORT]] == ["/flow/welcome"]


def test_a_presets_patch_is_told_and_nothing_moves(rig):
    rig.send("/flow/vary", 1.0)
    patch = rig.instrument.patch.copy()
    rig.send("/flow/preset/save", "Mine")
    rig.send("/flow/vary", 1.0)
    sent = rig.send("/flow/preset/patch", "Mine")
    assert [m[0] for m in sent[MY_PORT]] == ["/flow/preset/patch"] and OTHER_PORT not in sent
    name, *values = only(sent[MY_PORT], "/flow/preset/patch")
    assert name == "Mine" and np.allclose(values, patch, atol=1e-6)


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
    fresh = Rig(models / "tiny", rig.store.folder.parent)
    fresh.hello()
    before = state(fresh)
    error = only(fresh.send("/flow/model", "broken")[MY_PORT], "/flow/error")
    assert error[0] == "/flow/model" and "lacks" in error[1]
    assert state(fresh) == before


def test_health_counts(rig):
    rig.raw(b"rubbish")
    rig.sent()
    p50, p99, received, coalesced, refused = only(rig.send("/flow/health")[MY_PORT], "/flow/health")
    assert (received, coalesced, refused) == (3, 0, 1) and p50 == p99 == 0.0


BAD = {
    "/flow/hello": [(1, 70_000, 1, "x", "x"), (1, OWN_PORT, 1, "x", "x"), (1, 50_099, 3, "x", "x")],
    "/flow/instruments": [(1,)],
    "/flow/focus": [(), ("nobody",), (1,)],
    "/flow/ping": [(), ("x",)],
    "/flow/bye": [()],
    "/flow/names": [(1,)],
    "/flow/macro": [(8, 0.5), (-1, 0.5), (0, 1.1), (0, float("nan")), (0,), ("a", 0.5), (0, "a")],
    "/flow/macros": [(0.5,) * 7, (0.5,) * 7 + (float("inf"),), (2.0,) * 8],
    "/flow/latent": [(0.5,) * 31, (0.5,) * 31 + (float("nan"),), (1e9,) * 32],
    "/flow/patch": [(0.5,) * 33, (0.5,) * 31 + (-0.1,), (0.5,) * 31 + (float("nan"),)],
    "/flow/vary": [(-1.0,), (3.0,), ("much",)],
    "/flow/freeze": [(9, 1), (0, 2)],
    "/flow/preset/load": [("no such preset",), (3,), ("../../etc/passwd",)],
    "/flow/preset/save": [("a/b",), ("..\\x",), ("C:x",), ("",), (".hidden",), ("x" * 65,), (" ",)],
    "/flow/preset/export": [("a/b",), ("Pad 2",)],
    "/flow/presets": [(1,)],
    "/flow/kinds": [(1,)],
    "/flow/place": [(0.5,), (1.1, 0.5), (0.5, -0.1), (float("nan"), 0.5), (0.5, float("inf")), ("a", 0.5)],
    "/flow/path/add": [(1,)],
    "/flow/path/clear": [("x",)],
    "/flow/path/play": [(0.5,), (1.5,)],
    "/flow/path/space": [(2,)],
    "/flow/curves": [(8, 1), (0, 33), (0, -1)],
    "/flow/sketch/record": [(1,)],
    "/flow/sketch/live": [(1,)],
    "/flow/sketch/file": [("x.wav", 100)],
    "/flow/sketch/pick": [(0,)],
    "/flow/learn": [(0,)],
    "/flow/preset/patch": [("not there",), ("a/b",), ()],
    "/flow/sketch/take": [("sketch-1-2.wav",), ("x",), ()],
    "/flow/unlearn": [(0,)],
    "/flow/bindings": [(1,), ("x",)],
    "/flow/model": [("nowhere",), ("../tiny",), ("/tmp/x",)],
    "/flow/models": [(1,), ("tiny",)],
    "/flow/health": [(1,)],
    "/flow/clients": [(1,)],
}


def test_who_is_connected_is_said_by_kind_and_name(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2, kind="panel", name="Küche")
    rig.send("/flow/ping", 1, sender=("127.0.0.9", 4000))
    told = [m[1:] for m in rig.send("/flow/clients")[MY_PORT] if m[0] == "/flow/client"]
    assert told == [(0, 3, "device", "test"), (1, 3, "panel", "Küche"), (2, 3, "", "")]
    rig.send("/flow/bye", 2, sender=OTHER)
    told = [m[1:] for m in rig.send("/flow/clients")[MY_PORT] if m[0] == "/flow/client"]
    assert [m[2] for m in told] == ["device", ""]


def test_every_address_has_a_bad_case():
    assert set(BAD) == set(TO_SERVER)


@pytest.mark.parametrize(("address", "values"), [(a, v) for a in BAD for v in BAD[a]])
def test_a_bad_message_is_explained_and_changes_nothing(rig, address, values):
    before = state(rig)
    sent = rig.send(address, *values)[MY_PORT]
    about, text = only(sent, "/flow/error")
    assert about == address and len(text) > 20 and "Error" not in text and "\n" not in text
    assert state(rig) == before and rig.jobs.waiting == []


def test_a_server_without_ears_says_so(rig):
    for address, *values in (("/flow/sketch/record", 1), ("/flow/sketch/file", "a.wav", 0)):
        assert "no sketches" in only(rig.send(address, *values)[MY_PORT], "/flow/error")[1]


def test_a_mistyped_address_names_the_nearest(rig):
    about, text = only(rig.send("/flow/makro", 0, 0.5)[MY_PORT], "/flow/error")
    assert about == "/flow/makro" and "did you mean '/flow/macro'?" in text


@pytest.mark.parametrize("name", KILLERS)
def test_killers_change_nothing_and_the_next_ping_is_answered(rig, name):
    before = state(rig)
    rig.raw(KILLERS[name])
    assert addresses(rig.turn()[MY_PORT]) == ["/flow/error"]
    rig.raw(KILLERS[name])
    assert rig.turn() == {}  # said once a second
    assert rig.send("/flow/ping", 5)[MY_PORT] == [("/flow/pong", 5, 77)]
    assert state(rig) == before and rig.bridge.health.n_refused == 2


def test_who_is_unknown_is_not_told_about_rubbish(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    rig.raw(b"rubbish")
    assert rig.turn() == {} and rig.bridge.health.n_refused == 1 and len(rig.bridge.clients) == 0


def test_two_servers_do_not_argue(rig):
    for row in TO_CLIENTS.values():
        if row.address not in TO_SERVER:
            rig.raw(build(row.address, "s", "x"))
    assert rig.turn() == {}


def test_a_bundle_is_one_turn(rig):
    messages = [build("/flow/macro", "if", k, 0.9) for k in range(3)]
    rig.raw(bundle(*messages, build("/flow/ping", "i", 1)))
    assert addresses(rig.turn()[MY_PORT]) == ["/flow/pong", "/flow/params"]
    assert np.allclose(rig.instrument.dials[:3], 0.9)


def test_whole_floats_do_as_index(rig):
    rig.raw(build("/flow/macro", "ff", 2.0, 0.9))
    assert addresses(rig.turn()[MY_PORT]) == ["/flow/params"]
    assert rig.instrument.dials[2] == pytest.approx(0.9)


def test_a_silent_client_is_sent_nothing_more(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    rig.now += 9.0
    rig.send("/flow/ping", 1)
    rig.now += 2.0
    rig.bridge.tick(rig.now)
    assert set(rig.send("/flow/macro", 0, 0.5)) == {MY_PORT}
    rig.send("/flow/bye", 1)
    assert set(rig.send("/flow/macro", 0, 0.5)) == {REPLY_PORT}


def test_a_full_queue_of_jobs_is_said(rig):
    rig.jobs.full = True
    text = only(rig.send("/flow/curves", 0, 1)[MY_PORT], "/flow/error")[1]
    assert "try again" in text


def test_our_own_bug_is_logged_and_survived(rig, monkeypatch, caplog):
    monkeypatch.setattr(rig.instrument, "vary", lambda amount: 1 / 0)
    about, text = only(rig.send("/flow/vary", 0.5)[MY_PORT], "/flow/error")
    assert about == "/flow/vary" and "log" in text
    assert "ZeroDivisionError" in caplog.text
    assert rig.send("/flow/ping", 5)[MY_PORT] == [("/flow/pong", 5, 77)]


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
