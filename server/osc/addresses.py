"""The one table of OSC messages, protocol version 2.

Everything that has to do with a message is worked out from its row: which arguments it takes and within
which bounds (`fitting`), how the server builds it (`builder`), whether it is read fast (`hot_reader`), what
it makes void (`coalescer`), who may send it, and `docs/osc-api.md` (`docs`). A new message is a row here and
a handler: `to_server` and `to_clients` hold them, by direction.
"""

from server.osc.table.row import Address, Argument, Bound, Count, Value
from server.osc.table.to_clients import ROWS as _TO_CLIENTS
from server.osc.table.to_server import FREEZE_BRANCH, FURTHEST, MACRO_BRANCH
from server.osc.table.to_server import ROWS as _TO_SERVER

__all__ = [
    "FREEZE_BRANCH",
    "FURTHEST",
    "MACRO_BRANCH",
    "OLDEST_PROTOCOL",
    "PROTOCOL",
    "TO_CLIENTS",
    "TO_SERVER",
    "VERSION",
    "Address",
    "Argument",
    "Bound",
    "Count",
    "Value",
]

PROTOCOL = 2
OLDEST_PROTOCOL = 1  # knows of one instrument only; still spoken
VERSION = "0.1.0"  # as in pyproject.toml; a test holds them together

TO_SERVER = {row.address: row for row in _TO_SERVER}
TO_CLIENTS = {row.address: row for row in _TO_CLIENTS}
