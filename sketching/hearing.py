"""Hearing: a recording becomes the mel that a model hears and the note that an answer is played at."""

from dataclasses import dataclass

import numpy as np

from core.errors import SoundError
from core.mel import MelConfig, log_mel
from core.onset import cut_to_note, find_onset
from core.pitch import HeardNote, PitchTrack, PitchTracker, note_of
from core.sound_file import resample
from core.swift_tracker import SwiftTracker
from synths.engine import Note

__all__ = ["SHORTEST_SECONDS", "HeardSound", "hear_recording"]

SHORTEST_SECONDS = 0.03  # anything shorter is a click of the switch
_SHORT_SECONDS = 0.25  # anything shorter is answered with a warning
_PITCH_SECONDS = 0.05  # anything shorter lacks two periods of the lowest note
_STREAMED_PEAK = 0.02  # anything quieter is better amplified before its pitch is tracked
_FULL_SCALE = 0.999
_CLIPPED_SHARE = 1e-3  # of the samples; a single overshoot is not heard
_QUIETEST_DB = -100.0


@dataclass(frozen=True, eq=False)
class HeardSound:
    """A sound as a model hears it.

    Attributes:
        audio: From its onset, as long as the model's note and as loud as its training sounds, float32
            `(n_samples,)` at the model's sample rate.
        mel: Its log-mel, `(n_mels, n_frames)`.
        note: MIDI note to play an answer at; the model's own, 60, if there is no pitch.
        cents: How far the pitch is above that note; 0 if there is none.
        pitched: Whether it has a pitch.
        glides: Whether the pitch glides, so that the note is the middle of its range.
        confidence: Share of the sounding time at that note, within a semitone, 0 to 1.
        pitch_hz: Pitch at each frame of the mel, nan if there is none, `(n_frames,)`.
        loudness: Level at each frame of the mel, dB of full scale, `(n_frames,)`.
        seconds: How long the recording sounds after its onset, even if that is longer than the note.
        begins: Time of its onset, seconds from the beginning of the recording.
        warnings: Sentences that a singer should read; usually none.
    """

    audio: np.ndarray
    mel: np.ndarray
    note: int
    cents: float
    pitched: bool
    glides: bool
    confidence: float
    pitch_hz: np.ndarray
    loudness: np.ndarray
    seconds: float
    begins: float = 0.0
    warnings: tuple[str, ...] = ()


def hear_recording(
    audio: np.ndarray,
    sample_rate: int,
    *,
    mel: MelConfig | None = None,
    trained_note: Note | None = None,
    target_lufs: float = -24.0,
    tracker: PitchTracker | None = None,
    track: PitchTrack | None = None,
) -> HeardSound:
    """Return a recording as a model hears it: onset, level, pitch, mel; always the same for the same one.

    Args:
        audio: Mono, `(n_samples,)`.
        sample_rate: Hz.
        mel: How the model hears; by default `MelConfig()`.
        trained_note: The note that the model was trained on.
        target_lufs: Loudness that it was trained at.
        tracker: Tracks the pitch; SwiftF0 by default.
        track: Pitch of the whole recording, if it was tracked while recording.

    Raises:
        SoundError: It is empty, not finite, silent or too short.
    """
    mel, trained_note = mel or MelConfig(), trained_note or Note()
    audio = np.asarray(audio, np.float32)
    if not len(audio):
        raise SoundError("it is empty; record it again.")
    if not np.isfinite(audio).all():
        raise SoundError("it contains values that are not finite; record it again.")
    rate = mel.sample_rate
    sound = resample(audio, sample_rate, rate)
    cut = cut_to_note(
        sound,
        rate,
        seconds=trained_note.seconds,
        held_seconds=trained_note.held_seconds,
        target_lufs=target_lufs,
    )
    onset = find_onset(sound, rate)
    sound = sound[onset:]
    seconds = _sounding_seconds(sound, rate)
    if seconds < SHORTEST_SECONDS:
        raise SoundError("it is too short; hold the button while you sing.")
    begin = sound[: len(cut)]
    if track is None or float(np.abs(audio).max()) < _STREAMED_PEAK:
        track = _follow(begin, rate, tracker)
    else:
        track = _part(track, onset / rate, len(begin) / rate)
    heard = note_of(track, begin, rate)
    frame_seconds = np.arange(mel.n_frames) * mel.hop_samples / rate
    return HeardSound(
        audio=cut,
        mel=log_mel(cut, mel),
        note=trained_note.note if heard.note is None else min(max(heard.note, 0), 127),
        cents=heard.cents,
        pitched=heard.note is not None,
        glides=heard.glides,
        confidence=heard.confidence,
        pitch_hz=_at(frame_seconds, track),
        loudness=_loudness(cut, mel),
        seconds=seconds,
        begins=onset / rate,
        warnings=tuple(_warnings(audio, seconds, heard, trained_note)),
    )


def _follow(audio: np.ndarray, sample_rate: int, tracker: PitchTracker | None) -> PitchTrack:
    if len(audio) < _PITCH_SECONDS * sample_rate:
        nothing = np.zeros(0)
        return PitchTrack(nothing, nothing, nothing)
    return (tracker or SwiftTracker()).track(audio, sample_rate)


def _part(track: PitchTrack, begin: float, seconds: float) -> PitchTrack:
    """Return a part of a track, its times counted from where it begins."""
    inside = (track.seconds >= begin) & (track.seconds < begin + seconds)
    return PitchTrack(track.seconds[inside] - begin, track.hz[inside], track.confidence[inside])


def _sounding_seconds(sound: np.ndarray, sample_rate: int) -> float:
    """Return the time up to the last moment within 40 dB of the loudest: the onset of the reversed sound."""
    return (len(sound) - find_onset(sound[::-1], sample_rate)) / sample_rate


def _at(seconds: np.ndarray, track: PitchTrack) -> np.ndarray:
    """Return the pitch at other times: that of the nearest frame, nan after the last."""
    if not len(track.seconds):
        return np.full(len(seconds), np.nan, np.float32)
    after = np.clip(np.searchsorted(track.seconds, seconds), 1, max(len(track.seconds) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(track.seconds) - 1)
    nearer = np.where(
        seconds - track.seconds[before] < track.seconds[after] - seconds, track.hz[before], track.hz[after]
    )
    step = track.seconds[1] - track.seconds[0] if len(track.seconds) > 1 else 0.0
    return np.where(seconds > track.seconds[-1] + step, np.nan, nearer).astype(np.float32)


def _loudness(audio: np.ndarray, mel: MelConfig) -> np.ndarray:
    """Return the RMS of one hop around each frame of the mel, dB."""
    half = mel.hop_samples // 2
    padded = np.pad(audio.astype(np.float64), (half, mel.n_frames * mel.hop_samples))
    frames = padded[: mel.n_frames * mel.hop_samples].reshape(mel.n_frames, mel.hop_samples)
    power = np.maximum((frames**2).mean(axis=1), 10.0 ** (_QUIETEST_DB / 10.0))
    return (10.0 * np.log10(power)).astype(np.float32)


def _warnings(audio: np.ndarray, seconds: float, heard: HeardNote, trained_note: Note) -> list[str]:
    said = []
    if float((np.abs(audio) >= _FULL_SCALE).mean()) > _CLIPPED_SHARE:
        said.append("it clips: turn the microphone's level down, or step back from it.")
    if seconds < _SHORT_SECONDS:
        said.append("it is very short: a longer sound tells more about what you mean.")
    if seconds > trained_note.seconds:
        said.append(f"only its first {trained_note.seconds:g} s count.")
    if heard.glides:
        said.append(f"its pitch glides, so it is played at note {heard.note}, the middle of its range.")
    if heard.note is None:
        said.append(f"it has no clear pitch, so it is played at note {trained_note.note}.")
    return said
