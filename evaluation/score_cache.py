"""Figures of answers that were rendered once, kept so that a stopped table goes on where it was.

One JSON line an answer; a line that was cut off by a crash is left out and measured again.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.metrics import FIGURES, VERSION

__all__ = ["ScoreCache", "answer_key", "target_key"]


def target_key(facts: Mapping[str, Any], target: np.ndarray) -> str:
    """Name a target: by its patch or its audio, and by all that its render and its figures depend on."""
    digest = hashlib.sha256(json.dumps({"metrics": VERSION, **facts}, sort_keys=True).encode())
    digest.update(np.ascontiguousarray(target, np.float32).tobytes())
    return digest.hexdigest()[:24]


def answer_key(target: str, vector: np.ndarray | None) -> str:
    """Name an answer to a target; None is silence."""
    if vector is None:
        return f"{target}-silence"
    digest = hashlib.sha256(np.ascontiguousarray(vector, np.float32).tobytes())
    return f"{target}-{digest.hexdigest()[:16]}"


class ScoreCache:
    """Figures by key, in memory and in a file that only grows.

    Args:
        path: The file; it need not be there yet.
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
        """Say whether an answer was measured."""
        return key in self._figures

    def __getitem__(self, key: str) -> dict[str, float]:
        """Give the figures of an answer."""
        return self._figures[key]

    def __len__(self) -> int:
        """Count the answers measured."""
        return len(self._figures)

    def add(self, key: str, figures: Mapping[str, float]) -> None:
        """Keep the figures of an answer, at once on disk."""
        self._figures[key] = dict(figures)
        whole = not self.path.exists() or self.path.read_bytes()[-1:] in (b"", b"\n")
        with self.path.open("a", encoding="utf-8") as file:
            file.write(("" if whole else "\n") + json.dumps({"key": key, "figures": dict(figures)}) + "\n")
