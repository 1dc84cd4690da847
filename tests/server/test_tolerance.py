"""Honest senders that do not send quite what the table says are understood; nobody else gains by it."""

import time

import pytest

from server.osc.builder import build
from server.osc.fitting import Sizes
from server.osc.parser import Message
from server.osc.tolerance import MOST_PATTERNS, row_of, understood
from tests.server.bridge_messages import addresses, state
from tests.server.osc.test_guard import AHEAD, bundle
from tests.support.live import ME, MY_PORT, OTHER, OTHER_PORT, OWN_PORT, REPLY_PORT, Rig, only

SIZES = Sizes(n_macros=8, n_latent=32, n_parameters=32)


def meant(address, *values):
    row, values = row_of(Message(address, list(values)))
    return row and (row.address, understood(row, values, SIZES))


@pytest.mark.parametrize(
    ("sent", "as_meant"),
    [
        (("/flow/macro", 0, 1.0000001), ("/flow/macro", [0, 1.0])),
        (("/flow/macro", 0, -1e-8), ("/flow/macro", [0, 0.0])),
        (("/flow/macro", 2.9999999, 0.5), ("/flow/macro", [3, 0.5])),
        (("/flow/place", 1.00005, -0.00005), ("/flow/place", [1.0, 0.0])),
        (("/flow/path/add", 1.0), ("/flow/path/add", [])),
        (("/flow/path/add", 127), ("/flow/path/add", [])),
        (("/flow/path/add", 0.0), ("/flow/path/add", None)),
        (("/flow/preset/load", "Pad", 0.0), ("/flow/preset/load", None)),
        (("/flow/preset/load/Pad%202", 1.0), ("/flow/preset/load", ["Pad 2"])),
        (("/flow/freeze/3", 1), ("/flow/freeze", [3, 1])),
        (("/flow/macro/3/1",), ("/flow/macro", [3, 1])),
        (("/flow/learn/2", 1.0), ("/flow/learn", [2])),
        (("/flow/learn/2", 0.0), ("/flow/learn", None)),
        (("/flow/learn/2/Bass",), ("/flow/learn", [2, "Bass"])),
        (("/flow/sketch/pick/1", 1.0), ("/flow/sketch/pick", [1])),
        (("/flow/sketch/record", 1.0), ("/flow/sketch/record", [1])),
    ],
)
def test_what_is_understood(sent, as_meant):
    assert meant(*sent) == as_meant


@pytest.mark.parametrize(
    "sent",
    [
        ("/flow/macro", 0, 1.01),
        ("/flow/macro", 0, -0.001),
        ("/flow/macro", 2.99, 0.5),
        ("/flow/path/add", 0.5),
        ("/flow/path/add", 1.0, 1.0),
        ("/flow/path/add", "1"),
        ("/flow/macro", 0, 0.5, 1.0),
    ],
)
def test_what_is_not_meant_stays_as_it_came(sent):
    assert meant(*sent) == (sent[0], list(sent[1:]))


NO_ADDRESSES = """
/flow/macro/ /flow/macro/x /flow/macro/-1 /flow/macro/123456 /flow/macro/1/2/3 /flow/macros/1 /flow/names/x
/flow/preset /flow/preset/load/ /flow/preset/load/%00 /flow/preset/load/%ff
""".split()


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_an_address_with_something_else_in_it_is_no_address(address):
    assert row_of(Message(address, [0.5]))[0] is None


def test_a_path_in_an_address_is_refused_as_any_other(rig):
    before = state(rig)
    for address in ("/flow/preset/load/..%2f..%2fetc", "/flow/preset/save/a%2fb", "/flow/model/..%2ftiny"):
        text = only(rig.send(address)[MY_PORT], "/flow/error")[1]
        assert len(text) > 20
    assert state(rig) == before and rig.jobs.waiting == []


def test_a_number_far_out_is_told_with_its_digits(rig):
    text = only(rig.send("/flow/macro", 0, 1.001)[MY_PORT], "/flow/error")[1]
    assert text == "'value' is 1.001; it goes from 0 to 1. Nothing changed."


def test_a_bundle_of_tomorrow_plays_now(rig):
    start = time.thread_time()
    rig.raw(AHEAD)
    assert addresses(rig.turn()[MY_PORT]) == ["/flow/params"] and rig.instrument.dials[0] == pytest.approx(
        0.5
    )
    assert rig.bridge.health.n_refused == 0 and time.thread_time() - start < 0.5


def test_a_pattern_turns_what_it_means(rig):
    rig.raw(build("/flow/macro/[2-4]", "f", 0.75))
    assert addresses(rig.turn()[MY_PORT]) == ["/flow/params"]
    assert [round(float(d), 3) for d in rig.instrument.dials[2:5]] == [0.75] * 3
    rig.raw(build("/flow/freeze/*", "i", 1))
    rig.turn()
    assert rig.instrument.frozen == set(range(8))


def test_a_pattern_that_means_nothing_is_told(rig):
    for pattern in ("/flow/nam*", "/flow/{bye,hello}", "/*/*/*/*", "/1/fader*"):
        text = only(rig.send(pattern, 1)[MY_PORT], "/flow/error")[1]
        assert "patterns reach" in text


def test_a_datagram_of_patterns_is_read_in_bounded_time(rig):
    flood = [build(f"/fl{{o,x{n}}}w/*/*{{a,b}}*{{c,d}}", "f", 0.5) for n in range(150)]
    start = time.thread_time()
    rig.raw(bundle(*flood))
    taken = time.thread_time() - start
    errors = [m for m in rig.turn()[MY_PORT] if m[0] == "/flow/error"]
    assert taken < 0.1, f"{taken * 1e3:.0f} ms"
    assert sum(f"at most {MOST_PATTERNS}" not in text for _, _, text in errors) <= MOST_PATTERNS


# -- who never said hello


def test_each_of_several_strangers_gets_its_own_answer(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    a, b = ("127.0.0.1", 55_001), ("127.0.0.1", 55_002)
    rig.send("/flow/macro", 0, 0.25, sender=a)
    sent = rig.send("/flow/ping", 7, sender=b)
    assert sent == {55_002: [("/flow/pong", 7, 77)], REPLY_PORT: [("/flow/pong", 7, 77)]}
    sent = rig.send("/flow/presets", sender=a)
    assert len(sent[55_001]) == len(sent[REPLY_PORT]) > 0 and 55_002 not in sent
    assert "/flow/params" in addresses(rig.send("/flow/macro", 1, 0.5, sender=a)[55_002])  # it plays along


def test_a_shell_that_sends_from_ever_new_ports_does_not_multiply_the_frames(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    for port in range(55_000, 55_040):
        sent = rig.send("/flow/macro", 0, (port % 7) / 7, sender=("127.0.0.1", port))
    assert len(sent) == 4 + 1 and len(rig.bridge.clients) == 1
    rig.rest(11.0)
    assert list(rig.bridge.clients) == []


def test_errors_of_all_strangers_of_a_host_are_rationed_together(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    for k in range(300):
        rig.put("/flow/macro", 99, 0.5, sender=("127.0.0.1", 55_000 + k))
    rig.bridge.finish(rig.now)
    assert 0 < len(rig.sent()[REPLY_PORT]) <= 51


@pytest.mark.parametrize("port", [22, 53, 1023, REPLY_PORT])
def test_services_below_1024_are_not_answered_and_the_reply_port_once(tiny, tmp_path, port):
    rig = Rig(tiny, tmp_path)
    sent = rig.send("/flow/ping", 1, sender=("127.0.0.1", port))
    assert sent == {REPLY_PORT: [("/flow/pong", 1, 77)]}


def test_what_a_server_sends_makes_nobody_a_client_at_the_port_it_came_from(tiny, tmp_path):
    rig, other = Rig(tiny, tmp_path), ("127.0.0.1", OWN_PORT + 10)
    for address, values in (
        ("/flow/macros", [0.25] * 8),
        ("/flow/latent", [0.5] * 32),
        ("/flow/status", ["x"]),
    ):
        assert other[1] not in rig.send(address, *values, sender=other)
    # Even one that was forged to look like a client is found out by its first frame.
    other = ("127.0.0.1", OWN_PORT + 20)
    assert other[1] in rig.send("/flow/macro", 0, 0.5, sender=other)
    rig.send("/flow/params", 1, sender=other)
    for _ in range(3):
        assert other[1] not in rig.send("/flow/macro", 0, 0.75, sender=other)
        rig.now += 4.0
        rig.put("/flow/params", 1, sender=other)


def test_two_servers_set_on_each_other_by_forged_senders_come_to_rest(tiny, tmp_path):
    here, there = ("127.0.0.1", OWN_PORT), ("127.0.0.1", OWN_PORT + 10)
    rigs = {here: Rig(tiny, tmp_path / "a"), there: Rig(tiny, tmp_path / "b")}
    for own, rig in rigs.items():
        rig.put("/flow/macro", 0, 0.75, sender=there if own == here else here)
    n_passed = 0
    for _ in range(200):
        for own, rig in rigs.items():
            rig.bridge.finish(rig.now)
            rig.bridge.tick(rig.now)
            rig.now += 0.05
            for datagram, to in list(rig.bridge.out):
                if to in rigs and to != own:
                    n_passed += 1
                    rigs[to].raw(datagram, own)
            rig.bridge.out.clear()
    assert n_passed < 20


def test_a_stranger_that_says_hello_is_a_stranger_no_more(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    rig.send("/flow/macro", 0, 0.5, sender=OTHER)
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    rig.rest(9.0)
    rig.send("/flow/ping", 1, sender=OTHER)
    rig.rest(2.0)
    assert set(rig.send("/flow/macro", 0, 0.75, sender=ME)) == {OTHER_PORT, REPLY_PORT, ME[1]}
