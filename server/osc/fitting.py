"""Whether the arguments of a message fit its row of the address table."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import ProtocolError
from server.osc.addresses import Address, Argument, Bound, Count, Value

__all__ = ["Sizes", "fit"]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The counts of the loaded model: M macros, D latent dimensions, P parameters."""

    n_macros: int
    n_latent: int
    n_parameters: int

    def count(self, count: Count) -> int:
        """Return a count of the table as a number."""
        if isinstance(count, int):
            return count
        return {"M": self.n_macros, "D": self.n_latent, "P": self.n_parameters}[count]

    def bound(self, bound: Bound) -> float:
        """Return a bound of the table as a number."""
        if not isinstance(bound, str):
            return bound
        return {"M - 1": self.n_macros - 1, "P - 1": self.n_parameters - 1, "P": self.n_parameters}[bound]


def fit(row: Address, values: Sequence[Value], sizes: Sizes) -> list[Value]:
    """Check the arguments of a message against its row.

    A whole float is taken for an `i` and an `i` for an `f`: Pure Data and Max send them so.

    Args:
        row: Row of the table.
        values: Arguments as they came, numbers finite.
        sizes: Counts of the loaded model.

    Returns:
        The arguments, each of the type the row says.

    Raises:
        ProtocolError: Too many or too few, of a wrong type, or out of range.
    """
    wanted = sum(sizes.count(a.count) for a in row.arguments)
    missing = wanted - len(values)
    if 0 < missing <= sum(a.optional for a in row.arguments):
        values = [*values, *[""] * missing]
    if len(values) != wanted:
        raise ProtocolError(f"{_usage(row, sizes)}, but {len(values)} arguments came.")
    fitted: list[Value] = []
    for argument in row.arguments:
        for _ in range(sizes.count(argument.count)):
            fitted.append(_fit_one(row, argument, values[len(fitted)], sizes))
    return fitted


def _fit_one(row: Address, argument: Argument, value: Value, sizes: Sizes) -> Value:
    kind = argument.type
    if kind == "s" or isinstance(value, str):
        if kind == "s" and isinstance(value, str):
            return value
        raise ProtocolError(f"{_usage(row, sizes)}; '{argument.name}' came as {value!r}.")
    number: int | float = float(value) if kind == "f" else int(value)
    if number != value:
        raise ProtocolError(f"{_usage(row, sizes)}; '{argument.name}' is {value:g}, not whole.")
    low, high = argument.low, sizes.bound(argument.high)
    if not low <= number <= high:
        raise ProtocolError(
            f"'{argument.name}' is {value:g}; it goes from {low:g} to {high:g}. Nothing changed."
        )
    return number


def _usage(row: Address, sizes: Sizes) -> str:
    words = []
    for a in row.arguments:
        n = sizes.count(a.count)
        words.append(f"{a.type} {a.name}" if n == 1 else f"{n} {a.type} {a.name}")
    return f"{row.address} takes {', '.join(words) or 'no arguments'}"
