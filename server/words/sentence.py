"""From a sentence to wishes: which qualities, how much, and which kind of sound. It knows no model."""

import math
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from server.words.spelling import stems, typing_error_of
from server.words.table import Degree, Targets, WordTable

__all__ = ["Sentence", "Wish", "understand"]

_LONGEST_PHRASE = 4  # words
_MOST_TOKENS = 64
_MOST_MISTYPED = 8  # words of a sentence that are looked up as typing errors: each takes a while
_BREAKS = re.compile(r"[,.;:!?()\[\]{}\"“”„…/&+=|]+|\s[-–—]+\s")
_BREAK = ","
_CARRIED: frozenset[Degree] = frozenset({"none"})  # without noise or movement
_AND, _WITH = frozenset({"and", "or", "nor"}), frozenset({"with", "but"})


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One thing that a sentence asks for.

    Attributes:
        text: As it was said.
        targets: Signed weights by quality; empty where a kind or a name is asked for.
        name: A macro that is called so, in lower case; empty for none.
        kind: A kind of sound; empty for none.
        spreads: How far, and which way.
        read_as: The word that was meant, where it was mistyped.
    """

    text: str
    targets: Targets = field(default_factory=dict)
    name: str = ""
    kind: str = ""
    spreads: float = 0.0
    read_as: str = ""


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """What was understood of a sentence, and what was not, in order."""

    wishes: tuple[Wish, ...]
    unknown: tuple[str, ...]


def understand(text: str, table: WordTable, names: Collection[str] = ()) -> Sentence:
    """Read a sentence.

    Args:
        text: Anything at all.
        table: What can be said.
        names: Names of macros, in lower case, each of which is a word, too.
    """
    return _Reader(table, frozenset(names)).read(text)


@dataclass
class _Pending:
    """Words of degree that wait for what they belong to."""

    words: list[str] = field(default_factory=list)
    degrees: list[Degree] = field(default_factory=list)

    def add(self, word: str, degree: Degree) -> None:
        self.words.append(word)
        self.degrees.append(degree)

    def said(self, *words: str) -> str:
        return " ".join([*self.words, *words])


class _Reader:
    """Reads one sentence from left to right."""

    def __init__(self, table: WordTable, names: frozenset[str]) -> None:
        self._table = table
        self._names = names
        self._known = frozenset((*table.known(), *names))
        self._wishes: list[Wish] = []
        self._unknown: list[str] = []
        self._n_missed = 0
        self._pending = _Pending()
        self._carried: Degree | None = None  # a degree that holds for what `and` adds
        self._joined = False  # whether there was such an `and`
        self._open: int | None = None  # a wish that words after it may still say the degree of

    def read(self, text: str) -> Sentence:
        tokens = list(_tokens(text))
        k = 0
        while k < len(tokens):
            k += self._step(tokens, k)
        self._end_clause()
        return Sentence(wishes=tuple(self._wishes), unknown=tuple(self._unknown))

    def _step(self, tokens: list[str], k: int) -> int:
        """Read what begins at token k, and return how many tokens it is."""
        if tokens[k] == _BREAK:
            self._end_clause()
            return 1
        for n in range(min(_LONGEST_PHRASE, len(tokens) - k), 0, -1):
            phrase = tokens[k : k + n]
            if _BREAK not in phrase and self._take(phrase):
                return n
        self._miss(tokens[k])
        return 1

    def _take(self, phrase: list[str]) -> bool:
        """Read a phrase if it is known."""
        said, table = " ".join(phrase), self._table
        if said in self._names:
            self._wish(Wish(text=said, name=said))
        elif said in table.degrees:
            self._pending.add(said, table.degrees[said])
        elif self._is_noun(said):
            self._noun(said)
        elif said in table.words:
            self._wish(Wish(text=said, targets=table.words[said]))
        elif said in table.fillers:
            self._joined = self._joined or said in _AND
            if said in _WITH:
                self._carried = None
        else:
            return self._take_form(phrase)
        return True

    def _take_form(self, phrase: list[str]) -> bool:
        """Read a comparative, a plural or the like of a known phrase."""
        said = " ".join(phrase)
        for stem, degree in stems(phrase[0]):
            base = " ".join([stem, *phrase[1:]])
            if degree is None and self._is_noun(base):
                self._noun(said, base)
                return True
            if base in self._names or base in self._table.words:
                if degree is not None:
                    self._pending.degrees.append(degree)
                name = base if base in self._names else ""
                self._wish(Wish(text=said, name=name, targets={} if name else self._table.words[base]))
                return True
        return False

    def _miss(self, token: str) -> None:
        """Read a word that is not known: perhaps a known one was mistyped."""
        n, self._n_missed = len(self._wishes), self._n_missed + 1
        for stem, degree in (*stems(token), (token, None)):
            if self._n_missed > _MOST_MISTYPED:
                break
            meant = typing_error_of(stem, self._known)
            if not meant or not (degree is None or meant in self._table.words):
                continue
            self._pending.degrees += [degree] if degree is not None else []
            self._take([meant])
            if len(self._wishes) > n:
                said = self._wishes[-1]
                self._wishes[-1] = replace(said, text=said.text.replace(meant, token), read_as=meant)
            return
        self._unknown.append(self._pending.said(token))
        self._forget()

    def _is_noun(self, said: str) -> bool:
        """Whether a phrase is a kind of sound here: `a bass`, but not `more bass`."""
        if said not in self._table.kinds:
            return False
        is_quality = bool(self._pending.words) or (self._joined and self._carried is not None)
        return said not in self._table.words or not is_quality

    def _noun(self, said: str, base: str = "") -> None:
        negated = {"not", "none", "down", "over"} & set(self._pending.degrees) or (
            self._joined and self._carried
        )
        if negated:  # there is no preset of what something is not
            self._unknown.append(self._pending.said(said))
        else:
            self._wishes.append(Wish(text=self._pending.said(said), kind=self._table.kinds[base or said]))
        self._forget()

    def _wish(self, wish: Wish) -> None:
        degrees = self._pending.degrees
        if self._carried is not None and self._joined and not degrees:
            degrees = [self._carried]
        spreads = _spreads(degrees, self._table)
        self._wishes.append(replace(wish, text=self._pending.said(wish.text), spreads=spreads))
        amount_is_said = any(degree in self._table.amounts for degree in degrees)
        self._forget()
        self._open = None if amount_is_said else len(self._wishes) - 1
        self._carried = next((degree for degree in degrees if degree in _CARRIED), None)

    def _forget(self) -> None:
        """Forget what waits for other words."""
        self._pending, self._carried, self._joined, self._open = _Pending(), None, False, None

    def _end_clause(self) -> None:
        """End at a comma: degrees that are left belong to what was said before them, as in `darker a bit`."""
        pending, at = self._pending, self._open
        if pending.words:
            amounts = [degree for degree in pending.degrees if degree in self._table.amounts]
            if at is not None and len(amounts) == len(pending.degrees):
                before = self._wishes[at]
                spreads = math.copysign(self._table.amounts[amounts[0]], before.spreads)
                self._wishes[at] = replace(before, text=f"{before.text} {pending.said()}", spreads=spreads)
            else:
                self._unknown.append(pending.said())
        self._forget()


def _spreads(degrees: list[Degree], table: WordTable) -> float:
    """Return how far degrees move, in spreads, negative for less."""
    amounts = [table.amounts[degree] for degree in degrees if degree in table.amounts]
    amount = amounts[0] if amounts else table.amounts["plain"]
    if "none" in degrees:
        return -table.amounts["very"]
    sign = -1.0 if ("down" in degrees or "over" in degrees) else 1.0
    if "not" in degrees:
        if "very" in degrees and "up" in degrees:  # not much brighter: a little
            return table.amounts["slightly"] * sign
        if "over" in degrees or "very" in degrees:  # not too bright, not very bright
            return -table.amounts["slightly"]
        sign = -sign
    return sign * amount


def _tokens(text: str) -> Iterator[str]:
    """Yield the words of a text in lower case, and a comma for each break."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    words = _BREAKS.sub(f" {_BREAK} ", plain).replace("-", " ").split()
    for word in words[:_MOST_TOKENS]:
        stripped = word if word == _BREAK else word.strip("'*_~`<>")
        if stripped:
            yield stripped
