"""The panel put together, and served until it is stopped."""

import asyncio
import contextlib
import errno
import logging
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from core.errors import ConfigError, DeviceError
from panel.state.panel_state import PanelSettings, PanelState
from panel.web.access import AccessMiddleware, AccessPolicy, load_token
from panel.web.doorkeeper import Doorkeeper, guarded_protocol
from server.running.panel_process import BEAT

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["PORT", "ServeOptions", "serve"]

logger = logging.getLogger(__name__)

PORT = 9140
_BEAT_EVERY_S = 1.0
_NICENESS = 10  # the server and the synth come first
_TAKEN_S = 20.0  # how long the panel of a server that was killed may hold the port: it comes last
_LOOK_S = 0.1
_NOT_STARTED = 3  # exit status, as uvicorn's own command has it
_ENDS_S = 5.0  # from the end of standard input, for pages and files that are being written


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """How the panel is served.

    Attributes:
        settings: Where the server is, and where the panel keeps things.
        host: Address that it listens on.
        port: Its TCP port; None for 9140, or any free one if that is taken.
        open_browser: Whether to open the page on this computer.
        until_stdin_closes: Whether to stop when the process that started it is gone.
    """

    settings: PanelSettings
    host: str = "127.0.0.1"
    port: int | None = None
    open_browser: bool = False
    until_stdin_closes: bool = False


def serve(options: ServeOptions, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C, SIGTERM, or the end of standard input.

    Raises:
        ConfigError: NiceGUI is missing, or the host is unknown.
        DeviceError: The port is taken.
    """
    stdin = _StandardInput() if options.until_stdin_closes else None
    token = load_token(options.settings.folder)
    sock = _open_socket(options.host, options.port, _TAKEN_S if options.until_stdin_closes else 0.0)
    try:
        port = sock.getsockname()[1]
        access = AccessPolicy(token, options.host, port)
        address = f"{_site(options.host, port)}?token={token}"

        def started() -> None:
            _announce(options, access, token, port, say)
            _lower_priority()  # not before: on a busy computer the page would be long in coming

        _run(options, access, sock, address, started, stdin)
    finally:
        sock.close()


def _run(
    options: ServeOptions,
    access: AccessPolicy,
    sock: socket.socket,
    address: str,
    started: Callable[[], None],
    stdin: "_StandardInput | None",
) -> None:
    try:
        import nicegui  # noqa: F401
        import uvicorn
    except ImportError as error:
        raise ConfigError(
            f"the panel needs NiceGUI ({error.name} is missing). Install it: "
            'python -m pip install -e ".[panel]"'
        ) from error

    state = PanelState(options.settings)
    if not _is_local(options.host):
        state.phone_address = address

    async def main() -> None:
        doorkeeper = Doorkeeper()
        config = uvicorn.Config(
            AccessMiddleware(_application(state, started), access, doorkeeper),
            http=guarded_protocol(doorkeeper),
            log_level="warning",
            access_log=False,  # it would contain the token
            server_header=False,
            ws_max_size=4 * 2**20,
            ws_per_message_deflate=False,  # not worth it 30 times a second
            timeout_graceful_shutdown=1,
        )
        logging.getLogger("uvicorn.error").addFilter(_Plain())  # `Config` has set its handlers
        server = uvicorn.Server(config)
        beating = None
        if stdin is not None:
            loop = asyncio.get_running_loop()
            stdin.stop = partial(loop.call_soon_threadsafe, setattr, server, "should_exit", True)
            beating = asyncio.create_task(_beat())
        await server.serve(sockets=[sock])
        if beating is not None:
            beating.cancel()
        if not server.started:
            raise SystemExit(_NOT_STARTED)  # whoever has started the panel does so again

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())


def _application(state: PanelState, started: Callable[[], None]) -> "FastAPI":
    from fastapi import FastAPI
    from nicegui import ui

    from panel.feed.feed_socket import add_feed_socket
    from panel.web.page import add_page
    from panel.web.routes import add_routes
    from panel.web.sound_socket import add_sound_socket

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await state.open()
        started()
        yield
        state.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    add_routes(app, state)
    add_feed_socket(app, state.scheduler)
    add_sound_socket(app, state)
    add_page(state)
    ui.run_with(
        app,
        title="Flow Synth Live",
        favicon=Path(__file__).parent / "static" / "icon.svg",
        dark=None,
        tailwind=False,
        binding_refresh_interval=None,
        gzip_middleware_factory=None,  # on one computer it only costs time
        reconnect_timeout=20.0,  # a phone that sleeps for a moment keeps its page
        show_welcome_message=False,
    )
    return app


def _site(host: str, port: int) -> str:
    """Return the address of the page, without its token."""
    host = host if host not in ("0.0.0.0", "::") else _own_address()
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"


def _is_local(host: str) -> bool:
    return host in ("127.0.0.1", "::1", "localhost")


def _announce(
    options: ServeOptions, access: AccessPolicy, token: str, port: int, say: Callable[[str], None]
) -> None:
    site = _site(options.host, port)
    say(f"panel: {site}?token={token}")
    if not _is_local(options.host):
        logger.warning(
            "the panel listens on %s: whoever has its address with the token may do all that the page does: "
            "open the microphone, send sounds, save. It travels unencrypted, so use this only on a network "
            "that you trust.",
            options.host,
        )
    if options.open_browser:
        import webbrowser

        once = f"{site}?once={access.sessions.open_once()}"  # others can read the command
        threading.Thread(target=webbrowser.open, args=(once,), daemon=True).start()


def _own_address() -> str:
    """Return this computer's address on the local network; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address: str = probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"
        return address


def _open_socket(host: str, port: int | None, wait_s: float = 0.0) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][0]
    except OSError as error:
        raise ConfigError(f"--panel-host {host} is unknown; give an address of this machine.") from error
    if port is None:
        with contextlib.suppress(OSError):
            return _bind(family, host, PORT)
    deadline = monotonic() + wait_s
    while True:
        try:
            return _bind(family, host, port or 0)
        except OSError as error:
            if port is None or error.errno != errno.EADDRINUSE or monotonic() > deadline:
                raise DeviceError(
                    f"port {port or PORT} on {host} cannot be used ({error.strerror}); give another with "
                    "--panel-port."
                ) from error
        sleep(_LOOK_S)


def _bind(family: int, host: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":  # where it would let two panels share the port
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(64)
    except OSError:
        sock.close()
        raise
    return sock


def _lower_priority() -> None:
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICENESS)


class _Plain(logging.Filter):
    """Leaves out what is no fault, and has a line for a panel that cannot start, not uvicorn's traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is logged."""
        text = str(record.msg).strip()
        if text.startswith("Traceback"):
            record.msg, record.args = "the panel could not start: %s", (text.splitlines()[-1],)
        # A request was given up because the panel ends.
        is_given_up = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
        return not is_given_up


async def _beat() -> None:
    """Show the process that started the panel that this loop turns."""
    while True:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.buffer.write(BEAT)
            sys.stdout.buffer.flush()
        await asyncio.sleep(_BEAT_EVERY_S)


class _StandardInput:
    """Ends with the process that started the panel, even if that was killed; then the panel ends, too."""

    def __init__(self) -> None:
        self.stop: Callable[[], object] = lambda: os._exit(0)  # nothing is open yet
        threading.Thread(target=self._watch, name="stdin", daemon=True).start()

    def _watch(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while sys.stdin.buffer.read(1):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self.stop()
        sleep(_ENDS_S)
        os._exit(0)  # a page holds it up, or other programs do
