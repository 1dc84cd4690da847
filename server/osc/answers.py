"""What a message, a controller or a sketch brings about: the one vocabulary that the bridge carries out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from server.osc.addresses import Value
from server.osc.builder import osc_message

__all__ = [
    "Answer",
    "FocusChanged",
    "Follow",
    "InstrumentsChanged",
    "Listing",
    "MacrosChanged",
    "ModelChanged",
    "Order",
    "Receivers",
    "Reply",
    "ToPlayers",
    "Work",
    "status",
]


Receivers = Literal["sender", "listeners", "all"]


@dataclass(frozen=True, slots=True)
class Reply:
    """A datagram for the sender, for the listeners of the instrument it is about, or for every client."""

    datagram: bytes
    to: Receivers = "sender"


@dataclass(frozen=True, slots=True)
class Listing:
    """Many datagrams for the sender, sent at a pace that its socket can hold."""

    datagrams: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Work:
    """Slow work; `land` runs on the loop with what `work` returned, and returns further answers.

    Attributes:
        key: A client's waiting work of the same key is replaced by this one, unless it keeps something.
        work: Runs in a worker thread.
        land: As said.
        keeps: What it saves, as players are told if it comes to nothing; empty for what only looks at what is
            kept, None for everything else.
    """

    key: str
    work: Callable[[], Any]
    land: Callable[[Any], "list[Answer]"]
    keeps: str | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """The point has moved: frame, macros and latent go to the instrument's listeners."""


@dataclass(frozen=True, slots=True)
class ToPlayers:
    """Datagrams for the listeners of every instrument that plays the model of that name."""

    model: str
    datagrams: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ModelChanged:
    """Another model plays an instrument, a `Track`: its listeners get a new welcome, and its state."""

    track: Any


@dataclass(frozen=True, slots=True)
class MacrosChanged:
    """Other macros of a model are on the dials, or have other names.

    Whoever hears an instrument that plays the model is told once a turn, with positions. `get_vocabulary`
    returns the list of all macros as it is by then.
    """

    model: str
    get_vocabulary: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class FocusChanged:
    """Another instrument has the focus: whoever acts on the focus is told its state."""


@dataclass(frozen=True, slots=True)
class InstrumentsChanged:
    """An instrument has come, gone, got the focus or another name: every client gets the list."""


@dataclass(frozen=True, slots=True)
class Order:
    """A message of the table, carried out as if a client had sent it: what a controller asks for.

    `instrument` is the identity or name of the one that it is for; empty for whatever has the focus.
    """

    address: str
    values: tuple[Value, ...] = ()
    instrument: str = ""


Answer = (
    Reply
    | ToPlayers
    | Listing
    | Work
    | Follow
    | ModelChanged
    | MacrosChanged
    | FocusChanged
    | InstrumentsChanged
    | Order
)


def status(text: str, to: Receivers = "sender") -> Reply:
    """Return a `/flow/status` with this text."""
    return Reply(osc_message("/flow/status", text), to)
