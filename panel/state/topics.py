"""What pages are sent: for each topic of their feeds, what returns its current value."""

from dataclasses import asdict

import numpy as np

from panel.feed.feed import TopicReader
from panel.osc.mirror import Mirror
from panel.state.control_learning import ControlLearning
from panel.state.current_model import CurrentModel
from panel.state.loaded_preset import LoadedPreset
from panel.state.preset_actions import PresetActions

__all__ = ["topic_readers"]


def topic_readers(
    mirror: Mirror,
    model: CurrentModel,
    learning: ControlLearning,
    loaded: LoadedPreset,
    presets: PresetActions,
) -> dict[str, TopicReader]:
    """Return a reader for each topic; what it returns becomes JSON."""
    return {
        "names": lambda: model.macro_names,
        "labels": lambda: [model.caption(mirror.names[k]) for k in sorted(mirror.names)],
        "values": lambda: model.value_texts(mirror.patch),
        "macros": lambda: [round(v, 4) for v in mirror.macros],
        "frozen": lambda: sorted(mirror.frozen),
        "bindings": lambda: [  # those of the instrument that the page shows
            asdict(one) for _, one in sorted(mirror.bindings.items()) if one.instrument in ("", mirror.focus)
        ],
        "learning": lambda: learning.macro,
        "params": lambda: np.round(mirror.patch, 3).tolist(),
        "revision": lambda: mirror.revision,
        "place": lambda: mirror.place,
        "presets": lambda: mirror.presets_revision + mirror.library_revision,
        "library_state": lambda: asdict(mirror.library_state),
        "alike": lambda: {"of": mirror.alike_of, "near": [mirror.alike[k] for k in sorted(mirror.alike)]},
        "loaded": lambda: {"name": loaded.name, "changed": loaded.has_changed},
        "base": lambda: [round(v, 4) for v in loaded.positions],
        "favourites": lambda: presets.favourites,
        "unable": lambda: mirror.unable,
        "path": lambda: [mirror.path_places[k] for k in sorted(mirror.path_places)],
        "sound": lambda: {
            **asdict(mirror.sound),
            # Instruments of devices: they sound in Live.
            "devices": sum(bool(one.identity) and one.is_alive for one in mirror.instruments.values()),
        },
    }
