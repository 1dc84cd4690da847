"""What programs on other machines may do: play; for anything else they are let in by `--allow-remote`."""

from collections.abc import Collection

from core.errors import ProtocolError
from server.osc.clients import Client
from server.osc.hosts.loopback import is_loopback, is_own
from server.osc.hosts.ports import Endpoint
from server.osc.table.row import Address, Permission

__all__ = ["REMOTE", "check_allowed", "remote_warning"]

# What `--allow-remote` takes, and what each lets other machines do.
REMOTE: dict[Permission, str] = {
    "microphone": "open the microphone",
    "save": "save, overwrite, rename and delete presets and macros",
    "bind": "bind controls to anything, recording included",
    "stop": "end every note and load another model",
}
_SILENT = (
    "the microphone, saving, binding controls, ending every note and other models stay with this computer"
)


def check_allowed(row: Address, sender: Endpoint, client: Client, allowed: Collection[str]) -> None:
    """Check that a client may send a message, if it is on another machine.

    Args:
        row: Of the message.
        sender: Where it came from.
        client: Whose it is.
        allowed: What `--allow-remote` names.

    Raises:
        ProtocolError: It may not.
    """
    if row.permission == "play" or row.permission in allowed or is_loopback(sender[0]):
        return
    if client.is_proved and is_own(sender[0]):  # such an address could be claimed from outside
        return
    text = "this is only answered on the server's own computer"
    if row.permission in REMOTE:
        text += f", unless the server is started with --allow-remote {row.permission}"
    raise ProtocolError(f"{text}.")


def remote_warning(host: str, allowed: Collection[str]) -> str:
    """Return what a player is told whose server listens to other machines."""
    more = [text for name, text in REMOTE.items() if name in allowed]
    may = ", ".join(["play it", *more])
    kept = "" if more else f"; {_SILENT} unless --allow-remote names them"
    return (
        f"listening on {host}: whoever reaches this machine may {may}{kept}. Leave --host out if everything "
        "runs here."
    )
