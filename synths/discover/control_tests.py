"""What one move of a control does to the sound: timbre, loudness, pitch; and what its name says of it."""

import re
from dataclasses import dataclass

import numpy as np

from core.distances import log_mel_distance
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from core.ruler.pitch_error import PitchCurve, pitch_curve, pitch_difference

__all__ = ["Heard", "Move", "hear", "move_between", "named_reason"]

_MEL = MelConfig(n_frames=32)
_EQUAL_LUFS = -24.0
_SILENT_LUFS = -70.0

# What a single note does not tell, and what is better left to the player's hands.
_NAMES = (
    (r"\bbypass\b|\bmute\b|\bpower\b|\bpanic\b", "it switches sound off"),
    (r"\bmidi\b|\blearn\b", "it decides what MIDI does"),
    (
        r"\bpoly(phony)?\b|\bmono\b|\blegato\b|\bvoice (count|limit|mode)|\bkeyboard mode\b",
        "one note does not show it",
    ),
    (r"\bportamento\b|\bglide\b|\bslide\b", "one note does not show it"),
    (
        r"\bvel(ocity)?\b|\baftertouch\b|\bpressure\b|\bmpe\b|\bkey(board)? ?track|\bkbd track\b",
        "it answers to how one plays",
    ),
    (
        r"\bpitch ?(bend|wheel)\b|\bbend range\b|\bmod(ulation)? ?wheel\b|\bsustain pedal\b",
        "it belongs to the player's hands",
    ),
    (
        r"\b(master|main|global) ?(tune|tuning|pitch)\b|\btuning\b|\btranspos\w*|\bmicrotun\w*",
        "it tunes the synth",
    ),
    (r"\bprograms?\b|\bpresets?\b|\bbank\b", "it chooses a program"),
    (
        r"\boversampling\b|\bquality\b|\blatency\b|\bgui\b|\bskin\b|\bzoom\b|\bseed\b",
        "it is no part of the sound",
    ),
)


@dataclass(frozen=True)
class Heard:
    """A sound as far as it is compared.

    Attributes:
        mono: The audio.
        mel: Its log-mel at equal loudness.
        lufs: How loud it was.
        sample_rate: Of the audio, Hz.
    """

    mono: np.ndarray
    mel: np.ndarray
    lufs: float
    sample_rate: int

    def pitch(self) -> PitchCurve:
        """Track its pitch."""
        return pitch_curve(self.mono, self.sample_rate)


@dataclass(frozen=True)
class Move:
    """What a control did as it was moved to a value.

    Attributes:
        value: Normalized.
        heard: Whether anything sounded.
        change_db: Change of the log-mel at equal loudness, less what two renders of one patch differ by.
        louder_db: Change of loudness.
        cents: Change of pitch; nan where it was not asked for or there is none.
    """

    value: float
    heard: bool
    change_db: float = 0.0
    louder_db: float = -np.inf
    cents: float = float("nan")


def hear(audio: np.ndarray, sample_rate: int) -> Heard | None:
    """Return a stereo sound as it is compared, or None for silence."""
    mono = audio.mean(axis=0)
    lufs = momentary_loudness(mono, sample_rate)
    if lufs < _SILENT_LUFS:
        return None
    mel = log_mel(mono * 10.0 ** ((_EQUAL_LUFS - lufs) / 20.0), _MEL)
    return Heard(mono, mel, lufs, sample_rate)


def move_between(
    before: Heard, after: Heard | None, value: float, floor_db: float, pitch: PitchCurve | None = None
) -> Move:
    """Compare a sound with what it was before a control was moved.

    Args:
        before: The sound.
        after: What it became; None for silence.
        value: To which the control was moved.
        floor_db: By how much two renders of one patch differ.
        pitch: That of the sound before, to be compared as well.
    """
    if after is None:
        return Move(value, heard=False)
    return Move(
        value,
        heard=True,
        change_db=max(0.0, log_mel_distance(before.mel, after.mel) - 2.0 * floor_db),
        louder_db=after.lufs - before.lufs,
        cents=float("nan") if pitch is None else pitch_difference(pitch, after.pitch()),
    )


def named_reason(name: str) -> str | None:
    """Return why a control of this name is left alone, or None.

    >>> named_reason("keyboard_mode")
    'one note does not show it'
    >>> named_reason("Filter Cutoff")
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", name).lower()
    return next((reason for pattern, reason in _NAMES if re.search(pattern, words)), None)
