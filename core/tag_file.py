"""`tags.yaml`: the words that people give to sounds, and how several people's words are merged.

    format: 1
    tagged_by: Anna
    sounds:
      3f9a1c02d7be: [bright, phat, moving]
      77e0b1c4a9d2: [dark]          # no word of thin and phat: unknown, not neither
      Slow Still Organ: []          # heard, and no word fits

A sound is named by its patch (`patch_name`), by the name of a preset, or by the name of a file. The words are
those of `core.tags`, including the pairs that nothing measures (modern, vintage, natural, synthetic, narrow,
wide).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from core.errors import ConfigError
from core.nearest import did_you_mean
from core.plain_file import PlainLoader, read_text
from core.tags import TAG_NAMES, UNMEASURED

__all__ = ["ALL_PAIRS", "TagFile", "merge_tags", "patch_name", "read_tags"]

ALL_PAIRS = (*TAG_NAMES, *UNMEASURED)
_FORMAT = 1
_WORDS = {
    word: (k, float(end)) for k, name in enumerate(ALL_PAIRS) for end, word in enumerate(name.split("-"))
}


@dataclass(frozen=True)
class TagFile:
    """What one person heard.

    Attributes:
        tagged_by: Name of the person.
        tags: By name of the sound, float32 `(n_pairs,)` in the order of `ALL_PAIRS`: 0 the first word, 1 the
            second, nan unknown.
    """

    tagged_by: str
    tags: Mapping[str, np.ndarray]


def patch_name(vector: np.ndarray) -> str:
    """Name a patch `(P,)` by its values to four digits: the same 12 hexadecimal digits on every machine."""
    digits = np.round(np.asarray(vector, np.float64) * 10_000.0).astype("<i4")
    return hashlib.sha256(digits.tobytes()).hexdigest()[:12]


def read_tags(path: Path) -> TagFile:
    """Read what one person heard.

    Raises:
        ConfigError: The file is missing or damaged, a word is unknown, or a sound has both words of a pair;
            the message names the line.
    """
    try:
        root = yaml.compose(read_text(path), Loader=PlainLoader)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}; check the path.") from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: not YAML; see docs/tags.md for the form.") from error
    keys = _mapping(path, root, "the file")
    unknown = [name for name in keys if name not in ("format", "tagged_by", "sounds")]
    if unknown:
        node = keys[unknown[0]]
        hint = did_you_mean(unknown[0], ("format", "tagged_by", "sounds"))
        raise _wrong(path, node, f"there is no key '{unknown[0]}'; {hint}")
    form = keys.get("format")
    if form is None or form.value != str(_FORMAT):
        raise _wrong(path, form or root, f"the first line says which form this is; write: format: {_FORMAT}")
    if "sounds" not in keys:
        raise _wrong(path, root, "it lacks 'sounds:'; see docs/tags.md for the form")
    sounds = _mapping(path, keys["sounds"], "'sounds'")
    by = keys.get("tagged_by")
    return TagFile(
        str(by.value) if by else path.stem, {n: _tags(path, n, node) for n, node in sounds.items()}
    )


def merge_tags(
    files: Sequence[TagFile], names: Iterable[str], measured: np.ndarray | None = None
) -> np.ndarray:
    """Merge the tags of several people, and fill in measured ones where nobody gave any.

    People who heard the same sound vote; a draw is unknown. Where nobody said anything, the measured tag
    stays.

    Args:
        files: What each person heard.
        names: Names of the N sounds, in order.
        measured: Tags by measurement, `(N, n_measured)` in the order of `TAG_NAMES`, or None.

    Returns:
        Float32 `(N, len(ALL_PAIRS))` of 0, 1 and nan.
    """
    rows = list(names)
    merged = np.full((len(rows), len(ALL_PAIRS)), np.nan, np.float32)
    if measured is not None:
        merged[:, : len(TAG_NAMES)] = measured
    for k, name in enumerate(rows):
        heard = [f.tags[name] for f in files if name in f.tags]
        if not heard:
            continue
        votes = np.stack(heard)
        said = ~np.isnan(votes)
        balance = np.where(said, 2.0 * votes - 1.0, 0.0).sum(axis=0)
        told = said.any(axis=0)
        merged[k, told] = np.where(balance[told] > 0, 1.0, np.where(balance[told] < 0, 0.0, np.nan))
    return merged


def _tags(path: Path, name: str, node: yaml.Node) -> np.ndarray:
    if not isinstance(node, yaml.SequenceNode):
        raise _wrong(path, node, f"the words of '{name}' stand in brackets, such as [bright, phat]")
    tags = np.full(len(ALL_PAIRS), np.nan, np.float32)
    for item in node.value:
        word = str(item.value).lower()
        if word not in _WORDS:
            raise _wrong(path, item, f"there is no word '{word}'; {did_you_mean(word, _WORDS)}")
        pair, end = _WORDS[word]
        if tags[pair] == 1.0 - end:
            raise _wrong(path, item, f"'{name}' cannot be both {ALL_PAIRS[pair].replace('-', ' and ')}")
        tags[pair] = end
    return tags


def _mapping(path: Path, node: yaml.Node | None, what: str) -> dict[str, yaml.Node]:
    """Return the values of a mapping by key; every key may be there only once."""
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(path, node, f"{what} must hold `name: value` lines; see docs/tags.md for the form")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _wrong(path, key, "a name must be plain text")
        if key.value in found:
            raise _wrong(path, key, f"'{key.value}' stands there twice; keep one")
        found[key.value] = value
    return found


def _wrong(path: Path, node: yaml.Node | None, message: str) -> ConfigError:
    line = f", line {node.start_mark.line + 1}" if node is not None else ""
    return ConfigError(f"{path}{line}: {message.rstrip('.?')}.")
