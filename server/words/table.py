"""The table of words: what each aims at, read from `words.yaml`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from core.errors import ConfigError

__all__ = ["TABLE", "Degree", "Targets", "WordTable", "read_table"]

TABLE = Path(__file__).with_name("words.yaml")

Degree = Literal["slightly", "very", "plain", "up", "down", "over", "none", "not"]
Targets = Mapping[str, float]  # signed weights by quality


@dataclass(frozen=True, kw_only=True)
class WordTable:
    """What can be said.

    Attributes:
        amounts: How far a word moves a macro, in spreads, by `slightly`, `plain` and `very`.
        macros: By quality: macros that are named for it, in lower case, with 1 or -1.
        words: What each word or phrase aims at.
        kinds: The kind of sound of each noun.
        degrees: What each word or phrase of degree does.
        fillers: Words that say nothing about a sound.
    """

    amounts: Mapping[str, float]
    macros: Mapping[str, Mapping[str, int]]
    words: Mapping[str, Targets]
    kinds: Mapping[str, str]
    degrees: Mapping[str, Degree]
    fillers: frozenset[str]

    def known(self) -> Iterator[str]:
        """Yield every word that a typing error may have been."""
        yield from self.words
        yield from self.kinds
        yield from self.degrees


@lru_cache
def read_table(path: Path = TABLE) -> WordTable:
    """Read the table.

    Raises:
        ConfigError: It is not one: a quality or another word is missing.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        macros = {
            quality: {name.casefold(): int(sign) for name, sign in named.items()}
            for quality, named in data["macros"].items()
        }
        words = {word: _targets(word, data["words"], macros) for word in data["words"]}
        return WordTable(
            amounts={name: float(amount) for name, amount in data["amounts"].items()},
            macros=macros,
            words=words,
            kinds={noun: kind for kind, nouns in data["kinds"].items() for noun in nouns},
            degrees={word: degree for degree, listed in data["degrees"].items() for word in listed},
            fillers=frozenset(data["fillers"]),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} is not a table of words: {error!r}. Fetch it again.") from error


def _targets(word: str, words: Mapping[str, Any], macros: Mapping[str, Any]) -> Targets:
    targets = words[word]
    if isinstance(targets, str):
        targets = words[targets]  # one step, so no word leads back to itself
    found = {quality: float(weight) for quality, weight in targets.items()}
    if not found or not found.keys() <= macros.keys():
        raise ValueError(f"'{word}' aims at what no macro is named for")
    return found
