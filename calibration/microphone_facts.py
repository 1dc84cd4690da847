"""What is known about each microphone: noise, level, gate, latency; and which one was used last.

Defaults stand in until something is measured (`python -m calibration.microphone`).
"""

import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from calibration.facts import read_facts, write_facts

__all__ = ["MicrophoneFacts", "known_microphone", "last_microphone", "remember_microphone", "save_microphone"]

_KIND, _CHOICE, _LAST = "microphone", "chosen", "microphone"


@dataclass(frozen=True, kw_only=True)
class MicrophoneFacts:
    """What is known about a microphone. Levels are dB of full scale, root mean square of 20 ms.

    Attributes:
        noise_db: Level of the quiet room.
        gate_db: Level above which a voice counts as heard.
        level_db: Level of a voice, or None if nobody sang.
        loop_ms: Delay from loudspeaker to microphone, or None if that was not measured.
    """

    noise_db: float = -60.0
    gate_db: float = -45.0
    level_db: float | None = None
    loop_ms: float | None = None


def known_microphone(name: str, folder: Path | None = None) -> MicrophoneFacts:
    """Return what is known about a microphone; defaults if nothing is, or nothing plausible."""
    found = read_facts(_KIND, name, folder) or {}
    values = {
        field.name: float(value)
        for field in fields(MicrophoneFacts)
        if isinstance(value := found.get(field.name), int | float) and math.isfinite(value)
    }
    facts = MicrophoneFacts(**values)
    return facts if -120.0 <= facts.gate_db <= 0.0 else MicrophoneFacts()


def save_microphone(name: str, facts: MicrophoneFacts, folder: Path | None = None) -> Path:
    """Save what is known about a microphone.

    Raises:
        ConfigError: The folder cannot be written.
    """
    return write_facts(_KIND, name, asdict(facts), folder)


def last_microphone(folder: Path | None = None) -> str:
    """Return the name of the microphone used last, or an empty string."""
    return str((read_facts(_CHOICE, _LAST, folder) or {}).get("name", ""))


def remember_microphone(name: str, folder: Path | None = None) -> None:
    """Save which microphone was used last.

    Raises:
        ConfigError: The folder cannot be written.
    """
    if last_microphone(folder) != name:
        write_facts(_CHOICE, _LAST, {"name": name}, folder)
