"""What is understood though it is not quite what the table says: other programs send what they can.

Nothing here reaches further than the table does: what comes out is held against its row (`fitting`).
"""

from collections.abc import Sequence
from urllib.parse import unquote

from core.errors import ProtocolError
from server.osc.addresses import FREEZE_BRANCH, MACRO_BRANCH, TO_SERVER, Address, Argument, Value
from server.osc.fitting import Sizes
from server.osc.parser import Message
from server.osc.patterns import matching

__all__ = [
    "MOST_IN_PATH",
    "MOST_PATTERNS",
    "MOST_REQUESTS",
    "ROUNDING",
    "PatternsOfDatagram",
    "addresses_meant",
    "row_of",
    "understood",
]

MOST_REQUESTS = 32  # in one datagram; devices and panels send one
MOST_PATTERNS = 8  # in one datagram: each may turn every macro
MOST_IN_PATH = 2  # arguments
_LONGEST_NUMBER = 4  # digits of an argument in the path
ROUNDING = 1e-4  # sevenfold what 32-bit floats, percents with four digits or 14-bit MIDI lose, and inaudible
_PRESSED = (1, 127)  # what buttons send, of OSC and of MIDI


def row_of(message: Message) -> tuple[Address | None, list[Value]]:
    """Return the row of a message to the server, None where there is none, and its arguments.

    The first arguments may stand in the address: `/flow/macro/3 0.5` is `/flow/macro 3 0.5`, and
    `/flow/preset/load/Pad%202` is `/flow/preset/load "Pad 2"`.
    """
    row = TO_SERVER.get(message.address)
    if row is not None:
        return row, message.values
    above, words = message.address, list[str]()
    for _ in range(MOST_IN_PATH):
        above, _, word = above.rpartition("/")
        words.insert(0, word)
        row = TO_SERVER.get(above)
        if row is not None:
            values = _read_words(row, words)
            return (row, [*values, *message.values]) if values else (None, message.values)
    return None, message.values


def _read_words(row: Address, words: list[str]) -> list[Value]:
    """Return arguments that stand in an address; none if they cannot be."""
    values: list[Value] = []
    for argument, word in zip(row.arguments, words, strict=False):
        if argument.count == 1 and argument.type == "s":
            text = unquote(word, errors="replace")
            if not text or not text.isprintable() or "\ufffd" in text:
                return []
            values.append(text)
        elif argument.count == 1 and word.isdigit() and word.isascii() and len(word) <= _LONGEST_NUMBER:
            values.append(int(word))
    return values if len(values) == len(words) else []


def understood(row: Address, values: Sequence[Value], sizes: Sizes) -> list[Value] | None:
    """Return the arguments as they were meant: rounding undone, and what a button adds taken away.

    A button sends 1 (or 127) when it is pressed and 0 when it is let go, also to an address that takes no
    argument, or no further one.

    Args:
        row: Row of the table.
        values: Arguments as they came, numbers finite.
        sizes: Counts of the loaded model.

    Returns:
        The arguments; None for a button that was let go, which means nothing.
    """
    arguments = [a for a in row.arguments for _ in range(sizes.count(a.count))]
    n_needed = sum(not a.optional for a in arguments)
    if row.role == "query" and len(values) == n_needed + 1 and not isinstance(values[-1], str):
        if values[-1] == 0:
            return None
        if values[-1] in _PRESSED:
            values = values[:-1]
    rounded = [_rounded(a, value, sizes) for a, value in zip(arguments, values, strict=False)]
    return [*rounded, *values[len(rounded) :]]


def _rounded(argument: Argument, value: Value, sizes: Sizes) -> Value:
    """Return a number within the bounds, or whole, if it is by a rounding error not."""
    if isinstance(value, str) or argument.type == "s":
        return value
    if argument.type == "i":
        whole = round(value)
        return whole if abs(value - whole) <= ROUNDING else value
    low, high = argument.low, sizes.bound(argument.high)
    nearest = min(max(value, low), high)
    return nearest if abs(value - nearest) <= ROUNDING else value


def addresses_meant(pattern: str, sizes: Sizes) -> list[str]:
    """Return the addresses that a pattern means: of controls and of freezing, and no others.

    What answers at length, saves, loads, listens or ends is only ever meant by its own address.
    """
    branches = (MACRO_BRANCH, FREEZE_BRANCH)
    each = (f"{branch}{k}" for branch in branches for k in range(sizes.n_macros))
    controls = (row.address for row in TO_SERVER.values() if row.role == "control")
    return matching(pattern, (*each, *controls))


class RequestsOfDatagram:
    """Counts what a datagram asks for: loads, saves, variations, lists, and addresses that do not exist."""

    def __init__(self) -> None:
        self._n = 0

    def begin(self) -> None:
        """Count anew, for another datagram."""
        self._n = 0

    def check(self) -> None:
        """Count one more.

        Raises:
            ProtocolError: There are too many.
        """
        self._n += 1
        if self._n > MOST_REQUESTS:
            raise ProtocolError(
                f"a datagram asks for at most {MOST_REQUESTS} things besides values of controls. Send the "
                "rest in others."
            )


class PatternsOfDatagram(RequestsOfDatagram):
    """Counts the address patterns of a datagram, too, which are few: each may turn every macro."""

    def __init__(self) -> None:
        super().__init__()
        self._n_patterns = 0

    def begin(self) -> None:
        """Count anew, for another datagram."""
        super().begin()
        self._n_patterns = 0

    def addresses(self, pattern: str, sizes: Sizes) -> list[str]:
        """Return the addresses that the next pattern means.

        Raises:
            ProtocolError: There is none, or the datagram has too many patterns.
        """
        self._n_patterns += 1
        if self._n_patterns > MOST_PATTERNS:
            raise ProtocolError(f"a datagram has at most {MOST_PATTERNS} address patterns; send several.")
        addresses = addresses_meant(pattern, sizes)
        if not addresses:
            raise ProtocolError(
                "no control has an address like this; patterns reach those and /flow/freeze/K. Name others "
                "in full."
            )
        return addresses
