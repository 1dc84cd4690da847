"""What the server's messages say, one class for each kind."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = [
    "Binding",
    "Candidate",
    "CommandBinding",
    "Curve",
    "Health",
    "Heard",
    "Instrument",
    "KnownMacro",
    "LibraryPreset",
    "LibraryState",
    "Microphone",
    "Notice",
    "PresetItem",
    "Said",
    "Sound",
    "Stream",
    "Topic",
    "Welcome",
]

Topic = Literal[
    "welcome",
    "pong",
    "params",
    "macros",
    "latent",
    "place",
    "names",
    "vocabulary",
    "own",
    "said",
    "presets",
    "presets_gone",
    "preset_patch",
    "library",
    "library_state",
    "alike",
    "models",
    "clients",
    "instruments",
    "frozen",
    "path",
    "notices",
    "curves",
    "health",
    "sketch",
    "another_sketch",
    "following",
    "exported_take",
    "microphones",
    "gestures",
    "learning",
    "bindings",
    "binding",
    "heard",
    "commands",
    "sound",
    "stream",
    "can",
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
class Microphone:
    """One of the server's microphones; see `/flow/sketch/microphone`."""

    name: str
    n_inputs: int
    chosen: int

    @property
    def choices(self) -> dict[str, str]:
        """What chooses it or one of its inputs, and what people read of that."""
        if self.n_inputs == 1:
            return {self.name: self.name}
        inputs = {f"{self.name}:{k + 1}": f"{self.name}, input {k + 1}" for k in range(self.n_inputs)}
        return {self.name: f"{self.name}, whichever input is live", **inputs}

    @property
    def choice(self) -> str:
        """Which of these is made; empty if another microphone is chosen."""
        if self.chosen < 0:
            return ""
        return f"{self.name}:{self.chosen}" if self.chosen else self.name


@dataclass(frozen=True)
class LibraryState:
    """How far the hearing of people's own presets is; see `/flow/library/state`."""

    state: str = "off"
    n_done: int = 0
    n_total: int = 0
    n_left_out: int = 0


class LibraryPreset(NamedTuple):
    """One of people's own presets; see `/flow/library/preset`."""

    name: str
    author: str
    style: str
    x: float
    y: float
    repeat_db: float


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
class Heard:
    """A control that is heard while something waits for one; see `/flow/heard`."""

    control: str
    kind: str
    travel: float


@dataclass(frozen=True)
class CommandBinding:
    """A control that gives a command or loads a preset; see `/flow/command`."""

    command: str
    control: str
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
class KnownMacro:
    """A macro of the vocabulary; see `/flow/macro/known`.

    Attributes:
        name: As the player calls it.
        dial: That it is on; -1 for none.
        is_own: Whether the player made it.
    """

    name: str
    dial: int
    is_own: bool


@dataclass(frozen=True)
class Said:
    """What was made of a sentence; see `/flow/said`."""

    sentence: str
    understood: str
    unknown: str
    impossible: str


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
