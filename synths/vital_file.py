"""A Vital file's patch as the engine holds it, brought up to date, and which of its modules sound."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synths.base_patch import BASE_PATCH

__all__ = [
    "EFFECTS",
    "MAX_BYTES",
    "MAX_MODULATIONS",
    "Routing",
    "VitalFile",
    "base_file",
    "sounding_modules",
    "load_file",
]

MAX_BYTES = 50 << 20  # the largest that people make, with three drawn wavetables, have about 10 MB
MAX_MODULATIONS = 64  # a file with more crashes the engine

_MIX = {
    **{name: f"{name}_dry_wet" for name in ("chorus", "delay", "flanger", "phaser", "reverb")},
    **{name: f"{name}_mix" for name in ("compressor", "distortion", "filter_fx")},
}
EFFECTS = (*_MIX, "eq")
_SOURCES = ("osc_1", "osc_2", "osc_3", "sample")
_BOTH_FILTERS = 2
_ROUTING_PARTS = ("amount", "bipolar", "power", "stereo", "bypass")


@dataclass(frozen=True)
class Routing:
    """One modulation: what moves what, and by how much.

    Attributes:
        source, destination: The engine's names.
        amount: Share of the destination's range, -1 to 1.
        bipolar: Whether the source swings both ways around its middle.
        shaped: Whether it has a curve or a stereo spread of its own.
    """

    source: str
    destination: str
    amount: float
    bipolar: bool
    shaped: bool


@dataclass(frozen=True)
class VitalFile:
    """A patch as the engine holds it, and the parts of its file that are not numbers.

    Attributes:
        values: Raw value of every control.
        texts: The same as a person reads it, except for the modulations' own controls.
        labels: Name that the plug-in shows, of each control that has a text.
        routings: The modulations that do something, by slot.
        tables: The settings of the file, for its wavetables, sample and LFO shapes.
    """

    values: Mapping[str, float]
    texts: Mapping[str, str]
    labels: Mapping[str, str]
    routings: Mapping[int, Routing]
    tables: Mapping[str, Any]

    def on(self, module: str) -> bool:
        """Whether a module is switched on; one without a switch always is."""
        return self.values.get(f"{module}_on", 1.0) >= 0.5

    def moves(self, name: str) -> bool:
        """Whether a modulation reaches the control."""
        return any(routing.destination == name for routing in self.routings.values())


@lru_cache(maxsize=1)
def base_file() -> VitalFile:
    """Return the base patch."""
    content = json.loads(BASE_PATCH.read_text(encoding="utf-8"))
    file = load_file(content, content["settings"])
    assert file is not None, "the base patch is ours"
    return file


def load_file(content: Mapping[str, Any], tables: Mapping[str, Any]) -> VitalFile | None:
    """Load a file into the engine, which brings its numbers up to date.

    Args:
        content: Of a `.vital` file: finite numbers, and at most 64 modulations, pairs of names.
        tables: Settings whose wavetables, sample and LFO shapes the engine gets instead of the file's. It
            only has to read numbers, and other people's tables could crash it.

    Returns:
        The patch, or None if the engine refuses it.
    """
    import vita  # slow to import, and not needed to write presets

    settings = content["settings"]
    seen = {**settings, **{name: tables[name] for name in ("wavetables", "sample", "lfos")}}
    synth = vita.Synth()
    if not synth.load_json(json.dumps({**content, "settings": seen})):
        return None
    current = json.loads(synth.to_json())["settings"]
    values = {name: float(value) for name, value in current.items() if isinstance(value, int | float)}
    controls = synth.get_controls()
    details = {n: synth.get_control_details(n) for n in controls if not n.startswith("modulation_")}
    texts = {n: _text(values[n], list(d.options), controls[n].get_text()) for n, d in details.items()}
    labels = {n: str(d.display_name) for n, d in details.items()}
    return VitalFile(values, texts, labels, _routings(values, current["modulations"]), settings)


def _text(value: float, options: list[str], shown: str) -> str:
    """Return a value as the plug-in shows it, to three digits."""
    if options and 0 <= round(value) < len(options):
        return options[round(value)]
    number = re.match(r"(-?\d+(?:\.\d+)?) *(.*)", shown)
    if number is None:
        return shown
    return f"{float(number[1]):.3g} {number[2]}".replace(" %", "%").replace("-0 ", "0 ").rstrip()


def _routings(values: Mapping[str, float], rows: list[dict[str, Any]]) -> dict[int, Routing]:
    routings = {}
    for slot, row in enumerate(rows, start=1):
        own = {part: values[f"modulation_{slot}_{part}"] for part in _ROUTING_PARTS}
        if not row["source"] or not row["destination"] or own["bypass"] >= 0.5:
            continue
        curve = row.get("line_mapping")
        bent = curve is not None and curve.get("points") != [0.0, 1.0, 1.0, 0.0]
        shaped = bent or own["power"] != 0.0 or own["stereo"] >= 0.5
        routings[slot] = Routing(
            row["source"], row["destination"], own["amount"], own["bipolar"] >= 0.5, shaped
        )
    # An amount of zero does nothing, unless something else moves it.
    moved = {routing.destination for routing in routings.values() if routing.amount}
    return {k: r for k, r in routings.items() if r.amount or f"modulation_{k}_amount" in moved}


def sounding_modules(file: VitalFile) -> dict[str, bool]:
    """Return whether each module sounds."""
    values = file.values

    def sounds(module: str, level: str) -> bool:
        return file.on(module) and (values[level] > 0.0 or file.moves(level))

    into = {1: False, 2: False}  # whether a filter is fed, however softly
    for name in _SOURCES:
        for k in into:
            into[k] |= file.on(name) and round(values[f"{name}_destination"]) in (k - 1, _BOTH_FILTERS)
    filters = {}
    for k, other in ((1, 2), (2, 1)):
        fed = into[k] or (into[other] and values[f"filter_{k}_filter_input"] >= 0.5)
        filters[f"filter_{k}"] = fed and sounds(f"filter_{k}", f"filter_{k}_mix")
    return {
        **{name: sounds(name, f"{name}_level") for name in _SOURCES},
        **filters,
        **{name: sounds(name, mix) for name, mix in _MIX.items()},
        "eq": file.on("eq"),
    }
