"""Forms of words, and what a mistyped one was meant to be."""

from collections.abc import Iterable, Iterator

from server.words.table import Degree

__all__ = ["stems", "typing_error_of"]

# What an ending says of the degree: `brighter` is more, `brightest` much more.
_ENDINGS: tuple[tuple[str, Degree | None], ...] = (
    ("er", "up"),
    ("est", "very"),
    ("ness", None),
    ("ly", None),
    ("ed", None),
    ("es", None),
    ("s", None),
)
_SHORTEST_STEM = 3
_SHORTEST_MISTYPED = 5  # letters; a shorter word is too often another word
_LONG = 8


def stems(word: str) -> Iterator[tuple[str, Degree | None]]:
    """Yield what a form may be a form of, with the degree that its ending says.

    >>> sorted(set(stems("darker")))
    [('dark', 'up'), ('darke', 'up')]
    """
    for ending, degree in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < _SHORTEST_STEM:
            continue
        yield stem, degree
        yield stem + "e", degree  # wide: wider
        if stem.endswith("i"):
            yield stem[:-1] + "y", degree  # noisy: noisier
        if stem[-1] == stem[-2]:
            yield stem[:-1], degree  # thin: thinner


def typing_error_of(word: str, known: Iterable[str]) -> str:
    """Return the one known word that a mistyped one is nearest to; empty if there is none, or two.

    The first letter has to be right, and of a word of five to seven letters only one may be wrong, of a
    longer one two. Two letters that changed places count as one.

    >>> typing_error_of("brihgt", ["bright", "dark"]), typing_error_of("blimp", ["bright"])
    ('bright', '')
    """
    if len(word) < _SHORTEST_MISTYPED or not word.isalpha():
        return ""
    most = 1 if len(word) < _LONG else 2
    near = [
        (distance, other)
        for other in known
        if other[:1] == word[0]
        and len(other) >= _SHORTEST_MISTYPED - 1
        and abs(len(other) - len(word)) <= most
        and (distance := _distance(word, other)) <= most
    ]
    if not near:
        return ""
    least = min(near)[0]
    nearest = [other for distance, other in near if distance == least]
    return nearest[0] if len(nearest) == 1 else ""


def _distance(a: str, b: str) -> int:
    """Return how many letters differ, two exchanged neighbours counting once (optimal string alignment)."""
    before, row = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, x in enumerate(a):
        older, before, row = before, row, [i + 1]
        for j, y in enumerate(b):
            best = min(before[j] + (x != y), before[j + 1] + 1, row[j] + 1)
            if i and j and x == b[j - 1] and a[i - 1] == y:
                best = min(best, older[j - 1] + 1)
            row.append(best)
    return row[-1]
