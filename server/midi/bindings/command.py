"""What buttons, pads and pedals command: each a message of the table, or two for what is on or off."""

from dataclasses import dataclass
from typing import Literal, get_args

from core.errors import ConfigError
from core.nearest import did_you_mean
from server.osc.addresses import Value

__all__ = ["COMMANDS", "Command", "CommandName", "read_command"]

CommandName = Literal[
    "record",
    "follow",
    "next answer",
    "vary",
    "hold",
    "path",
    "next preset",
    "previous preset",
    "a/b",
    "undo",
    "redo",
    "next instrument",
]
COMMANDS: tuple[CommandName, ...] = get_args(CommandName)
_SWITCHED: tuple[CommandName, ...] = ("record", "follow", "hold", "path")
_VARY_BY = 0.3  # as the panel's button
_MESSAGES: dict[CommandName, tuple[str, tuple[Value, ...]]] = {
    "record": ("/flow/sketch/record", ()),
    "follow": ("/flow/sketch/live", ()),
    "next answer": ("/flow/sketch/next", ()),
    "vary": ("/flow/vary", (_VARY_BY,)),
    "hold": ("/flow/freeze", ()),
    "path": ("/flow/path/run", ()),
    "next preset": ("/flow/preset/step", (1,)),
    "previous preset": ("/flow/preset/step", (-1,)),
    "a/b": ("/flow/ab", ()),
    "undo": ("/flow/undo", ()),
    "redo": ("/flow/redo", ()),
    "next instrument": ("/flow/focus/next", ()),
}


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: One of `COMMANDS`.
        macro: Of `hold`, which macro; else 0.
    """

    name: CommandName
    macro: int = 0

    @property
    def is_switched(self) -> bool:
        """Whether it is on or off, instead of happening once."""
        return self.name in _SWITCHED

    def message(self, on: bool) -> tuple[str, tuple[Value, ...]]:
        """Return the address and values of the message that it is; `on` counts for what is switched."""
        address, values = _MESSAGES[self.name]
        if self.name == "hold":
            return address, (self.macro, int(on))
        return address, (int(on),) if self.is_switched else values

    def __str__(self) -> str:
        """Return how a profile spells it."""
        return f"hold {self.macro}" if self.name == "hold" else self.name


def read_command(text: str) -> Command:
    """Read a command as a profile spells it.

    Raises:
        ConfigError: There is no such command.
    """
    words = text.lower().split()
    name = " ".join(words)
    if words[:1] == ["hold"]:
        if len(words) == 2 and words[1].isascii() and words[1].isdigit() and int(words[1]) < 1_024:
            return Command("hold", int(words[1]))
        raise ConfigError("after hold comes the number of a macro, such as `hold 3`.")
    found = next((one for one in COMMANDS if one == name), None)
    if found is None:
        raise ConfigError(f"there is no command '{text}'; {did_you_mean(name, COMMANDS)}")
    return Command(found)
