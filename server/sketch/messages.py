"""What the server, the process that hears (ear) and the process that answers (mind) say to each other.

Each message carries the number of the take it belongs to, so that what is outdated is known as such.
Audio goes as bare bytes: the server hands it on without looking.
"""

import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "CandidatesFound",
    "AudioBlock",
    "TakeBegun",
    "TakeEnded",
    "ProcessEnded",
    "TakeFailed",
    "AnswerFile",
    "ExportTake",
    "TakeExported",
    "LevelMeasured",
    "OpenMicrophone",
    "VoiceFollowed",
    "MicrophoneOpened",
    "PitchMeasured",
    "CloseMicrophone",
    "StatusReported",
    "TakeProgressed",
    "PrepareTake",
    "pack",
    "unpack",
]

_MESSAGE, _AUDIO = b"M", b"A"


@dataclass(frozen=True, kw_only=True)
class OpenMicrophone:
    """To the ear: open the microphone.

    Attributes:
        take_number: Of the take.
        microphone: Name, part of it, or number; empty for the one used last, else the system's.
        model: Folder of the model that answers; handed on to the mind.
        following: Whether the voice is followed; else it is recorded.
        refine_seconds: How long answers are made better afterwards.
    """

    take_number: int
    microphone: str
    model: str
    following: bool
    refine_seconds: float


@dataclass(frozen=True)
class CloseMicrophone:
    """To the ear: the take is over; `keep` says whether it is to be answered."""

    take_number: int
    keep: bool


@dataclass(frozen=True, kw_only=True)
class TakeBegun:
    """From the ear to the mind, through the server: audio of a take follows, mono float32.

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
    """A block of audio of the take that began last."""

    block: np.ndarray


@dataclass(frozen=True)
class TakeEnded:
    """From the ear to the mind: no more audio of that take; `keep` says whether it is to be answered."""

    take_number: int
    keep: bool


@dataclass(frozen=True, kw_only=True)
class AnswerFile:
    """To the mind: answer a sound file.

    Attributes:
        take_number: Of the take.
        model: Folder of the model that answers.
        path: The file.
        seconds: How much of it counts; 0 for all.
        delete: Whether the file is deleted once it was read.
        refine_seconds: How long answers are made better.
    """

    take_number: int
    model: str
    path: str
    seconds: float
    delete: bool
    refine_seconds: float


@dataclass(frozen=True)
class PrepareTake:
    """To the mind: everything before this take is outdated; `warm` says to have the model ready to answer."""

    take_number: int
    model: str
    warm: bool


@dataclass(frozen=True)
class ExportTake:
    """To the mind: write the sound of this take to a file, for somebody who wants to hear it."""

    take_number: int
    path: str


@dataclass(frozen=True)
class TakeExported:
    """From the mind: the sound of a take lies in the sketch folder under this name, or why it does not."""

    take_number: int
    name: str
    error: str = ""


@dataclass(frozen=True)
class MicrophoneOpened:
    """From the ear: the microphone listens."""

    take_number: int
    name: str


@dataclass(frozen=True)
class LevelMeasured:
    """From the ear: the loudest sample of the last tenth of a second, dB of full scale."""

    take_number: int
    db: float


@dataclass(frozen=True)
class TakeProgressed:
    """From the mind: where a take is, by a word of `/flow/sketch/state`, and how far."""

    take_number: int
    word: str
    progress: float


@dataclass(frozen=True)
class PitchMeasured:
    """From the mind: note to play, and how far the pitch lies above it."""

    take_number: int
    note: int
    cents: float


@dataclass(frozen=True)
class CandidatesFound:
    """From the mind: patches, best first, each with closeness and label; `first` is the first lot."""

    take_number: int
    candidates: tuple[tuple[np.ndarray, float, str], ...]
    first: bool


@dataclass(frozen=True)
class VoiceFollowed:
    """From the mind: the voice that is followed is at this patch now."""

    take_number: int
    patch: np.ndarray


@dataclass(frozen=True)
class StatusReported:
    """From either: something worth showing."""

    take_number: int
    text: str


@dataclass(frozen=True)
class TakeFailed:
    """From either: the take came to nothing; the text says what to do."""

    take_number: int
    text: str


@dataclass(frozen=True)
class ProcessEnded:
    """From the server itself: the process is no more; the text says what to do."""

    who: str
    text: str


def pack(message: Any) -> bytes:
    """Turn a message into bytes; only for a pipe between processes of our own."""
    if isinstance(message, AudioBlock):
        return _AUDIO + message.block.astype(np.float32).tobytes()
    return _MESSAGE + pickle.dumps(message)


def unpack(raw: bytes) -> Any:
    """Turn bytes into the message again."""
    if raw[:1] == _AUDIO:
        return AudioBlock(np.frombuffer(raw, np.float32, offset=1))
    return pickle.loads(raw[1:])
