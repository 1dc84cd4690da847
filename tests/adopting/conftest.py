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


@pytest.fixture
def preset(tmp_path):
    return somebodys(tmp_path / "Héld Pad 1.vital")
