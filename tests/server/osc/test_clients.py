import pytest

from core.errors import ProtocolError
from server.osc.clients import MAX_CLIENTS, Clients

A, B = ("127.0.0.1", 5001), ("127.0.0.1", 5002)


def addresses(clients):
    return [c.address for c in clients]


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
    assert len(clients) == 1
    clients.bye(B, 1)  # from another port of the same host
    assert len(clients) == 0


def test_there_is_an_end_to_them():
    clients = Clients(9131)
    for k in range(MAX_CLIENTS):
        clients.heard((f"10.0.0.{k}", 1), float(k))
    clients.heard(("10.0.1.0", 1), 99.0)
    assert len(clients) == MAX_CLIENTS  # the one heard longest ago has made room
    assert clients.known(("10.0.0.0", 1)) is None
    clients = Clients(9131)
    for k in range(MAX_CLIENTS):
        clients.hello(("127.0.0.1", 1000 + k), 6000 + k, k, "", "", 0.0)
    clients.heard(("10.0.1.0", 1), 0.0)
    assert len(clients) == MAX_CLIENTS
    with pytest.raises(ProtocolError, match=str(MAX_CLIENTS)):
        clients.hello(("127.0.0.1", 999), 5999, 1, "", "", 0.0)


def test_a_client_for_which_there_is_no_room_is_told_at_its_own_port_until_there_is():
    clients = Clients(9131)
    for k in range(MAX_CLIENTS):
        clients.hello(("127.0.0.1", 1000 + k), 6000 + k, k, "", "", 0.0)
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
    for k in range(MAX_CLIENTS):
        clients.hello(("127.0.0.1", 1000 + k), 6000 + k, k, "", "", 20.0)
    assert clients.heard(A, 21.0) is silent and silent.refused and len(clients) == MAX_CLIENTS


def test_errors_are_rationed():
    client = Clients(9131).heard(A, 0.0)
    assert sum(client.may_hear_error(1.0) for _ in range(200)) == 50
    assert client.may_hear_error(1.1)
    assert [client.may_hear_malformed(t) for t in (0.0, 0.5, 1.1)] == [True, False, True]
