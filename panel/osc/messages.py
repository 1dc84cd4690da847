"""What the server's messages say, one class for each kind."""

from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "Binding",
    "Candidate",
    "Curve",
    "Health",
    "Instrument",
    "Notice",
    "PresetItem",
    "Sound",
    "Stream",
    "Welcome",
]


@dataclass(frozen=True)
class Welcome:
    """Who the server is; see `/flow/welcome`."""

    nonce: int
    run: int
    protocol: int
    version: str
    model: str
    synth: str
    n_macros: int
    n_latent: int
    n_parameters: int
    sketches: str
    instrument: str = ""
    link: str = ""


class PresetItem(NamedTuple):
    """One preset of the map and its place; made faster than a dataclass, ten thousand in a second."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Curve:
    """What a macro does to one parameter or descriptor, at 50 positions of the dial."""

    kind: str
    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Candidate:
    """One answer to a sketch."""

    closeness: float
    label: str


@dataclass(frozen=True)
class Instrument:
    """One of the server's instruments; see `/flow/instrument`.

    Attributes:
        link: Identity of the instrument that its client plays instead; empty if it plays this one.
    """

    identity: str
    name: str
    is_alive: bool
    has_focus: bool
    link: str


@dataclass(frozen=True)
class Binding:
    """A control that moves a macro; see `/flow/binding`."""

    macro: int
    control: str
    takeover: str
    control_value: float
    engaged: bool
    instrument: str


@dataclass(frozen=True)
class Sound:
    """How the built-in instrument is; see `/flow/sound`."""

    state: str = "off"
    speakers: int = 0
    voices: int = 0
    gaps: int = 0
    late: int = 0
    volume: float = 0.8
    audition: int = 1
    text: str = ""


@dataclass(frozen=True)
class Stream:
    """Where the sound is heard; see `/flow/sound/stream`."""

    port: int
    token: str
    sample_rate: int


@dataclass(frozen=True)
class Health:
    """Latency and counters of the server; see `/flow/health`."""

    p50_ms: float = 0.0
    p99_ms: float = 0.0
    n_received: int = 0
    n_coalesced: int = 0
    n_refused: int = 0


@dataclass(frozen=True)
class Notice:
    """A line for players, from the server or from the panel itself.

    Attributes:
        serial: Grows by one with each notice.
        wrong: Whether it is an error.
        text: The line.
        at: When it came, by the monotonic clock, in seconds.
        address: Of an error of the server: the address of the message that was refused.
    """

    serial: int
    wrong: bool
    text: str
    at: float = 0.0
    address: str = ""
