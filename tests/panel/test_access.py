import asyncio
import os
import stat
import sys
import time
from queue import Queue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from panel.app import ServeOptions, _announce
from panel.state.panel_state import PanelSettings
from panel.web.access import MAX_BODY, AccessMiddleware, AccessPolicy, _length, load_token
from panel.web.doorkeeper import MOST_WAITING, Doorkeeper
from panel.web.sessions import Sessions

TOKEN = "t" * 32
ACCESS = AccessPolicy(TOKEN, "127.0.0.1", 9140)
COOKIE = ACCESS.set_cookie().decode().split(";")[0]
GOOD = {"host": "127.0.0.1:9140", "cookie": COOKIE}


def scope(kind="http", path="/", query="", **headers):
    raw = [(k.replace("_", "-").encode(), v.encode("latin-1")) for k, v in headers.items()]
    return {"type": kind, "path": path, "query_string": query.encode(), "headers": raw, "method": "GET"}


def refused(access=ACCESS, **given):
    answer = access.refuse(scope(**given))
    return None if answer is None else answer[0]


def test_the_token_opens_the_page_and_the_cookie_everything_else():
    assert refused(host="127.0.0.1:9140", query=f"token={TOKEN}") is None
    assert refused(path="/panel/note.wav", **GOOD) is None
    assert refused(kind="websocket", path="/_nicegui_ws/", origin="http://127.0.0.1:9140", **GOOD) is None


def test_no_token_no_entry():
    for given_ in (
        {"host": "127.0.0.1:9140"},
        {"host": "127.0.0.1:9140", "query": "token="},
        {"host": "127.0.0.1:9140", "query": f"token={TOKEN[:-1]}"},
        {"host": "127.0.0.1:9140", "query": f"token={TOKEN}x"},
        {"host": "127.0.0.1:9140", "cookie": "flow_panel_9140="},
        {"host": "127.0.0.1:9140", "cookie": f"flow_panel_9141={COOKIE.partition('=')[2]}"},
        {"host": "127.0.0.1:9140", "cookie": f"flow_panel_9140={TOKEN}"},
        {"host": "127.0.0.1:9140", "cookie": COOKIE[:-1] + ("0" if COOKIE[-1] != "0" else "1")},
        {
            "host": "127.0.0.1:9140",
            "query": f"token={TOKEN}",
            "path": "/panel/note.wav",
        },
    ):
        assert refused(**given_) == 401
    assert refused(kind="websocket", host="127.0.0.1:9140", origin="http://127.0.0.1:9140") == 401


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:9140",
        "127.0.0.1.nip.io:9140",
        "127.0.0.1",
        "127.0.0.1:9141",
        "",
        "192.168.1.5:9140",
        "a:b:9140",
    ],
)
def test_a_name_that_was_made_to_point_here_is_refused(host):
    assert refused(**{**GOOD, "host": host}) == 421
    assert refused(host=host, query=f"token={TOKEN}") == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://127.0.0.1:9140", "http://127.0.0.1:80", "null", ""]
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_another_page_is_refused_even_with_the_cookie(kind, origin):
    assert refused(kind=kind, origin=origin, **GOOD) == 403


def test_a_websocket_has_to_say_where_it_comes_from():
    assert refused(kind="websocket", **GOOD) == 403


def test_a_header_said_twice_is_not_trusted():
    twice = scope(**GOOD)
    twice["headers"].append((b"host", b"127.0.0.1:9140"))
    assert ACCESS.refuse(twice)[0] == 421


def test_on_all_cards_addresses_are_let_in_but_names_are_not():
    access = AccessPolicy(TOKEN, "0.0.0.0", 9140)
    cookie = COOKIE
    assert refused(access, host="192.168.1.5:9140", cookie=cookie) is None
    assert refused(access, host="localhost:9140", cookie=cookie) is None
    assert refused(access, host="evil.example:9140", cookie=cookie) == 421
    assert refused(access, host="192.168.1.5:9140", origin="http://192.168.1.6:9140", cookie=cookie) == 403
    assert refused(access, host="192.168.1.5:9140") == 401


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_is_not_the_token_gets_in(host, cookie, query):
    headers = [(b"host", host.encode("utf-8")), (b"cookie", cookie.encode("utf-8"))]
    made = {"type": "http", "path": "/", "query_string": query.encode("utf-8"), "headers": headers}
    assert ACCESS.refuse(made) is not None


def test_the_cookie_is_kept_from_scripts_and_from_other_sites():
    header = ACCESS.set_cookie().decode()
    assert "HttpOnly" in header and "SameSite=Strict" in header and "Path=/" in header


def test_the_cookie_is_no_token_ends_and_is_of_one_panel():
    now = [1e9]
    sessions = Sessions(TOKEN, 9140, lambda: now[0])
    one, other = sessions.cookie()[0], sessions.cookie()[0]
    assert one != other and TOKEN not in one and sessions.left_s(one) > 29 * 86_400
    assert Sessions(TOKEN, 9140, lambda: now[0]).left_s(one) > 0  # after a restart of the panel
    assert Sessions(TOKEN, 9141, lambda: now[0]).left_s(one) == 0  # of another, which the browser sends it to
    assert Sessions("u" * 32, 9140, lambda: now[0]).left_s(one) == 0  # after panel-token was deleted
    text, _, signature = one.rpartition(".")
    assert sessions.left_s(f"{text}0.{signature}") == sessions.left_s("") == sessions.left_s("..") == 0
    now[0] += 31 * 86_400
    assert sessions.left_s(one) == 0


@given(st.text(max_size=80))
def test_no_other_text_is_a_cookie(text):
    assert ACCESS.sessions.left_s(text) == 0 and not ACCESS.sessions.redeem(text)


def test_what_open_puts_into_the_address_opens_once_and_soon():
    now = [1e9]
    sessions = Sessions(TOKEN, 9140, lambda: now[0])
    once, late = sessions.open_once(), sessions.open_once()
    assert TOKEN not in once and sessions.redeem(once) and not sessions.redeem(once)
    now[0] += 121
    assert not sessions.redeem(late)
    query = f"once={ACCESS.sessions.open_once()}"
    assert refused(host="127.0.0.1:9140", query=query, path="/panel/note.wav") == 401  # a page only
    status, headers, _ = ask(scope(host="127.0.0.1:9140", query=query))
    assert status == 200 and TOKEN.encode() not in headers[b"set-cookie"]
    assert ask(scope(host="127.0.0.1:9140", query=query))[0] == 401


def test_a_cookie_is_renewed_by_the_page_while_it_is_used(monkeypatch):
    assert b"set-cookie" not in ask(scope(**GOOD))[1]
    later = time.time() + 2 * 86_400
    monkeypatch.setattr(ACCESS.sessions, "_clock", lambda: later)
    assert b"set-cookie" in ask(scope(**GOOD))[1]
    assert b"set-cookie" not in ask(scope(path="/panel/note.wav", **GOOD))[1]


def test_open_keeps_the_token_out_of_the_command(monkeypatch, tmp_path):
    opened = Queue()
    monkeypatch.setattr("webbrowser.open", opened.put)
    options = ServeOptions(
        settings=PanelSettings(server=("127.0.0.1", 9130), data=tmp_path), open_browser=True
    )
    lines = []
    _announce(options, ACCESS, TOKEN, 9140, lines.append)
    address = opened.get(timeout=5)
    assert TOKEN in lines[0] and TOKEN not in address
    assert refused(host="127.0.0.1:9140", query=address.partition("?")[2]) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_in_the_place_of_the_token_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "panel-token")
    assert len(load_token(tmp_path)) >= 22
    (tmp_path / "panel-token").unlink()
    (tmp_path / "panel-token").symlink_to("/dev/zero")
    assert len(load_token(tmp_path / "other")) >= 22


# -- connections that have not shown who they are


class Connection(asyncio.Transport):
    def __init__(self, port):
        super().__init__({"peername": ("127.0.0.1", port)})
        self.aborted = False

    def abort(self):
        self.aborted = True


def test_connections_that_show_nothing_are_few_and_the_newest_stays():
    async def run():
        doorkeeper = Doorkeeper()
        known = Connection(1)
        doorkeeper.arrived(known)
        doorkeeper.let_in(("127.0.0.1", 1))
        idle = [Connection(port) for port in range(2, 302)]
        for connection in idle:
            doorkeeper.arrived(connection)
        assert [c.aborted for c in idle] == [True] * (300 - MOST_WAITING) + [False] * MOST_WAITING
        assert not known.aborted
        for connection in idle:
            doorkeeper.left(connection)
        assert not doorkeeper._waiting

    asyncio.run(run())


def test_a_connection_that_shows_nothing_is_closed_soon():
    async def run():
        doorkeeper = Doorkeeper(patience_s=0.05)
        idle, known = Connection(1), Connection(2)
        doorkeeper.arrived(idle)
        doorkeeper.arrived(known)
        doorkeeper.let_in(("127.0.0.1", 2))
        await asyncio.sleep(0.15)
        assert idle.aborted and not known.aborted

    asyncio.run(run())


def test_a_connection_is_not_closed_because_the_panel_itself_stood_still():
    async def run():
        doorkeeper = Doorkeeper(patience_s=0.05)
        known = Connection(1)
        doorkeeper.arrived(known)
        time.sleep(0.2)  # other programs have the processor, and its request waits to be read
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        doorkeeper.let_in(("127.0.0.1", 1))
        assert not known.aborted

    asyncio.run(run())


def ask(asked, body=b""):
    """Send a request through the gate; status, headers, and whether the application was reached."""
    reached, sent = [], []

    async def app(scope, receive, send):
        while True:
            message = await receive()
            reached.append(message)
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"in"})

    pieces = [body[k : k + 2**20] for k in range(0, len(body), 2**20)] or [b""]

    async def receive():
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message):
        sent.append(message)

    asyncio.run(AccessMiddleware(app, ACCESS)(asked, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), reached


def test_who_is_refused_never_reaches_the_application():
    status, _, reached = ask(scope(host="evil.example:9140"))
    assert status == 421 and reached == []


def test_the_token_in_the_address_becomes_a_cookie_once():
    status, headers, _ = ask(scope(host="127.0.0.1:9140", query=f"token={TOKEN}"))
    assert status == 200 and headers[b"set-cookie"].startswith(b"flow_panel_9140=")
    assert b"set-cookie" not in ask(scope(**GOOD))[1]
    assert headers[b"referrer-policy"] == b"no-referrer"
    assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]


def test_a_body_that_says_it_is_too_long_is_not_read():
    status, _, reached = ask(scope(content_length=str(MAX_BODY + 1), **GOOD))
    assert status == 413 and reached == []


def test_a_body_that_does_not_say_so_is_cut_off():
    _, _, reached = ask(scope(**GOOD), bytes(MAX_BODY + 2**20))
    assert reached[-1] == {"type": "http.disconnect"}
    assert sum(len(m.get("body", b"")) for m in reached) <= MAX_BODY


def test_the_token_stays_and_a_damaged_one_is_replaced(tmp_path):
    folder = tmp_path / "Däta with spaces"
    token = load_token(folder)
    assert len(token) >= 22 and load_token(folder) == token
    for damaged in ("", "short", "ü" * 40, "spaces in it " * 4):
        (folder / "panel-token").write_text(damaged, encoding="utf-8")
        fresh = load_token(folder)
        assert fresh != damaged and load_token(folder) == fresh


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the folder to the user")
def test_only_this_user_can_read_the_token(tmp_path):
    load_token(tmp_path)
    assert stat.S_IMODE(os.stat(tmp_path / "panel-token").st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="--data"):
        load_token(tmp_path / "file" / "below")


@pytest.mark.parametrize(
    "query", [b"&".join(b"a=%d" % k for k in range(20)), b"token=%zz" * 9, b"&" * 5_000, b"token=\xff"]
)
def test_an_address_with_anything_in_it_is_refused_and_no_bug(query):
    scope = {"type": "http", "path": "/", "query_string": query, "headers": [(b"host", b"127.0.0.1:9140")]}
    assert AccessPolicy(TOKEN, "127.0.0.1", 9140).refuse(scope)[0] == 401


@pytest.mark.parametrize("length", ["9" * 5_000, "\xb2", "-1", "0" * 5_000, str(MAX_BODY + 1)])
def test_a_length_of_any_digits_is_read_at_once(length):
    assert (_length({"headers": [(b"content-length", length.encode("latin-1"))]}) > MAX_BODY) == (
        length[0] in "93"
    )
