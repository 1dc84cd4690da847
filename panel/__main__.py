"""Show a running server in the browser.

    python -m panel

`python run_server.py --panel` starts both.
"""

import argparse
import logging
import sys
from pathlib import Path

import core.startup.missing_packages  # noqa: F401  # before what may be missing
from core.command import log_to_terminal, print_line, tell
from core.errors import BridgeError
from panel.app import PORT, ServeOptions, serve
from panel.state.panel_state import PanelSettings

__all__ = ["main", "parser"]


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    p = argparse.ArgumentParser(prog="python -m panel", description="Show a running server in the browser.")
    p.add_argument("--port", type=int, help=f"TCP port of the page ({PORT}, or a free one)")
    p.add_argument("--host", default="127.0.0.1", help="address of the page (%(default)s)")
    p.add_argument("--server-host", default="127.0.0.1", help="where the server runs (%(default)s)")
    p.add_argument("--server-port", type=int, default=9130, help="its UDP port (%(default)s)")
    p.add_argument("--data", type=Path, help="folder for token and snapshots (the system's own)")
    p.add_argument("--model-folder", type=Path, help="folder of a model that the server was given by path")
    p.add_argument("--open", action="store_true", help="open the page here")
    p.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)
    return p


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 after a clean stop, 2 for an error that a user can put right."""
    given = parser().parse_args(arguments)
    log_to_terminal(logging.WARNING, "%(levelname)s %(message)s")
    options = ServeOptions(
        settings=PanelSettings(
            server=(given.server_host, given.server_port), data=given.data, model=given.model_folder
        ),
        host="127.0.0.1" if given.host == "localhost" else given.host,
        port=given.port,
        open_browser=given.open,
        until_stdin_closes=given.until_stdin_closes,
    )
    try:
        serve(options, tell)
    except BridgeError as error:
        print_line(f"panel: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
