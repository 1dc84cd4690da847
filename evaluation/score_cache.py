"""Figures of answers, kept on disk so that each is rendered only once and a stopped table can be resumed.

One JSON line per answer; a line cut off by a crash is ignored, and its answer measured again.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.ruler.metrics import FIGURES, VERSION

__all__ = ["ScoreCache", "answer_key", "target_key"]


def target_key(facts: Mapping[str, Any], target: np.ndarray) -> str:
    """Return a key for a target: a hash of its patch or audio and of all that its figures depend on."""
    digest = hashlib.sha256(json.dumps({"metrics": VERSION, **facts}, sort_keys=True).encode())
    digest.update(np.ascontiguousarray(target, np.float32).tobytes())
    return digest.hexdigest()[:24]


def answer_key(target: str, vector: np.ndarray | None) -> str:
    """Return a key for an answer to a target; None is silence."""
    if vector is None:
        return f"{target}-silence"
    digest = hashlib.sha256(np.ascontiguousarray(vector, np.float32).tobytes())
    return f"{target}-{digest.hexdigest()[:16]}"


class ScoreCache:
    """Figures by key, in memory and in a file that is only appended to.

    Args:
        path: The file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._figures: dict[str, dict[str, float]] = {}
        wanted = {figure.name for figure in FIGURES}
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            try:
                row = json.loads(line)
                if set(row["figures"]) == wanted:
                    self._figures[row["key"]] = row["figures"]
            except (ValueError, KeyError, TypeError):
                continue

    def __contains__(self, key: str) -> bool:
        """Whether an answer was measured."""
        return key in self._figures

    def __getitem__(self, key: str) -> dict[str, float]:
        """Return the figures of an answer."""
        return self._figures[key]

    def __len__(self) -> int:
        """Return the number of measured answers."""
        return len(self._figures)

    def add(self, key: str, figures: Mapping[str, float]) -> None:
        """Store the figures of an answer, at once also on disk."""
        self._figures[key] = dict(figures)
        complete = not self.path.exists() or self.path.read_bytes()[-1:] in (b"", b"\n")
        with self.path.open("a", encoding="utf-8") as file:
            file.write(("" if complete else "\n") + json.dumps({"key": key, "figures": dict(figures)}) + "\n")
