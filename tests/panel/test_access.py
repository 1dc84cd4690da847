import asyncio
import os
import stat
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from panel.web.access import MAX_BODY, AccessMiddleware, AccessPolicy, load_token

TOKEN = "t" * 32
ACCESS = AccessPolicy(TOKEN, "127.0.0.1", 9140)
GOOD = {"host": "127.0.0.1:9140", "cookie": f"flow_panel_9140={TOKEN}"}


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
        {"host": "127.0.0.1:9140", "cookie": f"flow_panel_9141={TOKEN}"},
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
    cookie = f"flow_panel_9140={TOKEN}"
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
