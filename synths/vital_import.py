"""What a Vital patch that anybody made means in one of our spaces, and what is lost on the way.

The engine first brings an older file up to date. Then controls are matched by name, except those of silent
modules, and modulations by source and destination. Each audible thing that neither the space nor the base
patch can hold is put into words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.space import ParameterSpace
from synths.base_patch import ROUTING
from synths.vital_file import EFFECTS, Routing, VitalFile, base_file, load_file, sounding_modules
from synths.wave_match import nearest_frame, same_sample, same_shape, same_table, wave_at

__all__ = ["interpret"]

_FILTER_OPEN = {"cutoff": 136.0, "resonance": 0.0, "blend": 0.0, "drive": 0.0, "keytrack": 0.0}
# Raw values that stand for a module that is switched off.
_SILENT: dict[str, dict[str, float]] = {
    "osc_1": {"osc_1_level": 0.0},
    "osc_2": {"osc_2_level": 0.0},
    "sample": {"sample_level": 0.0},
    "filter_1": {f"filter_1_{name}": value for name, value in _FILTER_OPEN.items()},
    "filter_2": {"filter_2_mix": 0.0},
    "distortion": {"distortion_drive": 0.0},
    "eq": {"eq_low_gain": 0.0, "eq_high_gain": 0.0},
    **{name: {f"{name}_dry_wet": 0.0} for name in ("chorus", "delay", "phaser", "reverb")},
}
_ABSENT = {
    "osc_3": "oscillator 3",
    "flanger": "the flanger",
    "compressor": "the compressor",
    "filter_fx": "the effects' filter",
}
_UNISON_ONLY = ("_unison_", "_detune_", "_spread", "_stack_style", "_spectral_unison")
_NOT_HEARD = ("_view_2d", "_random_phase", "_on", "_sync", "_tempo")
_NOT_THE_SOUND = frozenset(
    "beats_per_minute bypass mod_wheel pitch_wheel oversampling view_spectrogram voice_override "
    "voice_priority mpe_enabled macro_control_1 macro_control_2 macro_control_3 macro_control_4 "
    # Phases are drawn anew in most presets; the reverb's chorus is at 5 % in nearly all.
    "osc_1_phase osc_2_phase reverb_chorus_amount reverb_chorus_frequency".split()
)
_FORMANT_HAS_NONE = ("cutoff", "resonance", "blend", "drive", "keytrack", "blend_transpose")
_COMB = 6  # the only filter model that uses its blend's transposition
_SLOTS = {(source, destination): (slot, both) for slot, source, destination, both in ROUTING}
_TEMPO_FACTOR = {1: 1.0, 2: 2.0 / 3.0, 3: 1.5}  # sync: plain, dotted, triplets
_FROZEN = 0
_SAW = (96.0, "saw")
_FAINT = 0.05  # a level of -52 dB
_SAME_WITHIN = 1e-4  # of levels


@dataclass
class _Reading:
    """The state of one `interpret`."""

    file: VitalFile
    base: VitalFile
    space: ParameterSpace
    sounding: dict[str, bool]
    raw: dict[str, float] = field(default_factory=dict)  # values for the space, in the engine's units
    unexpressed: list[str] = field(default_factory=list)
    explained: set[str] = field(default_factory=set)  # controls that need no words of their own
    absent: set[str] = field(default_factory=set)  # modules that the patch does without
    active_sources: set[str] = field(default_factory=set)  # modulation sources at work in the space


def interpret(content: Mapping[str, Any], space: ParameterSpace) -> tuple[np.ndarray, tuple[str, ...]] | None:
    """Map the content of a `.vital` file to a space.

    Args:
        content: Checked already; see `synths.vital_file.load_file`.
        space: Space of the result.

    Returns:
        Normalized vector `(P,)`, and in plain words what could not be expressed; None if the engine
        refuses the content.
    """
    base = base_file()
    file = load_file(content, base.tables)
    if file is None:
        return None
    reading = _Reading(file, base, space, sounding_modules(file))
    _import_controls(reading)
    _import_waves(reading)
    _import_tempo_rates(reading)
    _import_modulations(reading)
    _balance(reading)
    _list_settings(reading)
    vector = [p.normalized_raw(reading.raw.get(p.name, base.values[p.name])) for p in space]
    return np.array(vector, np.float32), tuple(reading.unexpressed)


def _import_controls(reading: _Reading) -> None:
    """Copy controls by name; silent modules, and those of another kind, get values that silence them."""
    file, base, space, sounding = reading.file, reading.base, reading.space, reading.sounding
    for parameter in space:
        if not parameter.name.startswith("modulation_"):
            reading.raw[parameter.name] = file.values[parameter.name]
    other_model = file.values["filter_2_model"] != base.values["filter_2_model"]
    if sounding["filter_2"] and (other_model or "filter_2_mix" not in space.names):
        sounding["filter_2"] = False
        reading.absent.add("filter_2")
        reading.unexpressed.append(f"filter 2 is on ({file.texts['filter_2_model']})")
    for module, silent in _SILENT.items():
        if not sounding[module]:
            reading.raw.update({name: raw for name, raw in silent.items() if name in space.names})
            _mark_explained(reading, f"{module}_")
        if not file.on(module) or (module == "filter_1" and not sounding[module]):
            reading.absent.add(module)
    if not sounding["osc_1"] and "osc_1_level" not in space.names:
        reading.unexpressed.append("oscillator 1 is silent, but the space always plays it")
    for module, words in _ABSENT.items():
        _mark_explained(reading, f"{module}_")
        if sounding[module]:
            reading.unexpressed.append(f"{words} is on")
    for osc in ("osc_1", "osc_2"):
        _import_warps(reading, osc)
    reordered = file.values["effect_chain_order"] != base.values["effect_chain_order"]
    if reordered and sum(sounding[name] for name in EFFECTS) > 1:
        reading.unexpressed.append("the effects are in another order")
    reading.explained.add("effect_chain_order")


def _mark_explained(reading: _Reading, prefix: str, *parts: str) -> None:
    """Mark the controls with a prefix, or those of them that contain one of the parts, as explained."""
    reading.explained.update(
        name
        for name in reading.file.values
        if name.startswith(prefix) and (not parts or any(part in name for part in parts))
    )


def _import_warps(reading: _Reading, osc: str) -> None:
    """Keep an oscillator's distortion, frequency morph and unison where they are of the base patch's kind."""
    values, base = reading.file.values, reading.base.values
    for kind in ("distortion", "spectral_morph"):
        type_name, amount = f"{osc}_{kind}_type", f"{osc}_{kind}_amount"
        if values[type_name] == base[type_name]:
            continue
        if values[type_name] and type_name not in reading.explained:
            label = reading.file.labels[type_name].removesuffix(" Type")
            reading.unexpressed.append(f"{label} is {reading.file.texts[type_name]}")
        _mark_explained(reading, f"{osc}_{kind}_")
        reading.absent.add(f"{osc}_{kind}")
        reading.raw[amount] = base[amount]
    if round(values[f"{osc}_unison_voices"]) == 1:
        reading.raw[f"{osc}_unison_detune"] = 0.0
        _mark_explained(reading, f"{osc}_", *_UNISON_ONLY)


def _import_waves(reading: _Reading) -> None:
    """Find the frame of our wavetable that sounds most like the one an oscillator is at."""
    tables, ours = _rows(reading.file.tables.get("wavetables")), reading.base.tables["wavetables"]
    for k, table in enumerate(tables[:2], start=1):
        name = f"osc_{k}_wave_frame"
        if not reading.sounding[f"osc_{k}"] or same_table(table, ours[k - 1]):
            continue
        wave = wave_at(table, reading.file.values[name])
        position, title = nearest_frame(wave) if wave is not None else _SAW
        reading.raw[name] = position
        reading.explained.add(name)
        how = "the nearest here is" if wave is not None else "it is drawn, not sampled, and becomes"
        reading.unexpressed.append(
            f"oscillator {k}'s wavetable is '{table.get('name', 'unnamed')}'; {how} {title}"
        )
    if reading.sounding["sample"] and not same_sample(reading.file.tables, reading.base.tables):
        sample = reading.file.tables.get("sample")
        title = sample.get("name", "unnamed") if isinstance(sample, dict) else "unnamed"
        reading.unexpressed.append(f"the sample is '{title}'")


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row if isinstance(row, dict) else {} for row in value] if isinstance(value, list) else []


def _import_tempo_rates(reading: _Reading) -> None:
    """Turn rates that follow the tempo into Hz at the file's tempo."""
    file, base = reading.file, reading.base
    for name in [n for n in file.values if n.endswith("_sync") and n not in reading.explained]:
        part = name.removesuffix("_sync")
        frequency, sync = f"{part}_frequency", round(file.values[name])
        if frequency not in file.values or sync == round(base.values[name]) or not _is_at_work(reading, part):
            continue
        reading.explained.add(frequency)
        words = part.replace("_", " ").replace("lfo", "LFO").replace("delay aux", "the second delay line")
        tempo = round(file.values[f"{part}_tempo"])
        if sync not in _TEMPO_FACTOR or tempo == _FROZEN:
            reading.unexpressed.append(
                f"{words} is set to {'Freeze' if sync in _TEMPO_FACTOR else file.texts[name]}"
            )
            continue
        # The engine's text is four entries off for the delay, so count: 32/1 is 1, 1/64 is 12.
        quarter_notes = 2.0 ** (8 - tempo)
        hz = file.values["beats_per_minute"] / quarter_notes * _TEMPO_FACTOR[sync]
        reading.raw[frequency] = float(np.log2(hz))
        fate = f"{hz:.3g} Hz is used" if frequency in reading.space.names else "its rate is lost"
        reading.unexpressed.append(f"{words} follows the tempo ({hz:.3g} Hz now); {fate}")


def _is_at_work(reading: _Reading, part: str) -> bool:
    """Whether an effect sounds, or a modulator moves something that a space may hold."""
    if part.startswith(("lfo_", "random_")):
        routings = reading.file.routings.values()
        return any(r.source == part and (r.source, r.destination) in _SLOTS for r in routings)
    if part == "delay_aux":  # the second line runs unless the delay is mono
        return reading.sounding["delay"] and round(reading.file.values["delay_style"]) != 0
    return reading.sounding.get(part, False)


def _import_modulations(reading: _Reading) -> None:
    """Match modulations by source and destination; their slots mean nothing."""
    names = reading.space.names
    for slot, _, _, _ in ROUTING:
        if f"modulation_{slot}_amount" in names:
            reading.raw[f"modulation_{slot}_amount"] = 0.0
    for routing in reading.file.routings.values():
        slot, both_ways = _SLOTS.get((routing.source, routing.destination), (0, False))
        name, words = f"modulation_{slot}_amount", _describe(reading, routing)
        if name in names and not _is_part_of(routing.destination, reading.absent):
            reading.raw[name] += routing.amount
            reading.active_sources.add(routing.source)
            if routing.shaped:
                reading.unexpressed.append(f"{words} has a curve of its own")
            if routing.bipolar != both_ways and not _shift(reading, routing):
                reading.unexpressed.append(f"{words} swings {'both ways' if routing.bipolar else 'one way'}")
        elif not _goes_nowhere(reading, routing):
            reading.unexpressed.append(words)


def _is_part_of(name: str, modules: Iterable[str]) -> bool:
    return any(name.startswith(f"{module}_") for module in modules)


def _goes_nowhere(reading: _Reading, routing: Routing) -> bool:
    """Whether a modulation moves something inaudible, or a modulation that does not exist."""
    slot = routing.destination.removeprefix("modulation_").split("_")[0]
    if slot.isdigit():
        return int(slot) not in reading.file.routings
    if routing.destination.startswith("filter_2_") and "filter_2" in reading.absent:
        return not reading.file.on("filter_2")
    return _is_part_of(routing.destination, [name for name, sounds in reading.sounding.items() if not sounds])


def _shift(reading: _Reading, routing: Routing) -> bool:
    """Move the destination so that its swing covers that of the file; return whether it stays in range."""
    if routing.destination not in reading.space.names:
        return False
    parameter = reading.space[routing.destination]
    half = 0.5 * routing.amount * (parameter.high - parameter.low)
    moved = reading.raw[routing.destination] + (-half if routing.bipolar else half)
    reading.raw[routing.destination] = moved
    return bool(parameter.low <= moved <= parameter.high)


def _balance(reading: _Reading) -> None:
    """Keep the balance of the sources in a space that plays oscillator 1 at its full level.

    Amplitude is level squared: Vital's own 0.707 is half the amplitude.
    """
    own = reading.file.values["osc_1_level"]
    if "osc_1_level" in reading.space.names or not reading.sounding["osc_1"] or own < _FAINT:
        return
    reading.explained.add("osc_1_level")
    if own >= 1.0:
        return
    for name in ("osc_2_level", "sample_level"):
        level = reading.raw[name] / own
        if level > 1.0 + _SAME_WITHIN:
            above_db = 40.0 * float(np.log10(level))
            reading.unexpressed.append(
                f"{reading.file.labels[name]} is {above_db:.2g} dB above oscillator 1's"
            )
        reading.raw[name] = min(level, 1.0)
    volume_db = float(np.sqrt(max(reading.raw["volume"], 0.0))) + 40.0 * float(np.log10(own))
    reading.raw["volume"] = max(volume_db, 0.0) ** 2


def _list_settings(reading: _Reading) -> None:
    """Put all other audible differences from the base patch into words."""
    file, base = reading.file, reading.base
    spoken = {*reading.space.names, *reading.explained, *_NOT_THE_SOUND}
    for name, label in file.labels.items():
        if name in spoken or name.endswith(_NOT_HEARD) or file.texts[name] == base.texts[name]:
            continue
        if _is_audible(reading, name):
            reading.unexpressed.append(f"{label} is {file.texts[name]}")
    for k, shape in enumerate(_rows(file.tables.get("lfos")), start=1):
        if f"lfo_{k}" in reading.active_sources and not same_shape(shape, base.tables["lfos"][0]):
            reading.unexpressed.append(f"LFO {k} has the shape '{shape.get('name', 'unnamed')}'")


def _is_audible(reading: _Reading, name: str) -> bool:
    """Whether a control of a module that sounds is audible itself."""
    values, base = reading.file.values, reading.base.values
    module, control = "_".join(name.split("_")[:2]), "_".join(name.split("_")[2:])
    if module.startswith(("env_", "lfo_", "random_")):
        return module == "env_1" or module in reading.active_sources
    match name:
        case "polyphony":
            return values[name] < base[name]
        case "portamento_scale" | "portamento_slope" | "portamento_force":
            return values["portamento_time"] > base["portamento_time"]
        case "delay_aux_frequency":
            return round(values["delay_style"]) != 0
    if name.startswith("distortion_filter_"):
        return values["distortion_filter_order"] >= 0.5
    if name.startswith("filter_1_formant_"):
        return values["filter_1_model"] == base["filter_2_model"]
    if module == "filter_2":
        return control not in _FORMANT_HAS_NONE
    return control != "blend_transpose" or round(values[f"{module}_model"]) == _COMB


def _describe(reading: _Reading, routing: Routing, deep: bool = True) -> str:
    source = routing.source.replace("_", " ").capitalize().replace("Lfo", "LFO")
    target = routing.destination.replace("_", " ")
    slot = routing.destination.removeprefix("modulation_").removesuffix("_amount")
    if slot.isdigit() and deep and int(slot) in reading.file.routings:
        target = f"the amount of ({_describe(reading, reading.file.routings[int(slot)], deep=False)})"
    elif routing.destination in reading.file.labels:
        target = reading.file.labels[routing.destination]
    return f"{source} moves {target}"
