"""A row of the table of OSC messages."""

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "EVERY_CONTROL",
    "INSTRUMENT",
    "LINK",
    "MACRO",
    "NONCE",
    "Address",
    "Argument",
    "Bound",
    "Count",
    "Permission",
    "Value",
    "answer",
    "control",
    "integer",
    "number",
    "query",
    "text",
]

Value = int | float | str
Bound = float | Literal["M - 1", "P - 1", "P"]  # worked out for the loaded model
Count = int | Literal["M", "D", "P"]
# What a client on another machine needs: nothing; to be on this one instead; a word of `--allow-remote`.
Permission = Literal["play", "here", "microphone", "save", "bind", "stop"]

_INT_MAX = 2**31 - 1
EVERY_CONTROL = "*"


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of a message, or a run of equal ones.

    Attributes:
        type: OSC type: `i`, `f` or `s`.
        name: What it is called in the documentation and in errors.
        low, high: Range of a number, ends included.
        count: How many in a row: a number, or M macros, D latent dimensions, P parameters.
        text: Meaning, where the name does not say it.
        optional: Whether it may be left out, with all that follow it; then it is empty.
    """

    type: Literal["i", "f", "s"]
    name: str
    low: float = -(2**31)
    high: Bound = _INT_MAX
    count: Count = 1
    text: str = ""
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Address:
    """One row of the table: a message in one direction.

    Attributes:
        address: The OSC address.
        arguments: What follows it, in order.
        text: What it means, for people.
        role: To the server, `control` for a value of which only the newest counts and `query` for
            whatever is handled in its order; `answer` for what the server sends.
        answers: Addresses that answer it.
        voids: Of a control: addresses of waiting controls that it makes void, or `EVERY_CONTROL`.
        permission: What clients on other machines need to send it.
    """

    address: str
    arguments: tuple[Argument, ...] = ()
    text: str
    role: Literal["control", "query", "answer"]
    answers: tuple[str, ...] = ()
    voids: tuple[str, ...] = ()
    permission: Permission = "play"

    @property
    def is_indexed(self) -> bool:
        """Whether it says which of several it is for: each keeps a newest value of its own."""
        return bool(self.arguments) and self.arguments[0].type == "i"

    @property
    def knobs_follow(self) -> bool:
        """Whether the sender, too, is told where the macros are afterwards."""
        return "/flow/macros" in self.answers


def integer(name: str, low: float = -(2**31), high: Bound = _INT_MAX, text: str = "") -> Argument:
    """Return an argument of type `i`."""
    return Argument(type="i", name=name, low=low, high=high, text=text)


def number(name: str, low: float = 0.0, high: float = 1.0, count: Count = 1, text: str = "") -> Argument:
    """Return an argument of type `f`, or a run of `count` of them."""
    return Argument(type="f", name=name, low=low, high=high, count=count, text=text)


def text(name: str, meaning: str = "", *, optional: bool = False) -> Argument:
    """Return an argument of type `s`."""
    return Argument(type="s", name=name, text=meaning, optional=optional)


def query(
    address: str,
    arguments: tuple[Argument, ...],
    text: str,
    answers: str = "",
    *,
    needs: Permission = "play",
) -> Address:
    """Return the row of a query; its answers are named without `/flow/`."""
    return Address(
        address=address,
        arguments=arguments,
        text=text,
        role="query",
        answers=_all(answers),
        permission=needs,
    )


def control(
    address: str, arguments: tuple[Argument, ...], text: str, answers: str, *, voids: tuple[str, ...] = ()
) -> Address:
    """Return the row of a control; its answers are named without `/flow/`."""
    return Address(
        address=address, arguments=arguments, text=text, role="control", answers=_all(answers), voids=voids
    )


def answer(address: str, arguments: tuple[Argument, ...], text: str) -> Address:
    """Return the row of a message to clients."""
    return Address(address=address, arguments=arguments, text=text, role="answer")


def _all(names: str) -> tuple[str, ...]:
    return tuple(f"/flow/{name}" for name in names.split())


NONCE = integer("nonce", text="any number of the client's own, given back in the answer")
INSTRUMENT = (
    "identity of the client's own instrument, which it keeps; empty or `-` to play whatever has the focus"
)
LINK = "identity of another's instrument, to play that instead of one's own; empty or `-` for none"
MACRO = integer("k", 0, "M - 1", "macro, counted from 0")
