import json

import pytest

from synths.base_patch import BASE_PATCH

SIMPLE = {  # one oscillator through a filter: few controls are heard, so few renders tell all
    **{f"{module}_on": 0.0 for module in ("osc_2", "sample", "filter_2", "chorus", "phaser", "eq", "delay")},
    "osc_1_level": 0.6,
    "filter_1_cutoff": 70.0,
    "reverb_dry_wet": 0.2,
    "distortion_drive": 3.0,
}


def somebodys(path, words=None, **settings):
    """Write a preset that nobody else made, of another wiring than ours."""
    content = json.loads(BASE_PATCH.read_text(encoding="utf-8"))
    rows = [{"source": "", "destination": ""} for _ in range(64)]
    rows[0] = {"source": "env_2", "destination": "filter_1_cutoff"}
    content["settings"] |= {"modulations": rows, "modulation_1_amount": 0.4, **SIMPLE, **settings}
    content |= {"preset_name": "Their Sound", "author": "Somebody", "preset_style": "Pad", **(words or {})}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def softer_later(path):
    """Write a preset whose first note is 4 dB louder: its level jumps to where it glides on later notes."""
    lfos = json.loads(BASE_PATCH.read_text(encoding="utf-8"))["settings"]["lfos"]
    fall = {"name": "Fall", "num_points": 2, "points": [0.0, 0.0, 1.0, 1.0], "powers": [0.0, 0.0]}
    rows = [{"source": "", "destination": ""} for _ in range(64)]
    rows[0] = {"source": "lfo_1", "destination": "osc_1_level"}
    settings = {
        "modulations": rows,
        "modulation_1_amount": 0.8,
        "osc_1_level": 0.0,
        "lfos": [{**fall, "smooth": False}, *lfos[1:]],
        "lfo_1_sync": 0.0,
        "lfo_1_sync_type": 0.0,
        "lfo_1_frequency": 4.4,
        "lfo_1_smooth_mode": 1.0,
        "env_1_attack": 0.0,
        "env_1_decay": 0.5,
        "env_1_sustain": 0.0,
        "env_1_release": 0.0,
    }
    return somebodys(path, **settings)


@pytest.fixture
def preset(tmp_path):
    return somebodys(tmp_path / "Héld Pad 1.vital")
