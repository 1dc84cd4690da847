"""The patch beneath every space of Vital: what our parameters do not move is fixed here.

Vital's modulation routing cannot be automated, so it is wired here and the spaces move the amounts. Gestures
are drawn into LFOs that are spare: each in envelope mode, so that it starts with the note, runs once, and
holds its last height. No space and no automation reaches these, so a patch can be moved while they stay.

After a change, `python -m synths.base_patch` writes `synths/spaces/vital-base.vital` again. The player
loads that file into the plug-in once.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from core.atomic_file import write_atomically
from core.playing.gestures import Gesture, GestureKind, Gestures
from synths.space_files import SPACES_FOLDER, load_space
from synths.wavetable import noise_sample, wavetable

__all__ = ["BASE_PATCH", "ROUTING", "base_patch", "gesture_settings"]

BASE_PATCH = SPACES_FOLDER / "vital-base.vital"

# Modulation slot, source, destination, whether it is bipolar. Slot k is `modulation_<k>_amount`.
ROUTING = (
    (1, "env_2", "filter_1_cutoff", False),
    (2, "lfo_1", "filter_1_cutoff", True),
    (3, "env_2", "osc_1_wave_frame", False),
    (4, "env_2", "voice_transpose", False),
    (5, "lfo_2", "voice_tune", True),
    (6, "lfo_2", "voice_amplitude", False),
    (7, "lfo_1", "osc_1_wave_frame", True),
    (8, "lfo_2", "filter_2_formant_x", True),
    (9, "env_2", "osc_1_distortion_amount", False),
    (10, "env_3", "sample_level", False),
    (11, "lfo_1", "osc_2_level", True),
    (12, "env_3", "osc_2_transpose", False),
)

# LFO, modulation slot and destination of each gesture.
_GESTURE_ROUTING: Mapping[GestureKind, tuple[int, int, str]] = {
    "loudness": (3, 13, "voice_amplitude"),
    "brightness": (4, 14, "filter_1_cutoff"),
    "pitch": (5, 15, "voice_transpose"),
}
_SEMITONES = {"brightness": 128.0, "pitch": 96.0}  # semitones that an amount of 1 spans

# Option numbers as the engine counts them.
_FM_FROM_OSC_2 = 7
_FORMANT_SCALE = 2
_INHARMONIC_STRETCH = 4
_FORMANT_FILTER = 5
_SECONDS = 0  # LFO and delay rates in Hz, not in beats
_TO_FILTERS_1_AND_2 = 2
_ENVELOPE_MODE = 2

_SETTINGS: dict[str, float] = {
    "osc_1_on": 1,
    "osc_2_on": 1,
    "sample_on": 1,
    "filter_1_on": 1,
    "filter_2_on": 1,
    "osc_1_destination": 0,
    "osc_2_destination": 0,
    "sample_destination": 0,
    "filter_2_filter_input": 1,  # in series: filter 1, then the formant filter
    "filter_2_model": _FORMANT_FILTER,
    "filter_1_style": 1,  # 24 dB
    "osc_1_distortion_type": _FM_FROM_OSC_2,
    "osc_1_spectral_morph_type": _FORMANT_SCALE,
    "osc_2_spectral_morph_type": _INHARMONIC_STRETCH,
    # Every note starts the same: random phases would make two renders of one patch differ.
    "osc_1_random_phase": 0,
    "osc_2_random_phase": 0,
    "sample_random_phase": 0,
    "osc_1_unison_voices": 4,
    "osc_2_unison_voices": 4,
    "lfo_1_sync": _SECONDS,
    "lfo_2_sync": _SECONDS,
    "delay_sync": _SECONDS,
    "phaser_sync": _SECONDS,
    "chorus_sync": _SECONDS,
    "distortion_on": 1,
    "delay_on": 1,
    "reverb_on": 1,
    "chorus_on": 1,
    "phaser_on": 1,
    "eq_on": 1,
    "reverb_chorus_amount": 0,  # its free-running LFO cannot be pinned
    "polyphony": 8,
}


def base_patch() -> dict[str, Any]:
    """Build the base patch as the content of a `.vital` file."""
    settings: dict[str, Any] = dict(_SETTINGS)
    for parameter in load_space("vital-64"):
        settings[parameter.name] = parameter.raw(parameter.neutral)
    for slot, _, _, bipolar in ROUTING:
        settings[f"modulation_{slot}_bipolar"] = float(bipolar)
    modulations = [{"source": "", "destination": ""} for _ in range(64)]
    for slot, source, destination, _ in ROUTING:
        modulations[slot - 1] = {"source": source, "destination": destination}
    triangle = {
        "name": "Triangle",
        "num_points": 3,
        "points": [0.0, 1.0, 0.5, 0.0, 1.0, 1.0],
        "powers": [0.0, 0.0, 0.0],
        "smooth": False,
    }
    settings["lfos"] = [triangle] * 8
    settings["modulations"] = modulations
    settings["sample"] = noise_sample()
    settings["wavetables"] = [wavetable()] * 3
    return {
        "author": "Flow Synth Live",
        "comments": "Base patch of the spaces vital-16, vital-32 and vital-64.",
        "macro1": "MACRO 1",
        "macro2": "MACRO 2",
        "macro3": "MACRO 3",
        "macro4": "MACRO 4",
        "preset_name": "Flow Base",
        "preset_style": "",
        "settings": settings,
        "synth_version": "1.5.5",
    }


def gesture_settings(settings: Mapping[str, Any], gestures: Gestures | None) -> dict[str, Any]:
    """Return the settings of a `.vital` file with gestures drawn in; without any, those of the file.

    Args:
        settings: Of a file made from our base patch.
        gestures: What to draw.
    """
    drawn = dict(settings)
    if not gestures:
        return drawn
    drawn["lfos"], drawn["modulations"] = list(settings["lfos"]), list(settings["modulations"])
    for kind, (lfo, slot, destination) in _GESTURE_ROUTING.items():
        gesture = gestures.of(kind)
        if gesture is None:
            continue
        drawn["lfos"][lfo - 1] = _shape(kind, gesture)
        drawn["modulations"][slot - 1] = {"source": f"lfo_{lfo}", "destination": destination}
        drawn |= {
            f"lfo_{lfo}_sync": _SECONDS,
            f"lfo_{lfo}_sync_type": _ENVELOPE_MODE,
            f"lfo_{lfo}_frequency": -math.log2(gestures.seconds),  # as an exponent of 2, in Hz
            f"lfo_{lfo}_smooth_mode": 0.0,
            f"modulation_{slot}_bipolar": float(kind != "loudness"),
        }
        if kind == "loudness":  # the engine squares the amplitude
            drawn["voice_amplitude"] = 1.0 - gesture.depth
            drawn[f"modulation_{slot}_amount"] = gesture.depth
        else:
            drawn[f"modulation_{slot}_amount"] = 2.0 * gesture.depth / _SEMITONES[kind]
    return drawn


def _shape(kind: str, gesture: Gesture) -> dict[str, Any]:
    """Return an LFO's shape; its file counts heights from the top."""
    n = len(gesture.points)
    places = [(k / (n - 1), 1.0 - y) for k, y in enumerate(gesture.points)]
    return {
        "name": f"Flow {kind.title()}",
        "num_points": n,
        "points": [value for place in places for value in place],
        "powers": [0.0] * n,
        "smooth": False,
    }


def _main() -> None:
    write_atomically(BASE_PATCH, json.dumps(base_patch()) + "\n")


if __name__ == "__main__":
    _main()
