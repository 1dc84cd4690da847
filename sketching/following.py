"""Following a voice while it sounds: its timbre at the last moment, as a note that a model knows.

A model hears whole notes. The present sound is therefore taken for a held note: the spectrum of the last
moment in every frame up to the release, then silence.
"""

from collections.abc import Callable

import numpy as np

from core.loudness import momentary_loudness
from core.mel import MelConfig, mel_filters, power_spectrogram
from core.sound_file import resample
from synths.engine import Note

__all__ = ["STEP_SECONDS", "VoiceFollower", "VoiceGate", "held_note"]

STEP_SECONDS = 0.04  # between two patches: 25 a second
_WINDOW_SECONDS = 0.14  # of sound that a patch answers to: three of the mel's windows
_SMOOTH_SECONDS = 0.06  # time in which a patch moves two thirds of the way to the next
_GATE_SECONDS = 0.02
_HYSTERESIS_DB = 6.0
_HOLD_SECONDS = 0.12  # a gap between two syllables does not end a sound
_RELEASE_DB_PER_S = 120.0
_LOUDNESS_SECONDS = 0.4  # what loudness is measured over
_MOST_GAIN_DB = 60.0


class VoiceGate:
    """Detects a voice: it opens above a level, and closes some time after the level has fallen below it.

    Args:
        sample_rate: Hz.
        open_db: Level of 20 ms at which it opens, dB of full scale.
    """

    def __init__(self, sample_rate: int, open_db: float) -> None:
        self._n = max(1, round(_GATE_SECONDS * sample_rate))
        self._hold = round(_HOLD_SECONDS / _GATE_SECONDS)
        self._high = 10.0 ** (open_db / 10.0)
        self._low = 10.0 ** ((open_db - _HYSTERESIS_DB) / 10.0)
        self._rest = np.zeros(0, np.float32)
        self._below = 0
        self.is_open = False

    def push(self, block: np.ndarray) -> int | None:
        """Process the next samples.

        Returns:
            How many samples before the end of the block the gate opened, if it did.
        """
        audio = np.concatenate([self._rest, block])
        opened: int | None = None
        whole = len(audio) // self._n * self._n
        for k, power in enumerate((audio[:whole].reshape(-1, self._n) ** 2).mean(axis=1)):
            self._below = 0 if power >= self._low else self._below + 1
            if not self.is_open and power >= self._high:
                self.is_open, opened = True, len(audio) - k * self._n
            elif self.is_open and self._below > self._hold:
                self.is_open, opened = False, None
        self._rest = audio[whole:]
        return opened


def held_note(audio: np.ndarray, mel: MelConfig, note: Note, target_lufs: float) -> np.ndarray:
    """Return the log-mel `(n_mels, n_frames)` of a note that sounds throughout as these samples do.

    Args:
        audio: Mono, `(n_samples,)` at the mel's rate, at least one window.
        mel: How the model hears.
        note: Its release, `held_seconds`, is the end of the sound.
        target_lufs: Loudness that the model was trained at.
    """
    loud = momentary_loudness(np.resize(audio, round(_LOUDNESS_SECONDS * mel.sample_rate)), mel.sample_rate)
    audio = audio * 10.0 ** (min(target_lufs - loud, _MOST_GAIN_DB) / 20.0)
    n, hop = mel.n_fft, mel.hop_samples // 2
    padded = power_spectrogram(audio, n, hop)
    inner = padded[:, n // 2 // hop : padded.shape[1] - n // 2 // hop]  # windows that lie within
    power = mel_filters(mel) @ inner.mean(axis=1)
    seconds = np.arange(mel.n_frames) * mel.hop_samples / mel.sample_rate
    after = np.maximum(seconds - note.held_seconds, 0.0)
    gain = 10.0 ** (-_RELEASE_DB_PER_S * after / 10.0)
    gain[0] = 0.5  # half of the first window lies before the note
    return np.log(power[:, None] * gain[None, :] + mel.floor).astype(np.float32)


class VoiceFollower:
    """Turns the samples of a voice into patches, 25 a second while it sounds; the last one is held.

    Args:
        sample_rate: Of the samples, Hz.
        gate_db: See `VoiceGate`.
        answer: Returns the patch `(P,)` for a log-mel, in a few milliseconds.
        mel: How the model hears.
        note: The note it was trained on.
        target_lufs: Loudness that it was trained at.
    """

    def __init__(
        self,
        sample_rate: int,
        gate_db: float,
        answer: Callable[[np.ndarray], np.ndarray],
        *,
        mel: MelConfig,
        note: Note,
        target_lufs: float,
    ) -> None:
        self._rate, self._answer = sample_rate, answer
        self._mel, self._note, self._target_lufs = mel, note, target_lufs
        self._gate = VoiceGate(sample_rate, gate_db)
        self._recent = np.zeros(0, np.float32)
        self._n_recent = round(_WINDOW_SECONDS * sample_rate)
        self._n_least = -(-mel.n_fft * sample_rate // mel.sample_rate) + 1
        self._step = round(STEP_SECONDS * sample_rate)
        self._since = self._step
        self._patch: np.ndarray | None = None

    @property
    def recent(self) -> np.ndarray:
        """Samples of the last moment, since the sound began."""
        return self._recent

    def push(self, block: np.ndarray) -> np.ndarray | None:
        """Process the next samples, `(n,)`.

        Returns:
            A patch `(P,)` if it is time for one.
        """
        opened = self._gate.push(block)
        recent = np.concatenate([self._recent, block])
        if opened is not None:  # what came before must neither colour the patch nor be smoothed into it
            recent, self._patch, self._since = recent[-opened:], None, self._step
        self._recent = recent[-self._n_recent :]
        if not self._gate.is_open:
            return None
        self._since += len(block)
        if self._since < self._step or len(self._recent) < self._n_least:
            return None
        self._since = min(self._since - self._step, self._step)
        return self._next()

    def _next(self) -> np.ndarray:
        audio = resample(self._recent, self._rate, self._mel.sample_rate)
        answer = self._answer(held_note(audio, self._mel, self._note, self._target_lufs))
        if self._patch is None:
            self._patch = answer
        else:
            share = 1.0 - np.exp(-STEP_SECONDS / _SMOOTH_SECONDS)
            self._patch = (self._patch + share * (answer - self._patch)).astype(np.float32)
        return self._patch
