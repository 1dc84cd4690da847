"""What pages are sent: for each topic of their feeds, what returns its current value."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from panel.feed.feed import TopicReader

if TYPE_CHECKING:
    from panel.state.panel_state import PanelState

__all__ = ["topic_readers"]


def topic_readers(state: "PanelState") -> dict[str, TopicReader]:
    """Return a reader for each topic; what it returns becomes JSON."""
    mirror = state.mirror
    return {
        "names": lambda: state.model.macro_names,
        "labels": lambda: [mirror.names[k] for k in sorted(mirror.names)],
        "macros": lambda: [round(v, 4) for v in mirror.macros],
        "frozen": lambda: sorted(mirror.frozen),
        "bindings": lambda: [asdict(binding) for _, binding in sorted(mirror.bindings.items())],
        "learning": lambda: state.learning.macro,
        "params": lambda: np.round(mirror.patch, 3).tolist(),
        "revision": lambda: mirror.revision,
        "place": lambda: mirror.place,
        "presets": lambda: mirror.presets_revision,
        "path": lambda: mirror.path_points,
    }
