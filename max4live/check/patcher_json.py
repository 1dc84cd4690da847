"""The JSON of patchers as the versions of Max have written it since Max 5."""

import json
import re
from collections.abc import Mapping
from typing import Any

from max4live.builder.errors import DesignError

__all__ = ["Json", "parse_patcher"]

Json = Mapping[str, Any]

_DECODER = json.JSONDecoder(strict=False)  # Max leaves tabs and line ends in texts as they are
_TEXT_OR_BARE_POINT = re.compile(r'"(?:\\.|[^"\\])*"|-?\d+\.(?!\d)')


def parse_patcher(text: str) -> dict[str, Any]:
    """Return the patcher in a JSON text.

    What follows the first value is left over from an older, longer version of the file: Max reads over it.

    Raises:
        DesignError: It is not JSON, or holds no patcher.
    """
    start = len(text) - len(text.lstrip())
    try:
        try:
            value, _ = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError:
            value, _ = _DECODER.raw_decode(_TEXT_OR_BARE_POINT.sub(_with_zero, text), start)
    except (ValueError, RecursionError) as error:
        raise DesignError(f"the patcher is not JSON as Max writes it: {error}") from None
    if not isinstance(value, dict) or not isinstance(value.get("patcher"), dict):
        raise DesignError("the JSON is not a patcher: it has no object named 'patcher'")
    patcher: dict[str, Any] = value["patcher"]
    return patcher


def _with_zero(match: re.Match[str]) -> str:
    """Return a number such as Max 5 wrote, `289.`, as JSON wants it."""
    found = match[0]
    return found if found.startswith('"') else f"{found}0"
