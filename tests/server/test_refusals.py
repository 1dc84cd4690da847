"""Messages that are refused: each is explained, and none changes anything."""

import pytest

from server.osc.addresses import TO_CLIENTS, TO_SERVER
from server.osc.builder import build
from tests.server.bridge_messages import addresses, state
from tests.server.osc.test_guard import KILLERS
from tests.support.live import MY_PORT, OWN_PORT, Rig, only

BAD = {
    "/flow/hello": [(1, 70_000, 1, "x", "x"), (1, OWN_PORT, 1, "x", "x"), (1, 50_099, 3, "x", "x")],
    "/flow/instruments": [(2,)],
    "/flow/focus": [(), ("nobody",), (1,)],
    "/flow/ping": [(), ("x",)],
    "/flow/bye": [()],
    "/flow/echo": [(), (5,), (-1,)],
    "/flow/names": [(2,)],
    "/flow/macro": [(8, 0.5), (-1, 0.5), (0, 1.1), (0, float("nan")), (0,), ("a", 0.5), (0, "a")],
    "/flow/macros": [(0.5,) * 7, (0.5,) * 7 + (float("inf"),), (2.0,) * 8],
    "/flow/latent": [(0.5,) * 31, (0.5,) * 31 + (float("nan"),), (1e9,) * 32],
    "/flow/patch": [(0.5,) * 33, (0.5,) * 31 + (-0.1,), (0.5,) * 31 + (float("nan"),)],
    "/flow/vary": [(-1.0,), (3.0,), ("much",)],
    "/flow/freeze": [(9, 1), (0, 2)],
    "/flow/macro/vocabulary": [("x",)],
    "/flow/macro/choose": [(8, "Macro 0"), (0, "Mokro"), (0,), (0, "")],
    "/flow/macro/name": [(8, "x"), (0, "a/b"), (0, "Macro 3"), (0, "macro 3"), (0, " x"), (0, "x" * 65)],
    "/flow/own/add": [(2, ""), (0, "no such preset"), ()],
    "/flow/own/point": [(0, 0.5), (0, *[0.5] * 31, float("nan")), (2, *[0.5] * 32)],
    "/flow/own/clear": [("x",)],
    "/flow/own/make": [(0, "Mine"), (8, "Mine"), (0, "a/b"), (0, "Macro 1")],
    "/flow/own/delete": [("Macro 0",), ("nothing",), ()],
    "/flow/say": [(), (1,), ("x" * 257,), ("dark\ner",)],
    "/flow/preset/load": [("no such preset",), (3,), ("../../etc/passwd",)],
    "/flow/preset/save": [("a/b",), ("..\\x",), ("C:x",), ("",), (".hidden",), ("x" * 65,), (" ",)],
    "/flow/preset/export": [("a/b",), ("Pad 2",)],
    "/flow/preset/rename": [("Pad 2", "Mine"), ("no such", "Mine"), ("a/b", "x"), ("x",)],
    "/flow/preset/delete": [("Pad 2",), ("no such preset",), ("../x",), ()],
    "/flow/preset/restore": [("a/b",), ("",), (1,)],
    "/flow/preset/bin": [(2,), ("x",)],
    "/flow/presets": [(2,)],
    "/flow/library": [("bass",), ("x", "y", "z", -1), ("x" * 257, "", "", 0)],
    "/flow/library/like": [("Bass",), (), (1,)],
    "/flow/library/sung": [(), (1,)],
    "/flow/library/styles": [("Bass",)],
    "/flow/library/left": [(0,), (-1,), ()],
    "/flow/library/hear": [(), (1,)],
    "/flow/kinds": [(2,)],
    "/flow/place": [(0.5,), (1.1, 0.5), (0.5, -0.1), (float("nan"), 0.5), (0.5, float("inf")), ("a", 0.5)],
    "/flow/path/add": [(2,)],
    "/flow/path/clear": [("x",)],
    "/flow/path/play": [(0.5,), (1.5,)],
    "/flow/path/space": [(2,)],
    "/flow/path/own": [("Low",), (), ("../x",)],
    "/flow/curves": [(8, 1), (0, 33), (0, -1)],
    "/flow/sketch/record": [(1,)],
    "/flow/sketch/live": [(1,)],
    "/flow/sketch/file": [("x.wav", 100)],
    "/flow/sketch/pick": [(0,)],
    "/flow/sketch/gestures": [(2,), (), ("on",)],
    "/flow/learn": [(0,)],
    "/flow/learn/all": [(), ("nobody",), (1,)],
    "/flow/learn/command": [("record",), (), (1,)],
    "/flow/learn/other": [(), (1,)],
    "/flow/learn/take": [(0,), (-1,), ()],
    "/flow/learn/skip": [(), (1,)],
    "/flow/learn/stop": [(), (1,)],
    "/flow/bind": [("macro 0", "cc 20"), ("macro 0",), (0, "cc 20")],
    "/flow/unbind": [("macro 0",), (), (0,)],
    "/flow/commands": [(2,)],
    "/flow/preset/step": [(), ("x",), (5_000,)],
    "/flow/ab": [(2,)],
    "/flow/undo": [(2,)],
    "/flow/redo": [("x",)],
    "/flow/path/run": [(1,), (2,), ()],
    "/flow/focus/next": [(), (1,)],
    "/flow/sketch/next": [(), (1,)],
    "/flow/preset/patch": [("not there",), ("a/b",), ()],
    "/flow/sketch/microphones": [(2,), ()],
    "/flow/sketch/microphone": [(), (1.5,), ("x",)],
    "/flow/sketch/take": [("sketch-1-2.wav",), ("x",), ()],
    "/flow/unlearn": [(0,)],
    "/flow/bindings": [(2,), ("x",)],
    "/flow/own": [("nowhere",), ("../x",), ("",), (1,)],
    "/flow/owns": [(2,), ("x",)],
    "/flow/model": [("nowhere",), ("../tiny",), ("/tmp/x",)],
    "/flow/models": [(2,), ("tiny",)],
    "/flow/note": [(128, 100), (60, 128), (60,), (60, 100)],
    "/flow/pedal": [(2,), (1,)],
    "/flow/bend": [(25.0,), (float("nan"),), (1.0,)],
    "/flow/panic": [(2,)],
    "/flow/volume": [(1.5,), ("loud",)],
    "/flow/audition": [(2,)],
    "/flow/sound": [(2,)],
    "/flow/sound/listen": [(2,)],
    "/flow/health": [(2,)],
    "/flow/clients": [(2,)],
    "/flow/can": [(2,), ("learn",)],
}


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
