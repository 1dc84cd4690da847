"""What every object of the interpreter is."""

from dataclasses import dataclass, field
from typing import Any

Atom = int | float | str
Message = list[Atom]

BANG: Message = ["bang"]


def is_number(atom: Atom) -> bool:
    return not isinstance(atom, str)


@dataclass(eq=False)
class Node:
    """An object: the parts of its text, and the cords from its outlets.

    Attributes:
        box: Its entry in the patcher.
        name: Its class.
        arguments: Its arguments, numbers as numbers.
        world: The device that it is in.
        cords: For each outlet, the destinations in the order in which Max reaches them.
        got: What a recording object received: inlet and message.
    """

    box: dict[str, Any]
    name: str
    arguments: list[Atom]
    world: Any
    cords: list[list[tuple["Node", int]]] = field(default_factory=list)
    got: list[tuple[int, Message]] = field(default_factory=list)

    def start(self):
        """Set up; arguments and cords are already there."""

    def receive(self, inlet: int, message: Message):
        self.got.append((inlet, message))

    def out(self, outlet: int, message: Message):
        """Send depth first: each destination is done before the next begins."""
        for node, inlet in self.cords[outlet]:
            node.receive(inlet, list(message))


def atoms(words: list[str]) -> list[Atom]:
    return [atom(word) for word in words]


def atom(word: str) -> Atom:
    try:
        return int(word)
    except ValueError:
        try:
            return float(word)
        except ValueError:
            return word.strip('"')
