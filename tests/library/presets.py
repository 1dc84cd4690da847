"""Presets for tests: Vital's base patch with other settings, written to files."""

import json

from synths.base_patch import BASE_PATCH

SILENT = {"osc_1_on": 0.0, "osc_2_on": 0.0, "osc_3_on": 0.0, "sample_on": 0.0}


def write(path, author="", style="", **settings):
    """Write the base patch with other settings."""
    content = json.loads(BASE_PATCH.read_text("utf-8"))
    content |= {"author": author, "preset_style": style}
    content["settings"] |= settings
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), "utf-8")
    return path


def some(folder):
    """Write four presets that sound different, two of them nearly alike."""
    write(folder / "Low.vital", "Ann", "Bass", osc_1_transpose=-24.0, filter_1_cutoff=40.0)
    write(folder / "Lower.vital", "Ann", "Bass", osc_1_transpose=-24.0, filter_1_cutoff=38.0)
    write(folder / "High 🎹.vital", "Bob", "Lead", osc_1_transpose=12.0, filter_1_cutoff=120.0)
    write(folder / "deep" / "Slow.vital", "Bob", "Pad", env_1_attack=1.4)
