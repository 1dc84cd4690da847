"""The space of a plug-in whose controls were surveyed, and why the others are not in it."""

from pathlib import Path

import yaml

from core.atomic_file import write_atomically
from core.space import Parameter, ParameterSpace, VolumeGain
from synths.catalog import FRESH_PLUGIN, PLUGIN
from synths.discover.survey import Survey
from synths.plugin import controller_number, is_controller
from synths.space_files import load_space

__all__ = ["found_space", "left_out_of", "write_space"]

_MOST = 64  # parameters of a space


def found_space(
    path: Path, found: Survey, size: int | None = None, state: bytes | None = None
) -> ParameterSpace:
    """Return the space of a plug-in.

    Args:
        path: The plug-in.
        found: What was found in it.
        size: Most parameters, without the volume; None takes all audible ones, up to 63.
        state: Preset with which it was surveyed.
    """
    names = [*found.changes_db][: min(size or _MOST, _MOST - 1)]
    if found.volume is not None:
        names.append(found.volume.name)
    numbers = [parameter.control_change for parameter in load_space("vital-64")]
    parameters = [
        Parameter(
            name=name,
            label=name,
            caption=name,
            low=0.0,
            high=1.0,
            neutral=round(found.controls.defaults[name], 6),
            control_change=controller_number(name) if is_controller(name) else numbers[k],
        )
        for k, name in enumerate(names)
    ]
    stem = path.stem.lower().replace(" ", "-")
    kind = FRESH_PLUGIN if found.fresh else PLUGIN
    gain = None
    if found.volume is not None:
        gain = VolumeGain(name=found.volume.name, gain_db=found.volume.gain_db)
    return ParameterSpace(
        f"{stem}-{len(parameters)}", f"{kind}{path.name}", parameters, volume=gain, state=state
    )


def left_out_of(space: ParameterSpace, found: Survey) -> dict[str, str]:
    """Return why each control of a plug-in is not in a space, in the plug-in's order."""
    reasons = dict(found.left_out)
    for name, db in found.changes_db.items():
        if name not in space:
            reasons[name] = f"less audible than the others, {db:.1f} dB"
    return {name: reasons[name] for name in found.controls.defaults if name in reasons}


def write_space(path: Path, space: ParameterSpace) -> None:
    """Write a space as YAML."""
    write_atomically(path, yaml.safe_dump(space.to_dict(), sort_keys=False, allow_unicode=True))
