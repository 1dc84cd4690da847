"""Whether one preset can be played on another's structure, so that a path leads from one to the other.

`python -m adopting.morph HOST.vital FILE.vital...` prints a line of JSON for each file: the `patch` that
plays it on the host's structure, or what is `in_the_way`, or the `error` that says why it cannot be read.

What cannot move on the way, such as wavetables, filter models and the wiring, has to be the same, or silent
in the preset that lacks it: an oscillator that only the other has is at level 0 there. `express` says what is
in the way.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adopting.preset import EFFECTS, MODULES, OwnPreset, in_words, read_own
from core.command import exit_status
from core.errors import PatchError
from core.space import ParameterSpace
from synths.wave_match import same_sample, same_shape, same_table

__all__ = ["Expressed", "express"]

_SAME_WITHIN = 1e-4  # of a raw value
# With this raw value the module is not heard, so a preset without it can be played where it is.
_SILENT = {
    **{f"osc_{k}": (f"osc_{k}_level", 0.0) for k in (1, 2, 3)},
    "sample": ("sample_level", 0.0),
    **{name: (f"{name}_dry_wet", 0.0) for name in ("chorus", "delay", "flanger", "phaser", "reverb")},
}
_FLAT = (("eq_low_gain", 0.0), ("eq_high_gain", 0.0))
_NOT_THE_SOUND = ("_random_phase", "_view_2d", "_on")
_OF_ALL = (
    "legato",
    "portamento_force",
    "portamento_slope",
    "portamento_time",
    "stereo_mode",
    "stereo_routing",
    "velocity_track",
    "voice_amplitude",
    "voice_transpose",
    "voice_tune",
)
_NO_ROW = ("", "")


@dataclass(frozen=True)
class Expressed:
    """A preset on the structure of another.

    Attributes:
        patch: Normalized values `(P,)` in the other's space; with nothing in the way it sounds as the preset.
        in_the_way: What cannot be expressed, in words.
    """

    patch: np.ndarray
    in_the_way: tuple[str, ...]


def express(preset: OwnPreset, host: OwnPreset, space: ParameterSpace) -> Expressed:
    """Play a preset on the structure of another.

    Args:
        preset: To be played.
        host: The preset whose wiring, wavetables and modules stay.
        space: The host's.
    """
    raw = {name: preset.values[name] for name in space.names}
    reasons: list[str] = []
    for module in (*MODULES, *EFFECTS):
        reasons += _module(module, preset, host, space, raw)
    reasons += _wiring(preset, host, space, raw)
    reasons += [in_words(name) for name in _OF_ALL if _differ(name, preset, host)]
    patch = [parameter.normalized_raw(raw[parameter.name]) for parameter in space]
    return Expressed(np.array(patch, np.float32), tuple(reasons))


def _module(
    module: str, preset: OwnPreset, host: OwnPreset, space: ParameterSpace, raw: dict[str, float]
) -> list[str]:
    theirs, ours = (own.values[f"{module}_on"] > 0.5 for own in (preset, host))
    if not theirs:
        # Nobody hears its controls, so they stay, but for one that makes it silent.
        raw |= {name: host.values[name] for name in raw if name.startswith(f"{module}_")}
        silent = dict(_FLAT if module == "eq" else (_SILENT[module],) if module in _SILENT else ())
        raw |= silent if ours else {}
        return [f"{in_words(module)}, which is off in one of them"] if ours and not silent else []
    if not ours:
        return [f"{in_words(module)}, which is off in one of them"]
    names = [
        name
        for name in host.values
        if name.startswith(f"{module}_") and name not in space and not name.endswith(_NOT_THE_SOUND)
    ]
    reasons = [in_words(name) for name in names if _differ(name, preset, host)]
    ours_too, theirs_too = host.content["settings"], preset.content["settings"]
    if module.startswith("osc_"):
        k = int(module[-1]) - 1
        tables: list[Any] = [settings["wavetables"] for settings in (ours_too, theirs_too)]
        if any(len(each) <= k for each in tables) or not same_table(tables[0][k], tables[1][k]):
            reasons.append(f"the wavetable of {in_words(module)}")
    if module == "sample" and not same_sample(theirs_too, ours_too):
        reasons.append("the sample")
    return reasons


def _wiring(preset: OwnPreset, host: OwnPreset, space: ParameterSpace, raw: dict[str, float]) -> list[str]:
    """Set each slot of the host to what the preset has on the same way; return ways that the host lacks."""
    ways = {way: slot for slot, way in host.rows.items()}
    reasons = [
        f"{in_words(source)} to {in_words(destination)}"
        for source, destination in preset.rows.values()
        if (source, destination) not in ways
    ]
    theirs = {way: slot for slot, way in preset.rows.items()}
    for slot in range(1, 1 + sum(f"modulation_{k}_amount" in space for k in range(1, 65))):
        way, amount = host.rows.get(slot, _NO_ROW), f"modulation_{slot}_amount"
        other = theirs.get(way) if way != _NO_ROW else None
        raw[amount] = preset.values[f"modulation_{other}_amount"] if other else 0.0
        if other and any(
            abs(preset.values[f"modulation_{other}_{part}"] - host.values[f"modulation_{slot}_{part}"])
            > _SAME_WITHIN
            for part in ("bipolar", "power", "stereo", "bypass")
        ):
            reasons.append(f"how {in_words(way[0])} moves {in_words(way[1])}")
    late = [slot for slot in host.rows if f"modulation_{slot}_amount" not in space]
    reasons += [
        f"{in_words(source)} to {in_words(destination)}"
        for source, destination in (host.rows[slot] for slot in late)
        if (source, destination) not in theirs
    ]
    for source in sorted({source for source, _ in preset.rows.values()} | {"env_1"}):
        reasons += _source(source, preset, host, space)
    return reasons


def _source(source: str, preset: OwnPreset, host: OwnPreset, space: ParameterSpace) -> list[str]:
    names = [n for n in host.values if n.startswith(f"{source}_") and n not in space]
    reasons = [in_words(name) for name in names if _differ(name, preset, host)]
    if source.startswith("lfo_"):
        shapes = [own.content["settings"]["lfos"][int(source[-1]) - 1] for own in (preset, host)]
        if not same_shape(*shapes):
            reasons.append(f"the shape of {in_words(source)}")
    return reasons


def _differ(name: str, preset: OwnPreset, host: OwnPreset) -> bool:
    a, b = preset.values.get(name, 0.0), host.values.get(name, 0.0)
    return abs(a - b) > _SAME_WITHIN * max(1.0, abs(b))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) < 2:
        sys.stderr.write("usage: python -m adopting.morph HOST.vital FILE.vital...\n")
        return 2
    return exit_status(lambda: _tell_all(*map(Path, given)), stopped="stopped")


def _tell_all(first: Path, *files: Path) -> None:
    host = read_own(first)
    space = host.space(first.stem, first)
    for file in files:
        sys.stdout.write(json.dumps(_told(file, host, space)) + "\n")
        sys.stdout.flush()


def _told(file: Path, host: OwnPreset, space: ParameterSpace) -> dict[str, Any]:
    try:
        expressed = express(read_own(file), host, space)
    except PatchError as error:
        return {"error": str(error)}
    if expressed.in_the_way:
        return {"in_the_way": expressed.in_the_way}
    return {"patch": expressed.patch.tolist()}


if __name__ == "__main__":
    sys.exit(main())
