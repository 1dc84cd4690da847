"""The name that somebody probably meant, for error messages."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]

_MOST_COMPARED = 256  # names: a comparison takes up to 30 µs, and a hint is worth a few milliseconds


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a short hint that names the nearest known name, or lists a few.

    >>> did_you_mean("cutof", ["cutoff", "decay"])
    "did you mean 'cutoff'?"
    """
    names = list(known)
    alike = names
    if len(names) > _MOST_COMPARED:
        alike = [one for one in names if one[:1].casefold() == name[:1].casefold()][:_MOST_COMPARED]
    close = get_close_matches(name, alike, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{close[0]}'?"
    shown = ", ".join(names[:8])
    return f"known: {shown}{', ...' if len(names) > 8 else ''}"
