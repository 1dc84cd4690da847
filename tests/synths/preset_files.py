"""Preset files for tests: the base patch with other settings, and those of people where there are any."""

import json
from pathlib import Path

import pytest

from synths.base_patch import BASE_PATCH
from synths.space_files import load_space

SPACES = {name: load_space(name) for name in ("vital-16", "vital-32", "vital-64")}
SPACE = SPACES["vital-32"]
PEOPLE = Path(__file__).parents[3] / "shared" / "presets" / "vital"


def people():
    files = sorted(PEOPLE.glob("*.vital")) if PEOPLE.is_dir() else []
    skip = pytest.mark.skip(reason="no ../shared/presets/vital beside the checkout")
    return [pytest.param(f, id=f.stem) for f in files] or [pytest.param(None, marks=skip)]


def edited(path, **changes):
    """Write the base patch with other settings; a name with no value is taken away."""
    content = json.loads(BASE_PATCH.read_text())
    for name, value in changes.items():
        if value is None:
            content["settings"].pop(name, None)
        else:
            content["settings"][name] = value
    path.write_text(json.dumps(content))
    return path


def routed(path, source, destination, amount, **changes):
    """Write the base patch with one modulation, in a slot of its own."""
    rows = [{"source": "", "destination": ""} for _ in range(64)]
    rows[40] = {"source": source, "destination": destination}
    return edited(path, modulations=rows, modulation_41_amount=amount, **changes)
