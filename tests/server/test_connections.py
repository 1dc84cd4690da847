"""Who is there: hello, silence, goodbye, and what a new client is told."""

from tests.server.bridge_messages import addresses
from tests.support.live import ME, MY_PORT, OTHER, OTHER_PORT, REPLY_PORT, Rig, only


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


def test_a_stranger_is_answered_on_the_reply_port_and_where_it_sends_from(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    sent = rig.send("/flow/macro", 0, 0.75, sender=("127.0.0.1", 55_555))
    assert addresses(sent.pop(REPLY_PORT)) == addresses(sent.pop(55_555)) == ["/flow/params"] and not sent


def test_who_comes_later_knows_what_is_frozen_and_where_the_path_leads(rig):
    rig.send("/flow/freeze", 2, 1)
    rig.send("/flow/place", 0.25, 0.75)
    added = rig.send("/flow/path/add")[MY_PORT]
    told = rig.hello(OTHER, OTHER_PORT, nonce=9, kind="panel")[OTHER_PORT]
    state = [("/flow/frozen", 2, 1), ("/flow/path", 1, 0), ("/flow/path/point", 0, 0.25, 0.75)]
    assert added == state[1:]
    assert [m for m in told if m in state] == state
    assert [m[0] for m in rig.hello(kind="device", nonce=9)[MY_PORT]] == ["/flow/welcome"]


def test_health_counts(rig):
    rig.raw(b"rubbish")
    rig.sent()
    p50, p99, received, coalesced, refused = only(rig.send("/flow/health")[MY_PORT], "/flow/health")
    assert (received, coalesced, refused) == (3, 0, 1) and p50 == p99 == 0.0


def test_who_is_connected_is_said_by_kind_and_name(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2, kind="panel", name="Küche")
    rig.send("/flow/ping", 1, sender=("127.0.0.9", 4000))
    told = [m[1:] for m in rig.send("/flow/clients")[MY_PORT] if m[0] == "/flow/client"]
    assert told == [(0, 3, "device", "test"), (1, 3, "panel", "Küche"), (2, 3, "", "")]
    rig.send("/flow/bye", 2, sender=OTHER)
    told = [m[1:] for m in rig.send("/flow/clients")[MY_PORT] if m[0] == "/flow/client"]
    assert [m[2] for m in told] == ["device", ""]


def test_a_silent_client_is_sent_nothing_more(rig):
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    rig.now += 9.0
    rig.send("/flow/ping", 1)
    rig.now += 2.0
    rig.bridge.tick(rig.now)
    assert set(rig.send("/flow/macro", 0, 0.5)) == {MY_PORT}
    rig.send("/flow/bye", 1)
    assert set(rig.send("/flow/macro", 0, 0.5)) == {REPLY_PORT, ME[1]}  # a stranger now
