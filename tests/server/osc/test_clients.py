import pytest

from core.errors import ProtocolError
from server.osc.clients import MAX_CLIENTS, Clients
from server.osc.hosts.admission import MOST_OF_A_HOST

A, B = ("127.0.0.1", 5001), ("127.0.0.1", 5002)


def addresses(clients):
    return [c.address for c in clients]


def fill(clients, now=0.0):
    """Take all places with devices of this machine that are there, as their heartbeats show."""
    for k in range(MAX_CLIENTS):
        clients.hello(("127.0.0.1", 1000 + k), 6000 + k, k, "", "", now)
        clients.heard(("127.0.0.1", 1000 + k), now)


def test_a_stranger_is_answered_on_the_reply_port_of_its_host():
    clients = Clients(9131)
    assert clients.heard(("10.0.0.7", 4444), 0.0).address == ("10.0.0.7", 9131)
    assert addresses(clients) == [("10.0.0.7", 9131)]


def test_hello_names_the_port_and_may_be_repeated():
    clients = Clients(9131)
    first, new = clients.hello(A, 6001, 1, "device", "x", 0.0)
    again, renewed = clients.hello(A, 6001, 1, "device", "x", 5.0)
    assert (new, renewed) == (True, False) and first is again
    assert addresses(clients) == [("127.0.0.1", 6001)]


def test_the_same_listening_port_is_one_client():
    clients = Clients(9131)
    clients.hello(A, 6001, 1, "device", "x", 0.0)
    clients.hello(B, 6001, 2, "device", "x", 0.0)
    assert addresses(clients) == [("127.0.0.1", 6001)]


def test_one_frame_to_one_port_though_a_stranger_and_a_client_share_it():
    clients = Clients(9131)
    clients.heard(("127.0.0.1", 4444), 0.0)
    clients.hello(A, 9131, 1, "script", "x", 0.0)
    assert addresses(clients) == [("127.0.0.1", 9131)]


def test_silence_is_forgotten_after_ten_seconds():
    clients = Clients(9131)
    clients.hello(A, 6001, 1, "device", "x", 0.0)
    clients.hello(B, 6002, 2, "device", "y", 0.0)
    clients.heard(B, 9.0)
    assert [c.name for c in clients.forget_silent(10.5)] == ["x"]
    assert addresses(clients) == [("127.0.0.1", 6002)]


def test_bye_needs_the_nonce():
    clients = Clients(9131)
    clients.hello(A, 6001, 1, "device", "x", 0.0)
    clients.bye(A, 2)
    clients.bye(("10.0.0.7", 1), 1)
    clients.bye(B, 1)  # from another port of the same host
    assert len(clients) == 1
    clients.bye(A, 1)
    assert len(clients) == 0


def test_bye_ends_no_registration_but_the_senders_own():
    clients = Clients(9131)
    clients.hello(A, 6001, 1, "script", "x", 0.0)
    clients.hello(B, 6002, 1, "device", "y", 0.0)  # with the same nonce, as scripts that choose 1
    gone = clients.bye(A, 1)
    assert gone is not None and gone.name == "x" and addresses(clients) == [("127.0.0.1", 6002)]
    assert clients.bye(A, 1) is None and addresses(clients) == [("127.0.0.1", 6002)]


@pytest.mark.parametrize("then", ["silent", "turned away"])
def test_bye_of_another_forgets_nobody_who_may_come_back(then):
    clients = Clients(9131)
    mine, _ = clients.hello(A, 6001, 1, "device", "x", 0.0)
    clients.assign(mine, "mine")
    if then == "silent":
        clients.forget_silent(20.0)
    else:
        clients.turn_away(mine, "full")
    clients.bye(B, 1)
    assert clients.heard(A, 21.0) is mine
    clients.turn_away(mine, "full")
    clients.bye(A, 1)
    assert clients.heard(A, 22.0) is not mine


def test_there_is_an_end_to_them():
    clients = Clients(9131)
    for k in range(MAX_CLIENTS):
        clients.heard((f"10.0.0.{k}", 1), float(k))
    clients.heard(("10.0.1.0", 1), 99.0)
    assert len(clients) == MAX_CLIENTS  # the one heard longest ago has made room
    assert clients.known(("10.0.0.0", 1)) is None
    clients = Clients(9131)
    fill(clients)
    clients.heard(("10.0.1.0", 1), 0.0)
    assert len(clients) == MAX_CLIENTS
    with pytest.raises(ProtocolError, match=str(MAX_CLIENTS)):
        clients.hello(("127.0.0.1", 999), 5999, 1, "", "", 0.0)


def test_a_client_for_which_there_is_no_room_is_told_at_its_own_port_until_there_is():
    clients = Clients(9131)
    fill(clients)
    with pytest.raises(ProtocolError):
        clients.hello(A, 5999, 77, "device", "late", 0.0)
    late = clients.heard(A, 1.0)
    assert late.address == ("127.0.0.1", 5999) and late.refused and late not in list(clients)
    with pytest.raises(ProtocolError):
        clients.hello(A, 5999, 77, "device", "late", 2.0)
    assert clients.heard(A, 3.0) is late  # so that its errors stay rationed
    clients.bye(("127.0.0.1", 1000), 0)
    client, new = clients.hello(A, 5999, 77, "device", "late", 4.0)
    assert new and not client.refused and client in list(clients)


def test_a_client_that_comes_back_to_a_full_server_is_no_stranger():
    clients = Clients(9131)
    silent, _ = clients.hello(A, 6999, 77, "device", "x", 0.0)
    clients.assign(silent, "mine")
    clients.forget_silent(20.0)
    fill(clients, 20.0)
    assert clients.heard(A, 21.0) is silent and silent.refused and len(clients) == MAX_CLIENTS


def test_errors_are_rationed():
    client = Clients(9131).heard(A, 0.0)
    assert sum(client.may_hear_error(1.0) for _ in range(200)) == 50
    assert client.may_hear_error(1.1)
    assert [client.may_hear_malformed(t) for t in (0.0, 0.5, 1.1)] == [True, False, True]


# -- who makes room for whom


def test_a_device_gets_in_though_five_hundred_said_hello_before_it():
    clients = Clients(9131)
    for k in range(500):
        try:
            clients.hello(("127.0.0.1", 10_000 + k), 20_000 + k, k, "", "", 0.001 * k)
        except ProtocolError:
            continue
    device, new = clients.hello(A, 5999, 77, "device", "late", 3.0)
    assert new and device in list(clients) and len(clients) == MAX_CLIENTS


def test_a_device_that_asks_again_gets_in_during_a_flood():
    clients = Clients(9131)

    def flood(begin, now):
        for k in range(begin, begin + 100):
            try:
                clients.hello(("127.0.0.1", 10_000 + k), 20_000 + k, k, "", "", now)
            except ProtocolError:
                continue

    flood(0, 0.0)
    with pytest.raises(ProtocolError):
        clients.hello(A, 5999, 77, "device", "late", 0.5)
    flood(100, 1.0)
    clients.hello(A, 5999, 77, "device", "late", 1.5)
    clients.heard(A, 1.6)
    for k in range(20):
        flood(200 + 100 * k, 2.0 + k)
        assert clients.heard(A, 2.0 + k) in list(clients)


def test_other_machines_make_room_for_this_one():
    clients = Clients(9131)
    for k in range(MAX_CLIENTS):
        sender = f"10.0.{k // 8}.1", 4000 + k
        clients.hello(sender, 5000, k, "", "", 0.0) if k % 8 else clients.heard(sender, 0.0)
    while len(clients) < MAX_CLIENTS:
        clients.heard((f"10.9.9.{len(clients)}", 1), 0.0)
    for k in range(64):
        clients.hello(("127.0.0.1", 1000 + k), 6000 + k, k, "device", "", 0.1)
    assert sum(c.address[0] == "127.0.0.1" for c in clients) == 64 and len(clients) == MAX_CLIENTS


def test_a_machine_has_so_many_clients_and_no_more():
    clients = Clients(9131)
    for k in range(MOST_OF_A_HOST):
        clients.hello(("10.0.0.7", 4000 + k), 5000 + k, k, "", "", 0.0)
    with pytest.raises(ProtocolError, match="10.0.0.7"):
        clients.hello(("10.0.0.7", 4999), 5999, 99, "", "", 0.0)
    clients.hello(("10.0.0.7", 4000), 5000, 0, "", "", 1.0)  # who is there is renewed
    clients.hello(("10.0.0.8", 4000), 5000, 0, "", "", 1.0)


def test_strangers_elsewhere_take_no_places_of_strangers_here():
    clients = Clients(9131)
    clients.heard(A, 0.0)
    for k in range(300):
        clients.heard((f"10.0.{k // 250}.{k % 250}", 1), 1.0 + k)
    assert clients.known(A) is not None and len(clients) == MAX_CLIENTS
