"""What the server, the microphone process and the answer process send to each other.

Orders are imperatives, reports are what has happened. Each carries the number of the take it belongs to, so
that outdated ones are known as such. Audio goes as bare bytes: the server forwards it without looking.
"""

import pickle
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sketching.candidate import Candidate

__all__ = [
    "QUIT",
    "AnswerFile",
    "AudioBlock",
    "CandidatesFound",
    "ChooseMicrophone",
    "CloseMicrophone",
    "ExportTake",
    "FromAnswerProcess",
    "FromMicrophoneProcess",
    "LevelMeasured",
    "MicrophoneOpened",
    "MicrophonesListed",
    "OpenMicrophone",
    "PitchMeasured",
    "PrepareTake",
    "ProcessEnded",
    "ProcessName",
    "Report",
    "SoundCoded",
    "StatusReported",
    "TakeBegun",
    "TakeEnded",
    "TakeExported",
    "TakeFailed",
    "TakeProgressed",
    "TakeReport",
    "ToAnswerProcess",
    "ToMicrophoneProcess",
    "VoiceFollowed",
    "is_audio",
    "pack",
    "unpack",
]

_MESSAGE, _AUDIO = b"M", b"A"
QUIT = b"Q"  # to either process: end

ProcessName = Literal["microphone", "answer"]


# -- to the microphone process


@dataclass(frozen=True, kw_only=True)
class OpenMicrophone:
    """Open the microphone.

    Attributes:
        take_number: Of the take that begins.
        microphone: Name, part of it, or number, and perhaps `:CHANNEL`; empty for the one used last, else
            the system's.
        model: Folder of the model that answers; passed on to the answer process.
        following: Whether the voice is followed; else it is recorded.
        refine_seconds: How long answers are refined afterwards.
    """

    take_number: int
    microphone: str
    model: str
    following: bool
    refine_seconds: float


@dataclass(frozen=True)
class ChooseMicrophone:
    """List the microphones, and choose one for the takes that follow.

    Attributes:
        microphone: As in `OpenMicrophone`; None to choose none.
    """

    microphone: str | None = None


@dataclass(frozen=True)
class CloseMicrophone:
    """The take is over; `keep` tells whether it is to be answered."""

    take_number: int
    keep: bool


# -- from the microphone process to the answer process, through the server


@dataclass(frozen=True, kw_only=True)
class TakeBegun:
    """Audio of a take follows, mono float32.

    Attributes:
        take_number, model, following, refine_seconds: As in `OpenMicrophone`.
        sample_rate: Hz.
        gate_db: Level of 20 ms above which somebody is heard, dB of full scale.
    """

    take_number: int
    model: str
    following: bool
    refine_seconds: float
    sample_rate: int
    gate_db: float


@dataclass(frozen=True)
class AudioBlock:
    """Samples of the take that began last, mono float32 `(n,)`."""

    block: np.ndarray


@dataclass(frozen=True)
class TakeEnded:
    """There is no more audio of this take; `keep` tells whether it is to be answered."""

    take_number: int
    keep: bool


# -- to the answer process


@dataclass(frozen=True)
class PrepareTake:
    """Drop everything before this take; `warm` asks for the model to be ready to answer."""

    take_number: int
    model: str
    warm: bool


@dataclass(frozen=True, kw_only=True)
class AnswerFile:
    """Answer a sound file.

    Attributes:
        take_number: Of the take that begins.
        model: Folder of the model that answers.
        path: The file.
        seconds: How much of it counts; 0 for all.
        delete: Whether the file is deleted once it has been read.
        refine_seconds: How long answers are refined.
    """

    take_number: int
    model: str
    path: str
    seconds: float
    delete: bool
    refine_seconds: float


@dataclass(frozen=True)
class ExportTake:
    """Write the sound of this take to a file, for a client that wants to hear it."""

    take_number: int
    path: str


# -- from the microphone process to the server


@dataclass(frozen=True)
class MicrophoneOpened:
    """The microphone of this name is open.

    Attributes:
        take_number: Of the take that begins.
        name: As the system shows it.
        n_channels: How many inputs it has.
        channel: The one that was chosen, counted from 1; 0 for whichever is live.
    """

    take_number: int
    name: str
    n_channels: int = 1
    channel: int = 0


@dataclass(frozen=True)
class MicrophonesListed:
    """The microphones that are plugged in.

    Attributes:
        inputs: Name and number of inputs of each.
        choice: What is used next, `NAME` or `NAME:CHANNEL`; empty if there is none.
        error: Why the choice that was asked for could not be made.
    """

    inputs: tuple[tuple[str, int], ...]
    choice: str
    error: str = ""


@dataclass(frozen=True)
class LevelMeasured:
    """The loudest sample of the last tenth of a second, dB of full scale."""

    take_number: int
    db: float


# -- from the answer process to the server


@dataclass(frozen=True)
class TakeProgressed:
    """How far a take is: a word of `/flow/sketch/state`, and its progress, 0 to 1."""

    take_number: int
    word: str
    progress: float


@dataclass(frozen=True)
class PitchMeasured:
    """The MIDI note to play, and how many cents the pitch lies above it."""

    take_number: int
    note: int
    cents: float


@dataclass(frozen=True)
class CandidatesFound:
    """Patches that answer a take, best first; `first` marks the first answer, later ones are refined."""

    take_number: int
    candidates: tuple[Candidate, ...]
    first: bool


@dataclass(frozen=True)
class SoundCoded:
    """The code of the sound itself, as `library.codes` makes it of presets."""

    take_number: int
    code: np.ndarray


@dataclass(frozen=True)
class VoiceFollowed:
    """The normalized patch `(P,)` that the followed voice has come to."""

    take_number: int
    patch: np.ndarray


@dataclass(frozen=True)
class TakeExported:
    """The sound of a take lies in the sketch folder under this name, or why it does not."""

    take_number: int
    name: str
    error: str = ""


# -- from either process to the server


@dataclass(frozen=True)
class StatusReported:
    """A sentence worth showing to players."""

    take_number: int
    text: str


@dataclass(frozen=True)
class TakeFailed:
    """The take came to nothing; the text says what to do."""

    take_number: int
    text: str


@dataclass(frozen=True)
class ProcessEnded:
    """A process has ended unasked, as the server noticed; the text says what to do."""

    process: ProcessName
    text: str


_TakeAudio = TakeBegun | AudioBlock | TakeEnded
ToMicrophoneProcess = OpenMicrophone | CloseMicrophone | ChooseMicrophone
ToAnswerProcess = PrepareTake | AnswerFile | ExportTake | _TakeAudio
FromMicrophoneProcess = (
    MicrophoneOpened | MicrophonesListed | LevelMeasured | StatusReported | TakeFailed | _TakeAudio
)
FromAnswerProcess = (
    TakeProgressed
    | PitchMeasured
    | CandidatesFound
    | SoundCoded
    | VoiceFollowed
    | TakeExported
    | StatusReported
    | TakeFailed
)
# What a take makes of it depends on its phase.
TakeReport = (
    MicrophoneOpened
    | LevelMeasured
    | TakeProgressed
    | PitchMeasured
    | CandidatesFound
    | SoundCoded
    | VoiceFollowed
    | StatusReported
)
Report = TakeReport | TakeFailed | TakeExported | MicrophonesListed | ProcessEnded


def pack(
    message: ToMicrophoneProcess | ToAnswerProcess | FromMicrophoneProcess | FromAnswerProcess,
) -> bytes:
    """Turn a message into bytes; only for a pipe between processes of our own."""
    if isinstance(message, AudioBlock):
        return _AUDIO + message.block.astype(np.float32).tobytes()
    return _MESSAGE + pickle.dumps(message)


def is_audio(raw: bytes) -> bool:
    """Whether these bytes are an `AudioBlock`."""
    return raw[:1] == _AUDIO


def unpack(raw: bytes) -> Any:
    """Turn bytes into the message again; its kind is one of those that the pipe carries in this direction."""
    if is_audio(raw):
        return AudioBlock(np.frombuffer(raw, np.float32, offset=1))
    return pickle.loads(raw[1:])
