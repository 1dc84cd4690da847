"""The parameter spaces that the sound process knows, each under a number."""

import hashlib
import json
from weakref import WeakKeyDictionary

from core.space import ParameterSpace

__all__ = ["KnownSpaces"]


class KnownSpaces:
    """Numbers spaces from 0; the same space that was loaded again has the same number."""

    def __init__(self) -> None:
        self._by_space: WeakKeyDictionary[ParameterSpace, int] = WeakKeyDictionary()
        self._by_content: dict[str, int] = {}

    def number(self, space: ParameterSpace) -> tuple[int, bool]:
        """Return the number of a space, and whether it is new."""
        known = self._by_space.get(space)
        if known is not None:
            return known, False
        content = hashlib.sha256(json.dumps(space.to_dict()).encode()).hexdigest()
        n = len(self._by_content)
        number = self._by_space[space] = self._by_content.setdefault(content, n)
        return number, number == n
