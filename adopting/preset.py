"""Somebody's own preset, as it is adopted: brought up to date by the engine, with everything it holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import PatchError
from core.space import Parameter, ParameterSpace
from synths.space_files import SPACES_FOLDER
from synths.vital_preset import read_checked

__all__ = ["EFFECTS", "MODULES", "OwnPreset", "adopted_space", "in_words", "read_own"]

_SPACE = SPACES_FOLDER / "vital-adopted.yaml"
_NEWEST = "1.5.5"  # the file format of the engine's numbers
MODULES = ("osc_1", "osc_2", "osc_3", "sample", "filter_1", "filter_2")
EFFECTS = ("chorus", "compressor", "delay", "distortion", "eq", "filter_fx", "flanger", "phaser", "reverb")


@dataclass(frozen=True, kw_only=True)
class OwnPreset:
    """A preset ready to be adopted.

    Attributes:
        name, author, style: As the file says, or empty; the name is that of the file if it says none.
        content: The `.vital` file with its numbers brought up to date.
        values: Raw value of each control.
        rows: The modulations by slot, from 1: source and destination.
    """

    name: str
    author: str
    style: str
    content: Mapping[str, Any]
    values: Mapping[str, float]
    rows: Mapping[int, tuple[str, str]]

    def space(self, name: str, base: Path) -> ParameterSpace:
        """Return the controls that may move in an adopted preset, with its own values as the neutral ones.

        Args:
            name: Of the space.
            base: Where `content` is, or will be.
        """
        listed = adopted_space()
        own = [self._parameter(parameter) for parameter in listed]
        return ParameterSpace(name, listed.synth, own, base)

    def _parameter(self, listed: Parameter) -> Parameter:
        caption = listed.caption
        if listed.name.startswith("modulation_"):
            source, destination = self.rows.get(int(listed.name.split("_")[1]), ("", ""))
            if source:
                caption = f"{in_words(source)} to {in_words(destination)}"
        elif listed.name.startswith("macro_control_"):
            word = self.content.get(f"macro{listed.name[-1]}")
            if isinstance(word, str) and word.strip():
                caption = word.strip().title()[:24]
        at = listed.normalized_raw(self.values[listed.name])
        facts = {**vars(listed), "neutral": at, "caption": caption}
        return Parameter(**facts)

    def may_be_heard(self, name: str) -> bool:
        """Whether a control of the list can be heard at all: its module is switched on, its slot is used."""
        if name.startswith("modulation_"):
            return int(name.split("_")[1]) in self.rows
        if name.startswith("macro_control_") or (name.startswith(("env_", "lfo_")) and name[4] != "1"):
            source = "_".join(name.split("_")[: 3 if name.startswith("macro") else 2])
            return any(source == each for each, _ in self.rows.values())
        if name.startswith("lfo_1"):
            return any(each == "lfo_1" for each, _ in self.rows.values())
        module = next((m for m in (*MODULES, *EFFECTS) if name.startswith(m)), None)
        return module is None or self.values[f"{module}_on"] > 0.5

    def plays_out_of_tune(self, name: str) -> bool:
        """Whether a control moves the pitch of the whole sound or of an oscillator by a modulation."""
        if not name.startswith("modulation_"):
            return False
        _, destination = self.rows.get(int(name.split("_")[1]), ("", ""))
        return destination.endswith(("transpose", "tune"))

    def outside(self, space: ParameterSpace) -> tuple[str, ...]:
        """Return what sounds but has no control in the space, in plain words."""
        found = []
        if self.values["filter_fx_on"] > 0.5:
            found.append("the effects' filter")
        if self.values["compressor_on"] > 0.5:
            found.append("the compressor")
        if late := [k for k in self.rows if f"modulation_{k}_amount" not in space]:
            found.append(f"{len(late)} more modulations")
        sources = {source for source, _ in self.rows.values()}
        for kind, known in (("env", 3), ("lfo", 3), ("macro_control", 3), ("random", 0)):
            numbers = sorted(s for s in sources if s.startswith(f"{kind}_") and int(s[-1]) > known)
            found += [in_words(s) for s in numbers]
        return tuple(found)


@cache
def adopted_space() -> ParameterSpace:
    """Return the controls that may move in any adopted preset, with the usual values as the neutral ones."""
    return ParameterSpace.from_yaml(_SPACE)


def read_own(path: Path) -> OwnPreset:
    """Read a preset with all that it holds.

    The engine gets the file's own wavetables, sample and curves, which a damaged file could crash it with:
    call this in a process of its own.

    Args:
        path: A `.vital` file of any version.

    Raises:
        PatchError: It is missing, too large, damaged, no preset, or the engine refuses it.
    """
    import vita  # slow to import

    content = read_checked(path)
    synth = vita.Synth()
    if not synth.load_json(json.dumps(content)):
        raise PatchError(f"Vital's engine refuses {path.name}; open it in Vital and save it again.")
    settings = {**content["settings"], **json.loads(synth.to_json())["settings"]}
    own_version = str(content["synth_version"])
    version = own_version if _number(own_version) > _number(_NEWEST) else _NEWEST
    words = {key: content.get(key, "") for key in ("preset_name", "author", "preset_style")}
    name, author, style = (word.strip() if isinstance(word, str) else "" for word in words.values())
    return OwnPreset(
        name=name or path.stem,
        author=author,
        style=style,
        content={**content, "settings": settings, "synth_version": version},
        values={control: float(value.value()) for control, value in synth.get_controls().items()},
        rows={
            slot: (row["source"], row["destination"])
            for slot, row in enumerate(settings["modulations"], start=1)
            if row["source"] and row["destination"]
        },
    )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def in_words(name: str) -> str:
    """Return a source or destination as a person reads it.

    >>> in_words("filter_1_cutoff"), in_words("env_2")
    ('Filter 1 Cutoff', 'Env 2')
    """
    return name.replace("_control", "").replace("_", " ").title().replace("Lfo", "LFO")
