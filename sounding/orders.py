"""What the sound process is told, and what it reports."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sounding.keyboard import Key

__all__ = [
    "AddSpace",
    "Bend",
    "Leave",
    "Order",
    "Panic",
    "Pedal",
    "Press",
    "Release",
    "SetPatch",
    "SetVolume",
    "SoundEnded",
    "SoundOptions",
    "SoundReport",
    "SoundState",
]

SoundState = Literal["starting", "on", "failed"]


@dataclass(frozen=True, kw_only=True)
class SoundOptions:
    """How the sound process is started.

    Attributes:
        space: Number 0 of those that patches belong to, as `ParameterSpace.to_dict` has it.
        speakers: Whether it plays through the default output of this computer.
        plugin: Path of a plug-in that plays instead of the engine; empty for none.
    """

    space: dict[str, Any]
    speakers: bool
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A key goes down."""

    key: Key
    velocity: int


@dataclass(frozen=True, slots=True)
class Release:
    """A key goes up, on whatever instrument it sounds."""

    source: str
    note: int


@dataclass(frozen=True, slots=True)
class Pedal:
    """The sustain pedal of one who plays moves."""

    source: str
    on: bool


@dataclass(frozen=True, slots=True)
class Bend:
    """The pitch of all that somebody plays is bent."""

    source: str
    semitones: float


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody plays no more."""

    source: str


@dataclass(frozen=True, slots=True)
class Panic:
    """Everything is to end now."""


@dataclass(frozen=True, slots=True)
class SetVolume:
    """The volume, 0 to 1."""

    volume: float


@dataclass(frozen=True, slots=True, eq=False)
class SetPatch:
    """The patch `(P,)` of an instrument, and the number of its space."""

    instrument: int
    patch: np.ndarray
    space: int = 0


@dataclass(frozen=True, slots=True)
class AddSpace:
    """Patches of another space follow, under this number; `space` is as `ParameterSpace.to_dict` has it."""

    number: int
    space: dict[str, Any]


Order = Press | Release | Pedal | Bend | Leave | Panic | SetVolume | SetPatch | AddSpace


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundReport:
    """How the sound is.

    Attributes:
        state: Whether it can be played.
        text: Why not, and what to do; empty where it can.
        n_voices: Notes that sound.
        n_gaps: Times that the speakers ran dry.
        n_late: Times that a note had to repeat itself because a render came late.
        n_stolen: Notes that ended to make room.
        port: TCP port of the stream on this computer; 0 while there is none.
        token: That lets one listen to it.
        sample_rate: Of the stream, Hz.
    """

    state: SoundState = "starting"
    text: str = ""
    n_voices: int = 0
    n_gaps: int = 0
    n_late: int = 0
    n_stolen: int = 0
    port: int = 0
    token: str = ""
    sample_rate: int = 0


@dataclass(frozen=True, slots=True)
class SoundEnded:
    """The sound process has ended, and nobody wanted it to.

    Attributes:
        was_frozen: Whether it gave no sign of life and was ended for that.
    """

    was_frozen: bool = False
