"""The name that somebody probably meant, for error messages."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

__all__ = ["MOST_COMPARED", "did_you_mean", "some_of"]

MOST_COMPARED = 256  # names: a comparison takes up to 30 µs, and a hint is worth a few milliseconds
_LONGEST = 64  # characters that are compared: a comparison takes as long as the square of them
_SHOWN = 8
_ALIKE = 0.5  # of 1; less is no hint


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a short hint that names the nearest known name, or lists a few.

    >>> did_you_mean("cutof", ["cutoff", "decay"])
    "did you mean 'cutoff'?"
    """
    names = list(known)
    alike = names
    if len(names) > MOST_COMPARED:
        alike = [one for one in names if one[:1].casefold() == name[:1].casefold()][:MOST_COMPARED]
    close = _nearest(name[:_LONGEST], alike)
    return f"did you mean '{close}'?" if close else some_of(names)


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return what `difflib.get_close_matches` finds first, or nothing, in a third of its time.

    Names that cannot be nearer than one that was compared are left out.
    """
    matcher = SequenceMatcher(b=name)
    bounds = []
    for one in known:
        matcher.set_seq1(one)
        if matcher.real_quick_ratio() >= _ALIKE and (bound := matcher.quick_ratio()) >= _ALIKE:
            bounds.append((bound, one))
    best, nearest = _ALIKE, ""
    for bound, one in sorted(bounds, reverse=True):
        if bound < best:
            break
        matcher.set_seq1(one)
        best, nearest = max((best, nearest), (matcher.ratio(), one))
    return nearest


def some_of(names: Sequence[str]) -> str:
    """Return a list of a few of the names that there are.

    >>> some_of(["cutoff", "decay"])
    'known: cutoff, decay'
    """
    return f"known: {', '.join(names[:_SHOWN])}{', ...' if len(names) > _SHOWN else ''}"
