"""OSC addresses for the wires of the devices, checked against the server's table."""

from collections.abc import Mapping

from max4live.builder.errors import DesignError
from server.osc.addresses import TO_CLIENTS, TO_SERVER

__all__ = ["from_server", "to_server"]


def to_server(word: str) -> str:
    """Return the address of a message to the server, such as `/flow/macro` for `macro`.

    Raises:
        DesignError: The table does not have it.
    """
    return _find(word, TO_SERVER, "to the server")


def from_server(word: str) -> str:
    """Return the address of a message from the server.

    Raises:
        DesignError: The table does not have it.
    """
    return _find(word, TO_CLIENTS, "to the clients")


def _find(word: str, table: Mapping[str, object], where: str) -> str:
    address = f"/flow/{word}"
    if address not in table:
        raise DesignError(f"the server's table has no {address} {where}")
    return address
