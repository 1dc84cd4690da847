"""Who is obeyed, who is answered, and how much: servers, strangers, and programs on other machines."""

import socket

import pytest

from benchmarks.hostile import valid_packets
from core.errors import ProtocolError
from server.osc.addresses import TO_CLIENTS, TO_SERVER
from server.osc.builder import build, typed_message
from server.osc.fitting import Sizes
from server.osc.hosts.loopback import is_own
from server.osc.permissions import REMOTE, remote_warning
from server.osc.servers import BOTH
from server.osc.tolerance import row_of
from server.session import Session
from tests.server.bridge_messages import addresses, state
from tests.support.live import MY_PORT, OTHER, OTHER_PORT, OWN_PORT, REPLY_PORT, Rig, only, read

AWAY = ("10.0.0.9", 4_000)
SIZES = Sizes(n_macros=8, n_latent=32, n_parameters=32)


def went_to(rig, host):
    """What really goes out to a host now."""
    return [datagram for datagram, to in rig.bridge.outbox.take(rig.now) if to[0] == host]


# -- servers are not clients


class Crossed:
    """Servers of which each takes the port of the next for the one where its strangers listen."""

    def __init__(self, folder, data, n=2, midi=False):
        self.ports = [9130 + 10 * k for k in range(n)]
        self.rigs = [Rig(folder, data / str(k), midi=midi) for k in range(n)]
        for k, rig in enumerate(self.rigs):
            rig.bridge.clients._reply_port = self.ports[(k + 1) % n]
            session = Session(run=k, own=("127.0.0.1", self.ports[k]), reply_port=1, sketches=data)
            rig.bridge._session = rig.bridge.connections._session = session

    def run(self, n_rounds=100):
        """Let them talk; how many datagrams passed between them in the last half of the time."""
        n_passed = 0
        for n in range(n_rounds):
            for k, rig in enumerate(self.rigs):
                rig.jobs.run()
                rig.bridge.finish(rig.now)
                rig.now += 0.05
                rig.bridge.tick(rig.now)
                for datagram, to in rig.bridge.outbox.take(rig.now):
                    if to[1] in self.ports and to[1] != self.ports[k]:
                        n_passed += n >= n_rounds // 2
                        self.rigs[self.ports.index(to[1])].raw(datagram, ("127.0.0.1", self.ports[k]))
        return n_passed


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize(
    "order",
    [
        ("/flow/macro", 0, 0.75),
        ("/flow/place", 0.3, 0.6),
        ("/flow/macros", *[0.3] * 8),
        ("/flow/bindings",),
        ("/flow/commands",),
    ],
)
def test_servers_with_crossed_reply_ports_come_to_rest(tiny, tmp_path, n, order):
    servers = Crossed(tiny, tmp_path, n, midi=True)
    servers.rigs[0].put(*order, sender=("127.0.0.1", 55_555))
    assert servers.run() == 0


def test_servers_come_to_rest_whose_answers_look_like_a_button_that_is_pressed(tiny, tmp_path):
    """`/flow/bindings 1` is what a server says that has one binding, and what a button sends."""
    servers = Crossed(tiny, tmp_path, midi=True)
    for rig in servers.rigs:
        rig.send("/flow/bind", "macro 0", "osc /1/fader3", sender=OTHER)
        rig.put("/flow/bindings", 1, sender=("127.0.0.1", servers.ports[rig is servers.rigs[0]]))
    assert servers.run() == 0


def test_every_address_that_is_order_and_answer_ends_at_who_speaks_as_a_server(rig):
    server = ("127.0.0.1", 9_140)
    rig.send("/flow/status", "hello", sender=server)
    before = state(rig)
    for packet in valid_packets(SIZES, "tiny"):
        row, _ = row_of(read_or_none(packet))
        if row is not None and row.address in BOTH:
            rig.raw(packet, server)
            assert rig.turn() == {}
    assert state(rig) == before and rig.bridge.health.n_refused >= len(BOTH)
    assert {"/flow/macros", "/flow/latent", "/flow/place", "/flow/bindings"} <= BOTH


def read_or_none(packet):
    try:
        address, *values = read(packet)
    except ProtocolError:
        address, values = "/", []
    from server.osc.parser import Message

    return Message(address, values)


def test_a_router_that_passes_answers_on_can_still_turn_macros(rig):
    router = ("127.0.0.1", 9_140)
    rig.send("/flow/params", 1, *[0.5] * 32, sender=router)
    assert "/flow/params" in addresses(rig.send("/flow/macro", 0, 0.9, sender=router)[MY_PORT])


def test_who_says_hello_is_no_server_any_more(rig):
    rig.send("/flow/status", "x", sender=OTHER)
    rig.hello(OTHER, OTHER_PORT, nonce=2)
    assert "/flow/params" in addresses(rig.send("/flow/macros", *[0.3] * 8, sender=OTHER)[OTHER_PORT])


def own_address():
    """An address of this machine other than loopback; another loopback one, where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
            return sock.getsockname()[0]
        except OSError:
            return "127.0.0.2"


def test_the_own_port_is_refused_on_every_address_of_this_machine(tiny, tmp_path):
    rig, host = Rig(tiny, tmp_path), own_address()
    assert is_own(host) and not is_own("192.0.2.1")
    sent = rig.send("/flow/hello", 1, OWN_PORT, 1, "device", "x", sender=(host, 50_001))
    assert OWN_PORT not in sent and "server's own" in only(sent[REPLY_PORT], "/flow/error")[1]
    for sender in ((host, OWN_PORT), ("127.0.0.1", OWN_PORT)):  # and what comes from there is an echo of us
        assert rig.send("/flow/macro", 0, 0.9, sender=sender) == {}


# -- refusals reach who asked


@pytest.mark.parametrize(
    "values",
    [
        (1, 50_011, 9, "device", "x"),
        (1, 50_011, 2, "device", "x", "i" * 65),
        (1, 50_011, 2, "device"),
        (1, 50_011, 2, 5, "x"),
    ],
)
def test_a_hello_that_is_refused_is_told_at_the_port_that_it_names(tiny, tmp_path, values):
    rig = Rig(tiny, tmp_path)
    sent = rig.send("/flow/hello", *values, sender=OTHER)
    assert only(sent[50_011], "/flow/error")[0] == "/flow/hello" and OTHER[1] not in sent
    assert rig.send("/flow/ping", 1, sender=OTHER)[OTHER[1]]  # and goes on as the stranger that it was


def test_refused_hellos_are_rationed(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    for k in range(300):
        rig.put("/flow/hello", 1, 20_000 + k, 9, "device", "x", sender=("127.0.0.1", 10_000 + k))
    assert sum(map(len, rig.sent().values())) <= 2 * 51


@pytest.mark.parametrize("port", [22, 53, 1023])
def test_nobody_has_answers_sent_to_a_service_of_the_system(tiny, tmp_path, port):
    rig = Rig(tiny, tmp_path)
    sent = rig.send("/flow/hello", 1, port, 1, "device", "x", sender=OTHER)
    assert port not in sent and "1024" in only(sent[REPLY_PORT], "/flow/error")[1]
    assert port not in rig.send("/flow/macro", 0, 0.5, sender=OTHER)


# -- what other machines may do

ALLOWED = {row.address: row.permission for row in TO_SERVER.values() if row.permission in REMOTE}


def packet_of(address):
    """A message that fits."""
    return next(p for p in valid_packets(SIZES, "tiny") if p.startswith(address.encode() + b"\0"))


def test_what_needs_leave_is_what_records_writes_binds_or_stops():
    assert {a for a, word in ALLOWED.items() if word == "microphone"} == {
        "/flow/sketch/record",
        "/flow/sketch/live",
    }
    for address in TO_SERVER:
        if any(word in address for word in ("save", "rename", "delete", "restore", "export", "/own/make")):
            assert ALLOWED[address] == "save"
        if any(word in address for word in ("/learn", "/unlearn", "/bind", "/unbind")):
            assert ALLOWED.get(address) == "bind" or address in (
                "/flow/bindings",
                "/flow/learn/skip",
                "/flow/learn/stop",
            )
    assert ALLOWED["/flow/panic"] == ALLOWED["/flow/model"] == "stop"


@pytest.mark.parametrize("address", sorted(ALLOWED))
def test_another_machine_needs_leave(rig, address):
    before = state(rig)
    rig.raw(packet_of(address), AWAY)
    told = only(rig.turn()[REPLY_PORT], "/flow/error")
    assert told[0] == address and f"--allow-remote {ALLOWED[address]}" in told[1]
    assert state(rig) == before and rig.jobs.waiting == []


@pytest.mark.parametrize("word", sorted(REMOTE))
def test_leave_is_for_what_it_names(rig, word):
    session = rig.bridge._session
    rig.bridge._session = Session(
        run=77, own=session.own, reply_port=REPLY_PORT, sketches=session.sketches, allowed=frozenset([word])
    )
    for address, needs in ALLOWED.items():
        rig.now += 1.0
        rig.raw(packet_of(address), AWAY)
        refused = any("--allow-remote" in str(m[-1]) for m in rig.turn().get(REPLY_PORT, []))
        assert refused == (needs != word), address


def test_another_machine_plays_without_leave(rig):
    sent = rig.send("/flow/macro", 0, 0.9, sender=AWAY)
    assert "/flow/params" in addresses(sent[MY_PORT])
    assert "/flow/params" in addresses(rig.send("/flow/preset/load", "Pad 2", sender=AWAY)[MY_PORT])


def test_an_address_of_this_machine_that_could_be_claimed_counts_once_it_is_proved(rig):
    host = own_address()
    if host.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    sender = host, 50_077
    rig.send("/flow/hello", 5, 50_077, 2, "panel", "x", sender=sender)
    told = rig.send("/flow/panic", sender=sender)[50_077]
    assert "--allow-remote stop" in only(told, "/flow/error")[1]
    rig.now += 1.0
    number = only(rig.send("/flow/ping", 1, sender=sender)[50_077], "/flow/token")[0]
    rig.send("/flow/echo", number, sender=sender)
    assert "/flow/error" not in addresses(rig.send("/flow/preset/save", "Mine", sender=sender)[50_077])
    assert "Mine" in rig.store.presets


def test_the_warning_names_what_is_allowed():
    for word, text in REMOTE.items():
        assert text in remote_warning("0.0.0.0", [word])
    bare = remote_warning("0.0.0.0", [])
    assert "may play it;" in bare and "--allow-remote" in bare and "microphone" in bare


# -- how much is sent to an address that nobody has shown to be their own


@pytest.mark.parametrize("address", sorted(TO_SERVER))
def test_three_bytes_go_out_for_each_that_came_in(tiny, tmp_path, address):
    rig, n_in, n_out = Rig(tiny, tmp_path), 0, 0
    for _ in range(5):
        packet = packet_of(address)
        n_in += len(packet)
        rig.raw(packet, AWAY)
        for _ in range(30):
            rig.jobs.run()
            rig.bridge.finish(rig.now)
            rig.now += 0.02
            rig.bridge.tick(rig.now)
            n_out += sum(map(len, went_to(rig, AWAY[0])))
    assert 0 < n_out <= 3 * n_in or (address == "/flow/bye" and n_out == 0)


def test_one_hello_during_play_brings_no_flood(rig):
    hello = typed_message("/flow/hello", 1, 4_000, 2, "script", "x")
    rig.raw(hello, AWAY)
    n_out = 0
    for k in range(500):
        rig.put("/flow/macro", 0, k / 500)
        rig.bridge.finish(rig.now)
        rig.now += 0.01
        rig.bridge.tick(rig.now)
        n_out += sum(map(len, went_to(rig, AWAY[0])))
    assert 0 < n_out <= 3 * len(hello)


def test_many_claimed_ports_of_one_host_share_what_it_may_be_sent(rig):
    n_in = n_out = 0
    for port in range(4_000, 4_100):
        packet = typed_message("/flow/hello", 1, port, 2, "script", "x")
        n_in += len(packet)
        rig.raw(packet, (AWAY[0], port))
        rig.put("/flow/macro", 0, (port % 100) / 100)
        rig.bridge.finish(rig.now)
        n_out += sum(map(len, went_to(rig, AWAY[0])))
    assert n_out <= 3 * n_in


def test_who_sends_the_number_back_is_sent_everything(rig):
    rig.put("/flow/hello", 1, 4_000, 2, "panel", "x", sender=AWAY)
    first, *_ = went_to(rig, AWAY[0])
    address, number = read(first)
    assert address == "/flow/token"
    rig.put("/flow/echo", number, sender=AWAY)
    told = [read(d)[0] for d in went_to(rig, AWAY[0])]
    assert told[:2] == ["/flow/welcome", "/flow/macros"] and "/flow/params" in told
    for k in range(50):
        rig.put("/flow/macro", 0, k / 50)
        rig.bridge.finish(rig.now)
    assert len(went_to(rig, AWAY[0])) >= 50
    rig.rest(11.0)  # silent: whoever claims the address now begins anew
    rig.put("/flow/hello", 1, 4_000, 2, "panel", "x", sender=AWAY)
    assert read(went_to(rig, AWAY[0])[0])[0] == "/flow/token"


def test_a_wrong_number_proves_nothing_and_the_next_is_another(rig):
    rig.put("/flow/hello", 1, 4_000, 2, "panel", "x", sender=AWAY)
    number = read(went_to(rig, AWAY[0])[0])[1]
    rig.put("/flow/echo", number ^ 1, sender=AWAY)
    told = [read(d) for d in went_to(rig, AWAY[0])]
    again = only(told, "/flow/token")[0]
    assert again != number
    rig.put("/flow/echo", number, sender=AWAY)  # the first is void
    assert "/flow/welcome" not in [read(d)[0] for d in went_to(rig, AWAY[0])]
    rig.put("/flow/echo", again, sender=("10.0.0.8", 4_000))  # and is no other machine's
    assert not rig.bridge.clients.proofs.is_proved(("10.0.0.8", 4_000), rig.now)


def test_clients_on_this_machine_are_asked_nothing_and_sent_everything(rig):
    rig.sent()
    for sender in (OTHER, ("127.0.0.7", 40_000)):
        rig.put("/flow/presets", sender=sender)
        rig.turn_only = rig.bridge.finish(rig.now)
        for _ in range(20):
            rig.now += 0.01
            rig.bridge.tick(rig.now)
        told = [read(d)[0] for d in went_to(rig, sender[0])]
        assert "/flow/token" not in told and told.count("/flow/preset") >= 12


def test_our_client_and_the_table_know_the_number():
    from server.osc.builder import echo_of, osc_message

    assert echo_of(osc_message("/flow/token", 12_345)) == build("/flow/echo", "i", 12_345)
    assert "/flow/token" in TO_CLIENTS
