"""Who may use the panel: this computer by default, with a token, and no other site's page.

Every request and every WebSocket is checked here before anything else reads it.

- **Host** must be an address that the panel was started on. Another site whose name was made to resolve to
  this computer (DNS rebinding) arrives under its own name, and is refused.
- **Origin**, where a browser sends one, must be the panel itself; a WebSocket always needs one.
- **Token**: in the address the first time; then a cookie of the browser's own, which no other site's page can
  send. `--open` puts into the address what opens the page once, because others can read the command.
- **Size**: a body is cut off at `MAX_BODY`.
"""

import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.plain_file import read_text
from core.store.data_folder import make_private
from panel.sound.uploads import MAX_UPLOAD_BYTES
from panel.web.doorkeeper import Doorkeeper
from panel.web.sessions import Sessions

__all__ = ["MAX_BODY", "MOST_FIELDS", "AccessPolicy", "AccessMiddleware", "load_token"]

MAX_BODY = MAX_UPLOAD_BYTES + 2**16  # with what the form around a file adds
MOST_FIELDS = 8  # in the address of the page, which has one
_MIN_TOKEN = 22  # characters: 128 bits
_MAX_TOKEN = 1024

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADERS = (
    # Inline styles and compiled templates are how NiceGUI works; nothing may come from elsewhere.
    (
        b"content-security-policy",
        b"default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        b"style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; frame-ancestors 'none'; "
        b"base-uri 'none'; form-action 'self'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),  # the first address holds the token
    (b"cross-origin-resource-policy", b"same-origin"),
)


def load_token(folder: Path) -> str:
    """Return this user's token. It is made once and kept, so that a tablet's bookmark goes on working.

    Raises:
        ConfigError: The folder cannot be written.
    """
    path = folder / "panel-token"
    try:
        token = read_text(path, _MAX_TOKEN).strip()
        if len(token) >= _MIN_TOKEN and token.isascii() and token.replace("-", "").replace("_", "").isalnum():
            return token
    except (OSError, ConfigError):
        pass  # not there, or damaged: a new one
    token = secrets.token_urlsafe(24)
    try:
        make_private(folder)
        write_atomically(path, token, private=True)  # Windows keeps the folder to the user
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}. Start with --data FOLDER.") from error
    return token


class AccessPolicy:
    """Decides which requests are let in.

    Args:
        token: What the address has to contain.
        host: Address that the panel listens on.
        port: Its port.

    Attributes:
        sessions: Of the browsers that were let in.
    """

    def __init__(self, token: str, host: str, port: int) -> None:
        self._token = token
        self._port = port
        self.sessions = Sessions(token, port)
        self._anywhere = host in ("0.0.0.0", "::")
        own = {"127.0.0.1", "localhost", "[::1]"}
        self._names = own if self._anywhere else own | {f"[{host}]" if ":" in host else host.lower()}
        self.cookie = (
            f"flow_panel_{port}"  # cookies are shared by all ports of a host: each panel has its own
        )

    def refuse(self, scope: Scope) -> tuple[int, str] | None:
        """Return status and reason for a request to refuse, or None for one to let in."""
        headers = _headers(scope)
        host = headers.get("host", "")
        if not self._is_mine(host):
            return 421, "This is not the panel's address. Open the one that run_server.py printed."
        origin = headers.get("origin")
        if origin is None and scope["type"] == "websocket":
            return 403, "A WebSocket needs an Origin header."
        if origin is not None and origin.lower() != f"http://{host.lower()}":
            return 403, "Another site's page may not use the panel."
        if self.sessions.left_s(self._cookie_in(headers)) or self._matches(_in_address("token", scope)):
            return None
        if self.sessions.redeem(_in_address("once", scope)):
            return None
        return 401, (
            "The panel needs its token. Open the whole address that run_server.py printed, "
            "with ?token= and what follows."
        )

    def wants_cookie(self, scope: Scope) -> bool:
        """Whether a request that was let in is that of a page whose browser needs a new cookie."""
        return _is_page(scope) and self.sessions.is_worn(self._cookie_in(_headers(scope)))

    def set_cookie(self) -> bytes:
        """Return the value of the header that sets a new cookie."""
        cookie, lasts_s = self.sessions.cookie()
        text = f"{self.cookie}={cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lasts_s}"
        return text.encode("ascii")

    def _is_mine(self, host: str) -> bool:
        name, _, port = host.lower().rpartition(":")
        if port != str(self._port):
            return False
        if name in self._names:
            return True
        if not self._anywhere:
            return False
        try:  # on all interfaces: any plain address, but no name, which could be made to point here
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True

    def _matches(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())

    def _cookie_in(self, headers: dict[str, str]) -> str:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return ""
        return cookies[self.cookie].value if self.cookie in cookies else ""


class AccessMiddleware:
    """Passes on to an application the requests that `AccessPolicy` lets in.

    Args:
        app: An ASGI application.
        access: Decides.
        doorkeeper: Told whose connections were let in.
    """

    def __init__(self, app: App, access: AccessPolicy, doorkeeper: Doorkeeper | None = None) -> None:
        self.app = app
        self._access = access
        self._doorkeeper = doorkeeper or Doorkeeper()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or one WebSocket for as long as it lasts."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self._access.refuse(scope)
        if refusal is None and _length(scope) > MAX_BODY:
            refusal = 413, f"This is more than {MAX_BODY // 2**20} MiB; send a shorter sound."
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
            return
        self._doorkeeper.let_in(scope.get("client"))
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        new = self._access.wants_cookie(scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [*_HEADERS]
                if new:
                    extra.append((b"set-cookie", self._access.set_cookie()))
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        await self.app(scope, _limited(receive), send_guarded)


def _is_page(scope: Scope) -> bool:
    return scope["type"] == "http" and scope.get("path") == "/"


def _in_address(name: str, scope: Scope) -> str:
    """Return what the address of a page gives under a name; empty if nothing."""
    if not _is_page(scope):
        return ""
    try:
        query = parse_qs(bytes(scope.get("query_string", b"")).decode("latin-1"), max_num_fields=MOST_FIELDS)
    except ValueError:  # too many fields
        return ""
    return query.get(name, [""])[0]


def _headers(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in scope.get("headers", []):
        name = key.decode("latin-1").lower()
        if name in found and name in ("host", "origin"):
            found[name] = "\0"  # sent twice: neither is trusted
        else:
            found[name] = value.decode("latin-1")
    return found


def _length(scope: Scope) -> int:
    text = _headers(scope).get("content-length", "0").lstrip("0") or "0"
    if not (text.isdecimal() and text.isascii()):
        return 0
    return int(text) if len(text) <= len(str(MAX_BODY)) else MAX_BODY + 1  # nobody counts 5,000 digits


def _limited(receive: Receive) -> Receive:
    """Cut off a body that is longer than it may be, whatever its header says."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > MAX_BODY else message

    return limited


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, reason: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # the request to connect; closing before accepting answers 403
        await send({"type": "websocket.close", "code": 1008})
        return
    body = f"{reason}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *_HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
