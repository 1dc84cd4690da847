"""Which control moves which macro, read off what the server says when one is learned."""

import re

__all__ = ["Bindings"]

_FOLLOWS = re.compile(r"macro (\d+) '.*' follows (.+?)(?:, an endless|; it moves| \()")
_NO_LONGER = re.compile(r"macro (\d+) '.*' no longer follows")


class Bindings:
    """Controls by macro, as far as they were told since the panel started."""

    def __init__(self) -> None:
        self._controls: dict[int, str] = {}

    def hear(self, text: str) -> None:
        """Take in a line of the server's.

        >>> bindings = Bindings()
        >>> bindings.hear("macro 1 'Dry' follows CC 20 on channel 1 of Knobs (knobs.yaml)")
        >>> bindings.control(1)
        'CC 20 on channel 1 of Knobs'
        """
        if (found := _FOLLOWS.match(text)) is not None:
            self._controls[int(found[1])] = found[2]
        elif (found := _NO_LONGER.match(text)) is not None:
            self._controls.pop(int(found[1]), None)

    def control(self, k: int) -> str:
        """Name the control that moves macro k; empty where none is known."""
        return self._controls.get(k, "")
