"""The controllers that Vital answers, as its settings file holds them, and how ours get in and out.

Only the value of `midi_learn` is touched; nothing is written here.

References:
    Vital's sources (github.com/mtytel/vital, GPL-3.0): `saveMidiMapConfig` and `loadConfig` in
    `src/common/load_save.cpp`, and `midiInput` in `src/common/midi_manager.cpp`. There a controller's 0 to
    127 is linear in the control's raw range, so CC / 127 is what we call normalized.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.settings_file import SettingsText, read_settings
from core.errors import ConfigError
from core.space import ParameterSpace
from synths.space_files import load_space, space_names

__all__ = ["VITAL_SPACES", "MidiMap", "SettingsChange", "apply", "our_map", "read_map", "undo"]

VITAL_SPACES = space_names("vital")

# Destinations by controller: {"destination": name, "min_range": raw, "max_range": raw}, as Vital writes them.
MidiMap = dict[int, list[dict[str, Any]]]

_KEY = "midi_learn"
_MOST_CONTROLLERS = 1024


def our_map(space: ParameterSpace) -> MidiMap:
    """Return the destination of each controller of a space.

    Raises:
        ConfigError: The space is not Vital's, or two parameters share a controller.
    """
    if space.synth != "vital":
        raise ConfigError(f"{space.name} is for {space.synth}; Vital's are {', '.join(VITAL_SPACES)}")
    found: MidiMap = {}
    for p in space:
        if p.control_change in found:
            raise ConfigError(f"two parameters of {space.name} have controller {p.control_change}")
        found[p.control_change] = [{"destination": p.name, "max_range": p.high, "min_range": p.low}]
    return found


def read_map(settings: SettingsText, source: Path) -> MidiMap:
    """Read the map of a settings file, checked entry by entry.

    Raises:
        ConfigError: It is not what Vital writes.
    """
    found: MidiMap = {}
    entries = settings.value(_KEY)
    if entries is None:  # no such key, or Vital's null for an empty map
        return found
    wrong = ConfigError(
        f"{source} holds a {_KEY} that is not as Vital writes it; nothing was changed. If Vital itself "
        "accepts it, please report this with the file."
    )
    if not isinstance(entries, list) or len(entries) > _MOST_CONTROLLERS:
        raise wrong
    for entry in entries:
        if not isinstance(entry, dict) or not set(entry) <= {"source", "destinations"}:
            raise wrong
        if type(entry.get("source")) is not int or entry["source"] in found:
            raise wrong
        destinations = entry.get("destinations")
        if destinations is None:
            destinations = []  # Vital's null for a controller whose last destination was cleared
        if not isinstance(destinations, list):
            raise wrong
        for destination in destinations:
            if not isinstance(destination, dict) or not isinstance(destination.get("destination"), str):
                raise wrong
        found[entry["source"]] = destinations
    return found


def spell(midi_map: MidiMap) -> str:
    """Return a map as Vital writes it: controllers in order, keys in order, no spaces."""
    rows = [
        {"destinations": midi_map[source] or None, "source": source} for source in sorted(midi_map)
    ]  # Vital's null for what was cleared
    return json.dumps(rows or None, separators=(",", ":"), sort_keys=True)


def _names(destinations: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(str(d["destination"]) for d in destinations)


@dataclass(frozen=True)
class SettingsChange:
    """What is to be written, and what to tell the user about it."""

    settings: SettingsText
    lines: tuple[str, ...]
    changed: bool


def apply(path: Path, space: ParameterSpace) -> SettingsChange:
    """Return the settings with every controller of a space in them; nothing is written.

    Our controllers get exactly our destination; all others stay as they are.

    Raises:
        ConfigError: The file is not what is expected.
    """
    settings = read_settings(path)
    before = read_map(settings, path)
    after = dict(before)
    lines = []
    n_new = 0
    for controller, destinations in our_map(space).items():
        had = _names(before.get(controller, []))
        if had == _names(destinations):
            continue  # even if Vital has respelled the range since
        after[controller] = destinations
        n_new += 1
        if had:
            lines.append(
                f"controller {controller} moved {', '.join(had)}; now {destinations[0]['destination']}"
            )
    if n_new == 0:
        return SettingsChange(
            settings, (f"all {len(space)} parameters of {space.name} have their controller already",), False
        )
    kept = sum(len(d) for c, d in before.items() if c not in our_map(space))
    lines.append(f"{n_new} controllers for {space.name}; {kept} of your own stay")
    return SettingsChange(settings.with_value(_KEY, spell(after)), tuple(lines), True)


def undo(path: Path, backup: Path) -> SettingsChange:
    """Return the settings with our controllers as they were before; nothing is written.

    What somebody has taught Vital since then stays.

    Args:
        path: Vital's settings.
        backup: The same file from before the first change.

    Raises:
        ConfigError: There is no backup, or a file is not what is expected.
    """
    if not backup.is_file():
        raise ConfigError(f"there is nothing to undo: {backup} does not exist.")
    settings, old = read_settings(path), read_settings(backup)
    now, before = read_map(settings, path), read_map(old, backup)
    ours = our_map(load_space(VITAL_SPACES[-1]))  # the largest holds the smaller ones
    after = dict(now)
    left = []
    for controller, destinations in ours.items():
        if _names(now.get(controller, [])) == _names(destinations):
            after.pop(controller)
            if controller in before:
                after[controller] = before[controller]
        elif _names(now.get(controller, [])) != _names(before.get(controller, [])):
            left.append(f"controller {controller} was taught something else since, and stays so")
    if after == before:
        spelling = old.spelling(_KEY)  # to the byte
        new = settings.without(_KEY) if spelling is None else settings.with_value(_KEY, spelling)
    else:
        new = settings.with_value(_KEY, spell(after))
    return SettingsChange(new, (*left, "the controllers are as before"), new.text != settings.text)
