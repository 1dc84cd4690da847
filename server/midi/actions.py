"""What controllers ask of the loop."""

from dataclasses import dataclass

from server.midi.profile import Profile

__all__ = ["Action", "Go", "Load", "Say", "Store", "Turn"]


@dataclass(frozen=True, slots=True)
class Turn:
    """Turn macro `k` to a value."""

    k: int
    value: float


@dataclass(frozen=True, slots=True)
class Go:
    """Go to a place of the map of presets."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Load:
    """Load a preset."""

    name: str


@dataclass(frozen=True, slots=True)
class Say:
    """Tell every client."""

    text: str


@dataclass(frozen=True, slots=True)
class Store:
    """Write a profile, in the worker."""

    profile: Profile


Action = Turn | Go | Load | Say | Store
