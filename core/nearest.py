"""The name that somebody probably meant, for error messages."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

__all__ = ["MOST_COMPARED", "did_you_mean", "some_of"]

MOST_COMPARED = 256  # names: a comparison takes up to 30 µs, and a hint is worth a few milliseconds
_LONGEST = 64  # characters that are compared: a comparison takes as long as the square of them
_SHOWN = 8


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a short hint that names the nearest known name, or lists a few.

    >>> did_you_mean("cutof", ["cutoff", "decay"])
    "did you mean 'cutoff'?"
    """
    names = list(known)
    alike = names
    if len(names) > MOST_COMPARED:
        alike = [one for one in names if one[:1].casefold() == name[:1].casefold()][:MOST_COMPARED]
    close = get_close_matches(name[:_LONGEST], alike, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else some_of(names)


def some_of(names: Sequence[str]) -> str:
    """Return a list of a few of the names that there are.

    >>> some_of(["cutoff", "decay"])
    'known: cutoff, decay'
    """
    return f"known: {', '.join(names[:_SHOWN])}{', ...' if len(names) > _SHOWN else ''}"
