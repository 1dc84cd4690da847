"""The table of words as Markdown, for docs/words.md: `python -m server.words.docs`."""

from collections.abc import Iterable
from pathlib import Path

from core.atomic_file import write_atomically
from server.words.table import WordTable, read_table

__all__ = ["PAGE", "page", "words_table"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "words.md"
_START, _END = "<!-- words -->", "<!-- end of words -->"
_DEGREES = {
    "slightly": "a quarter of a spread",
    "plain": "half a spread, as without any",
    "very": "a whole spread",
    "up": "more",
    "down": "less",
    "over": "less: there is too much of it",
    "none": "a whole spread less",
    "not": "turns the rest round",
}


def words_table(table: WordTable) -> str:
    """Return the tables of qualities, kinds and degrees."""
    lines = ["| quality | macros named for it | words for more | words for less |", "| --- " * 4 + "|"]
    for quality, macros in table.macros.items():
        named = _listed(f"{name}{'' if sign > 0 else ' (less)'}" for name, sign in macros.items())
        cells = quality.replace("_", " "), named, _words(table, quality, 1), _words(table, quality, -1)
        lines.append(f"| {' | '.join(cells)} |")
    kinds: dict[str, list[str]] = {}
    for noun, kind in table.kinds.items():
        kinds.setdefault(kind, []).append(noun)
    lines += ["", "| kind of sound | nouns |", "| --- | --- |"]
    lines += [f"| {kind} | {_listed(nouns)} |" for kind, nouns in kinds.items()]
    lines += ["", "| words | what they do |", "| --- | --- |"]
    for degree, meaning in _DEGREES.items():
        lines.append(f"| {_listed(word for word, d in table.degrees.items() if d == degree)} | {meaning} |")
    return "\n".join(lines)


def _words(table: WordTable, quality: str, sign: int) -> str:
    return _listed(word for word, targets in table.words.items() if targets.get(quality, 0.0) * sign > 0)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "–"


def page(text: str, table: WordTable) -> str:
    """Return the page with the tables between its two marks."""
    before, _, rest = text.partition(_START)
    _, _, after = rest.partition(_END)
    return f"{before}{_START}\n\n{words_table(table)}\n\n{_END}{after}"


if __name__ == "__main__":
    write_atomically(PAGE, page(PAGE.read_text(encoding="utf-8"), read_table()))
