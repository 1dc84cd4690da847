"""The presets of some folders as they are known now: names, what was heard of them, and places."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.store.kept_files import folded
from library.anchors import read_anchors
from library.heard import Heard
from library.index import Index, read_index
from library.names import names_of
from library.places import Near, alike, nearest, places_alone, places_among
from library.scan import scan
from synths.vital_file import MAX_BYTES

__all__ = ["Shelf", "ShelfPreset"]

Place = tuple[float, float]


@dataclass(frozen=True, eq=False)
class ShelfPreset:
    """A preset in one of the folders.

    Attributes:
        name: Its own among them all.
        path: Of its file.
        heard: What it sounds like; None if that is not known yet, or cannot be.
        place: Where it lies on the map; None if it is silent, or that is not known yet.
    """

    name: str
    path: Path
    heard: Heard | None = None
    place: Place | None = None

    @property
    def words(self) -> tuple[str, str, str]:
        """Name, author and style."""
        return (self.name, self.heard.author, self.heard.style) if self.heard else (self.name, "", "")


@dataclass(frozen=True, eq=False)
class Shelf:
    """All presets, in the order of their names; files of equal content are one.

    Attributes:
        presets: By name.
        anchors: File that their places rest on; None for a map of their own.
        is_placed: Whether places are known of all that were heard.
    """

    presets: Mapping[str, ShelfPreset] = field(default_factory=dict)
    anchors: Path | None = None
    is_placed: bool = False
    _placed: Mapping[str, Place | None] = field(default_factory=dict)  # by digest

    @classmethod
    def read(
        cls, folders: Sequence[Path], index: Path, anchors: Path | None, before: "Shelf | None" = None
    ) -> "Shelf":
        """Read the names in the folders, and what is known of them.

        Args:
            folders: Where presets lie.
            index: File of what was heard.
            anchors: File of `library.anchors`; None for a map of their own.
            before: Its places are taken over where they rest on the same.

        Raises:
            OSError: A file cannot be read.
        """
        found = {file.path: file for file in scan(folders, most_bytes=None).found}
        names = {name: path for name, path in names_of(found).items() if found[path].n_bytes <= MAX_BYTES}
        known = read_index(index)
        digests = _without_copies(names, known)
        heard = {d: known.heard[d] for d in digests.values() if d in known.heard}
        at_hand = before._placed if before is not None and before.anchors == anchors else {}
        placed = _places(heard, anchors, at_hand)
        presets = [
            ShelfPreset(name, names[name], heard.get(digest), (placed or {}).get(digest))
            for name, digest in digests.items()
        ]
        presets.sort(key=lambda preset: folded(preset.name))
        return cls({preset.name: preset for preset in presets}, anchors, placed is not None, placed or {})

    def find(self, text: str, style: str = "", author: str = "") -> list[ShelfPreset]:
        """Return the presets that fit, in the order of their names.

        Args:
            text: Words, each of which is in the name, the author or the style; in any case.
            style: The style; empty for any.
            author: A part of the author; empty for any.
        """
        words, style, author = folded(text).split(), folded(style).strip(), folded(author).strip()
        found = []
        for preset in self.presets.values():
            own = [folded(word) for word in preset.words]
            fits = (not style or own[2] == style) and author in own[1]
            if fits and all(any(word in one for one in own) for word in words):
                found.append(preset)
        return found

    def styles(self) -> list[tuple[str, int]]:
        """Return each style that presets have and how many have it, the most frequent first.

        Styles that differ in case alone are one, written as in the first preset that has it.
        """
        written: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for preset in self.presets.values():
            style = preset.words[2].strip()
            if style:
                written.setdefault(folded(style), style)
                counts[folded(style)] += 1
        return sorted(((written[key], n) for key, n in counts.items()), key=lambda row: (-row[1], row[0]))

    def like(self, name: str, k: int) -> list[Near]:
        """Return the k presets that sound most like one of them, nearest first; none if it was not heard."""
        heard = self._heard
        return alike(heard, name, k) if name in heard else []

    def like_sound(self, code: np.ndarray, k: int) -> list[Near]:
        """Return the k presets that sound most like a sound, of which this is the code, nearest first."""
        return nearest(self._heard, code, k)

    @property
    def _heard(self) -> dict[str, Heard]:
        return {preset.name: preset.heard for preset in self.presets.values() if preset.heard is not None}


def _without_copies(names: Mapping[str, Path], known: Index) -> dict[str, str]:
    """Return the digest of each preset by name, empty where it is not known; of equal ones, the first."""
    digests: dict[str, str] = {}
    seen: set[str] = set()
    for name, path in names.items():
        file = known.files.get(str(path))
        digest = "" if file is None else file.digest
        if digest in known.refused or digest in seen:
            continue
        if digest:
            seen.add(digest)
        digests[name] = digest
    return digests


def _places(
    heard: Mapping[str, Heard], anchors: Path | None, at_hand: Mapping[str, Place | None]
) -> dict[str, Place | None] | None:
    """Return the place of each digest; None while the anchors have not been heard."""
    if anchors is None:
        return _pairs(heard, places_alone(list(heard.values())))
    new = {digest: one for digest, one in heard.items() if digest not in at_hand}
    known = {digest: at_hand[digest] for digest in heard if digest in at_hand}
    if not new and known:
        return known
    among = read_anchors(anchors)
    if among is None:
        return None
    return known | _pairs(new, places_among(list(new.values()), among))


def _pairs(digests: Iterable[str], places: np.ndarray) -> dict[str, Place | None]:
    return {
        digest: None if np.isnan(x) else (float(x), float(y))
        for digest, (x, y) in zip(digests, places, strict=True)
    }
