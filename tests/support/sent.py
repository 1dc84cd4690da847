"""What the server sends has to fit the table: every test that hears it puts it through `check_sent`."""

from server.client import Client
from server.osc.addresses import TO_CLIENTS, Value
from server.osc.fitting import Sizes, fit
from server.osc.guard import inspect
from server.osc.parser import read_message


def check_sent(datagram: bytes, sizes: Sizes | None = None) -> tuple:
    """Read a message of the server's as (address, value, value, ...), after it was held against its row.

    Without sizes, runs as long as the loaded model has macros, dimensions or parameters may have any length.
    """
    address, values = read_message(datagram)
    assert address in TO_CLIENTS, f"{address} is in no row of the table"
    row = TO_CLIENTS[address]
    if sizes is None:
        sizes = _sizes_that_fit(row, len(values))
    fit(row, values, sizes)
    expected = "".join(argument.type * sizes.count(argument.count) for argument in row.arguments)
    shortest = len(expected) - sum(argument.optional for argument in row.arguments)
    tags = inspect(datagram)
    fits = expected.startswith(tags) and len(tags) >= shortest
    assert fits, f"{address} went out as {tags}, the table says {expected}"
    return (address, *values)


def _sizes_that_fit(row, n_values: int) -> Sizes:
    """Sizes with which a row has so many values; bounds that hang on them are as wide as can be."""
    fixed = sum(a.count for a in row.arguments if isinstance(a.count, int))
    n = n_values - fixed if any(isinstance(a.count, str) for a in row.arguments) else 2**30
    return Sizes(n_macros=n, n_latent=n, n_parameters=n)


class StrictClient(Client):
    """A client that holds everything it hears against the table, and is patient on a busy machine."""

    def receive_raw(self, timeout_s: float) -> bytes:
        datagram = super().receive_raw(timeout_s)
        check_sent(datagram)
        return datagram

    def wait_for(self, address: str, timeout_s: float = 10.0) -> list[Value] | None:
        return super().wait_for(address, timeout_s)
