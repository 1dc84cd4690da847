"""What a check reports: faults, advice for our own devices, and what it could not judge."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Level", "advice"]


class Level(StrEnum):
    """How much a finding weighs."""

    FAULT = "fault"  # Max would complain, drop something or not open it: never a matter of taste
    HOUSE = "house"  # our own rules, which a good device of somebody else's may break
    NOTE = "note"  # nothing is wrong, but something was not judged


@dataclass(frozen=True)
class Finding:
    """One thing to report.

    Attributes:
        level: How much it weighs.
        kind: What it is counted as, such as `cord`.
        where: The box with the path of its patcher, such as `obj-9::obj-2`, or a file; empty: the device.
        text: What is wrong, and what to do.
    """

    level: Level
    kind: str
    where: str
    text: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.level}: {place}{self.text}"


def advice(kind: str, texts: Iterable[str]) -> list[Finding]:
    """Return our house's advice, each text with its place in front."""
    return [Finding(Level.HOUSE, kind, "", text) for text in texts]
