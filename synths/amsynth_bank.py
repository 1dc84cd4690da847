"""Reads amsynth's preset banks: text files of up to 128 presets that people made.

    amSynth
    <preset> <name> Strings
    <parameter> amp_attack 0.96
    ...
    EOF

Values are amsynth's own; `synths.amsynth_controls.normalized_preset` brings them between 0 and 1, as the
plug-in's automation does. Controls were added over the years: what an older bank does not name has the value
that amsynth starts with.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.space import Patch
from synths.amsynth_controls import controls, normalized_preset

__all__ = ["BANK_FOLDERS", "BankPreset", "find_banks", "read_bank", "read_patches", "write_bank"]

BANK_FOLDERS = (Path("/usr/share/amsynth/banks"), Path("/usr/local/share/amsynth/banks"))
_HEADER = "amSynth"
_END = "EOF"


@dataclass(frozen=True)
class BankPreset:
    """A preset of a bank.

    Attributes:
        name: Given by its author.
        bank: Name of its file, without folder.
        values: amsynth's own value of each control that it names.
    """

    name: str
    bank: str
    values: Mapping[str, float]


def find_banks(paths: Sequence[Path] = ()) -> list[Path]:
    """Return the bank files among some files and folders, sorted by name.

    Args:
        paths: Files and folders; none means the banks that amsynth's package installs.

    Raises:
        ConfigError: A path is missing, or there is no bank.
    """
    if not paths:
        paths = [folder for folder in BANK_FOLDERS if folder.is_dir()]
        if not paths:
            raise ConfigError(
                "amsynth's banks are not installed: sudo apt-get install amsynth, or name a folder "
                "of them with --bank."
            )
    banks: list[Path] = []
    for path in paths:
        if not path.exists():
            raise ConfigError(f"there is no bank at {path}.")
        inside = [file for file in path.iterdir() if file.is_file()] if path.is_dir() else [path]
        banks += sorted(inside, key=lambda path: path.name)
    if not banks:
        raise ConfigError(f"{paths[0]} holds no bank files; name a folder that does with --bank.")
    return banks


def read_bank(path: Path, known: Sequence[str] | None = None) -> list[BankPreset]:
    """Read the presets of a bank file.

    Args:
        path: The file.
        known: Names of amsynth's controls; None accepts any name.

    Raises:
        ConfigError: The file is missing, is not a bank, is cut off, or has a line that is not understood.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    if not lines or lines[0].strip() != _HEADER:
        raise ConfigError(f"{path} is not an amsynth bank: its first line is not '{_HEADER}'.")
    presets: list[tuple[str, dict[str, float]]] = []
    for number, line in enumerate(lines[1:], 2):
        words, where = line.split(), f"{path}, line {number}"
        match words:
            case [] | ["<preset>", "<name>"]:
                if words:
                    presets.append(("", {}))
            case ["EOF"]:
                return [BankPreset(name, path.name, values) for name, values in presets if values]
            case ["<preset>", "<name>", *_]:
                presets.append((line.split("<name>", 1)[1].strip(), {}))
            case ["<parameter>", name, text]:
                if not presets:
                    raise ConfigError(f"{where}: a control before the first <preset>.")
                presets[-1][1][_known(name, known, where)] = _value(text, where)
            case ["<property>", *_]:
                pass  # later versions keep names and texts beside the controls
            case _:
                raise ConfigError(f"{where} means nothing in a bank: '{line[:40]}'.")
    raise ConfigError(f"{path} is cut off: its last line is not '{_END}'.")


def read_patches(paths: Sequence[Path] = ()) -> list[Patch]:
    """Read all presets in some files and folders, each as the plug-in's value of every control.

    Args:
        paths: As for `find_banks`.

    Raises:
        ConfigError: A path is missing, or a bank is damaged.
    """
    names = list(controls())
    return [
        normalized_preset(preset.values) for path in find_banks(paths) for preset in read_bank(path, names)
    ]


def write_bank(path: Path, presets: Sequence[BankPreset]) -> None:
    """Write a bank that amsynth opens; `read_bank` reads it back."""
    lines = [_HEADER]
    for preset in presets:
        lines.append(f"<preset> <name> {preset.name}")
        lines += [f"<parameter> {name} {value:.9g}" for name, value in preset.values.items()]
    write_atomically(path, "\n".join([*lines, _END]) + "\n")


def _known(name: str, known: Sequence[str] | None, where: str) -> str:
    if known is not None and name not in known:
        raise ConfigError(f"{where}: amsynth has no control '{name}'; the bank is of a newer version.")
    return name


def _value(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ConfigError(f"{where}: '{text[:20]}' is not a number.")
    return value
