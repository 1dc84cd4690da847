"""OSC address patterns, matched in a time that grows with their length and no faster.

A pattern is compared sign by sign with all offsets of an address at once, one bit each, so there is nothing
to backtrack: `/****!`, which holds python-osc up for seconds, costs what `/flow1` does.

References:
    OSC 1.0, "OSC Message Dispatching and Pattern Matching", https://opensoundcontrol.stanford.edu/spec-1_0.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["MAX_PATTERN", "is_bounded", "is_pattern", "matching"]

MAX_PATTERN = 64  # characters
_MOST_SIGNS = 8  # `*`, `?`, `[...]` and `{...}` together
_MOST_STARS = 4
_SIGNS = frozenset("*?[]{},")


@dataclass(frozen=True, slots=True)
class _AnyOf:
    """`[a-z]`, `[!0-3]`, `?`, or a character for itself: one character."""

    characters: frozenset[str]
    negated: bool = False


_STAR = "*"
_Token = _AnyOf | tuple[str, ...] | str  # a character, one of several words, or a star


def is_pattern(address: str) -> bool:
    """Whether an address has signs of a pattern."""
    return not _SIGNS.isdisjoint(address)


def is_bounded(pattern: str) -> bool:
    """Whether a pattern is short, has few signs, and closes its brackets."""
    return _compiled(pattern) is not None


def matching(pattern: str, addresses: Iterable[str]) -> list[str]:
    """Return the addresses that a pattern means, in order; none if it is not bounded."""
    tokens = _compiled(pattern)
    return [] if tokens is None else [address for address in addresses if _matches(tokens, address)]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[_Token, ...] | None:
    """Return a pattern as tokens; None if it is too long, has too many signs, or an open bracket."""
    if len(pattern) > MAX_PATTERN:
        return None
    tokens: list[_Token] = []
    at = n_signs = n_stars = 0
    while at < len(pattern):
        sign = pattern[at]
        n_signs += sign in _SIGNS
        if sign == "[" or sign == "{":
            end = pattern.find("]" if sign == "[" else "}", at + 1)
            inside = pattern[at + 1 : end]
            if end < 0 or "/" in inside or not _SIGNS.difference(",").isdisjoint(inside) or not inside:
                return None
            tokens.append(_any_of(inside) if sign == "[" else tuple(inside.split(",")))
            at = end
        elif sign in "]},":
            return None
        elif sign == "?":
            tokens.append(_AnyOf(frozenset("/"), negated=True))
        elif sign == "*":
            n_stars += 1
            tokens.append(_STAR)
        else:
            tokens.append(_AnyOf(frozenset(sign)))
        at += 1
    return tuple(tokens) if n_signs <= _MOST_SIGNS and n_stars <= _MOST_STARS else None


def _any_of(inside: str) -> _AnyOf:
    negated = inside[0] == "!"
    inside, found, at = inside[negated:], set[str](), 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            found.update(map(chr, range(ord(inside[at]), ord(inside[at + 2]) + 1)))
            at += 3
        else:
            found.add(inside[at])
            at += 1
    return _AnyOf(frozenset(found | {"/"} if negated else found), negated)


def _matches(tokens: tuple[_Token, ...], address: str) -> bool:
    """Whether tokens use an address up. Bit n of `reached`: the tokens so far can be its first n signs."""
    where = _offsets(address)
    everywhere = (1 << len(address)) - 1
    inside = everywhere & ~where.get("/", 0)  # a star stays between two slashes
    reached = 1
    for token in tokens:
        if isinstance(token, str):
            # Adding the offsets carries each reached one up to the next slash.
            reached |= ((reached & inside) + inside) ^ inside
        elif isinstance(token, _AnyOf):
            here = 0
            for character in token.characters:
                here |= where.get(character, 0)
            reached = (reached & (everywhere & ~here if token.negated else here)) << 1
        else:
            ends = 0
            for word in token:
                end = reached
                for character in word:
                    end = (end & where.get(character, 0)) << 1
                ends |= end
            reached = ends
        if not reached:
            return False
    return bool(reached >> len(address) & 1)


@lru_cache(maxsize=1024)
def _offsets(address: str) -> dict[str, int]:
    """Return where each character of an address is, one bit an offset."""
    where: dict[str, int] = {}
    for at, character in enumerate(address):
        where[character] = where.get(character, 0) | 1 << at
    return where
