"""The instrument: keys and patches in, render jobs out, renders in, sound out. No process, no clock.

A note begins as a short render, which plays while longer ones of the same note are made. When its patch
moves, or its key is let go, it is rendered anew up to where it sounds and a little further, and crossfaded
at the same place. Time is counted in frames of the stream.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sounding.keyboard import Key, Keyboard
from sounding.master import Master
from sounding.mixer import Mixer
from sounding.piece import Piece
from sounding.playback import Playback
from sounding.voice import HELD, Rank, RenderJob, Voice, VoiceLengths

__all__ = ["MOST_VOICES", "Player"]

logger = logging.getLogger(__name__)

MOST_VOICES = 8
_EXTEND_S, _TURN_S, _RELEASE_S = 0.006, 0.04, 0.015  # crossfades: the same sound, another one, the release
_STOP_S = 0.012  # in which a voice ends that makes room for another
_SHORT_S = 1.1
_CHORD_S, _CHORD_WAIT_S = 0.015, 0.03  # keys this close begin together, if that delays none longer


class Player:
    """Plays notes on any number of instruments, each with a patch of its own.

    Args:
        sample_rate: Hz.
        n_renderers: How many render at the same time.
    """

    def __init__(self, sample_rate: int, n_renderers: int = 2) -> None:
        self.sample_rate = sample_rate
        self._n_renderers = n_renderers
        self.mixer = Mixer(sample_rate)
        self.keyboard = Keyboard()
        self.n_stolen = 0
        self._n_late = 0
        self._lengths = VoiceLengths.at(sample_rate)
        self._short = round(_SHORT_S * sample_rate)
        self._voices: dict[int, Voice] = {}
        self._serial = 0
        self._patches: dict[int, tuple[int, np.ndarray, int]] = {}  # with revision and space, by instrument
        self._revision = 0
        self._bends: dict[str, float] = {}

    # -- what is played

    @property
    def voices(self) -> list[Voice]:
        """Those that sound, or are about to, oldest first."""
        return list(self._voices.values())

    @property
    def n_voices(self) -> int:
        """How many notes sound, or are about to."""
        return len(self._voices)

    @property
    def master(self) -> Master:
        """Volume and limiter."""
        return self.mixer.master

    @property
    def n_late(self) -> int:
        """How often a voice had to loop because a render was not there in time."""
        return self._n_late + sum(v.playback.n_late for v in self._voices.values() if v.playback is not None)

    def press(self, key: Key, velocity: int) -> None:
        """Begin a note; the oldest ends where there are too many."""
        if key in self.keyboard.held:  # struck again
            self._end(key)
        self.keyboard.press(key)
        if key.instrument not in self._patches:
            return
        self._make_room()
        self._serial += 1
        self._voices[self._serial] = Voice(self._serial, key, velocity, self.mixer.n_frames, self._lengths)

    def release(self, source: str, note: int) -> None:
        """Let a key go; its note goes on while the pedal is down."""
        for key in self.keyboard.release(source, note):
            self._end(key)

    def pedal(self, source: str, on: bool) -> None:
        """Press or lift a sustain pedal."""
        for key in self.keyboard.pedal(source, on):
            self._end(key)

    def bend(self, source: str, semitones: float) -> None:
        """Bend the pitch of all that a source plays."""
        speed = self._bends[source] = 2.0 ** (semitones / 12.0)
        for voice in self._voices.values():
            if voice.key.source == source and voice.playback is not None:
                voice.playback.bend = speed

    def leave(self, source: str) -> None:
        """Let go of all keys that a source holds."""
        self._bends.pop(source, None)
        for key in self.keyboard.leave(source):
            self._end(key)

    def panic(self) -> None:
        """End everything now."""
        self.keyboard.clear()
        self._bends.clear()
        for voice in self.voices:
            self._stop(voice)

    def set_patch(self, instrument: int, patch: np.ndarray, space: int = 0) -> None:
        """Set the patch `(P,)` of an instrument, and the number of its space; notes that sound follow."""
        known = self._patches.get(instrument)
        if known is None or space != known[2] or not np.array_equal(known[1], patch):
            self._revision += 1
            self._patches[instrument] = self._revision, patch, space

    # -- what is rendered

    def patch_at_rest(self) -> tuple[int, np.ndarray, int] | None:
        """Return the patch set last, with its revision and the number of its space."""
        return max(self._patches.values(), key=lambda known: known[0], default=None)

    def next_job(self, *, spare: bool = False) -> RenderJob | None:
        """Return what is to be rendered next, and count it as being rendered.

        Args:
            spare: Whether the renderer is to be free soon for a new note: it leaves the long renders that
                only carry a note on to others.
        """
        self._share_lengths()
        found = [found for voice in self._voices.values() if (found := voice.wanted(*self._patch_for(voice)))]
        if spare:
            found = [one for one in found if one[0][0] < Rank.LONGER or one[1].n_frames <= self._short]
        if not found:
            return None
        _, job = min(found, key=lambda one: one[0])
        self._voices[job.voice].in_hand.append(job)
        return job

    def _patch_for(self, voice: Voice) -> tuple[int, np.ndarray, int]:
        """Return what a voice is to play: revision, patch and space; those of its instrument.

        A note that rings on after its key takes the longest to render: it follows turns once no key is down.
        """
        job = voice.job
        if job is not None and voice.held != HELD and any(v.held == HELD for v in self._voices.values()):
            return job.revision, job.patch, job.space
        return self._patches[voice.key.instrument]

    def _share_lengths(self) -> None:
        """Have voices rendered so far ahead that none runs out before all others were rendered."""
        frames = sum(voice.place + self._lengths.ahead for voice in self._voices.values())
        each = round(self._lengths.slowness * frames / self._n_renderers)
        self._lengths = replace(self._lengths, round=each)
        for voice in self._voices.values():
            voice.lengths = self._lengths

    def receive(self, job: RenderJob, piece: Piece) -> None:
        """Play what was rendered, unless something newer plays."""
        voice = self._voices.get(job.voice)
        if voice is None:
            return
        voice.in_hand.remove(job)
        if not voice.is_newer(job):
            return
        before, voice.job = voice.job, job
        if voice.playback is None:
            voice.arrived = self.mixer.n_frames if voice.first is None else voice.arrived
            voice.first = piece
            return
        seconds = _EXTEND_S
        if before is not None and before.revision != job.revision:
            seconds = _TURN_S
        elif before is not None and before.held != job.held:
            seconds = _RELEASE_S
        voice.playback.replace(piece, round(seconds * self.sample_rate))
        voice.playback.expects_more = voice.expects_more
        self.mixer.add(voice.playback)  # a note that had died away may sound again

    def fail(self, job: RenderJob) -> None:
        """End a voice that cannot be rendered."""
        voice = self._voices.get(job.voice)
        if voice is not None:
            voice.in_hand.remove(job)
            self._stop(voice)

    def note_render_time(self, seconds: float, n_frames: int) -> None:
        """Note how long a render took: turns are rendered so far ahead that they come in time."""
        slowness = min(seconds * self.sample_rate / n_frames, 1.0)
        self._lengths = self._lengths.slowed(slowness)

    # -- what is heard

    def fill(self, out: np.ndarray) -> None:
        """Write the next frames into `out`, float32 `(n, 2)`."""
        for voice in self._ready():
            assert voice.first is not None, "ready"
            voice.playback = Playback(voice.first, self._bends.get(voice.key.source, 1.0))
            voice.playback.expects_more = voice.expects_more
            voice.first, voice.started = None, self.mixer.n_frames
            self.mixer.add(voice.playback)
        self.mixer.fill(out)
        for voice in self.voices:
            if voice.held != HELD and voice.playback is not None and voice.playback.is_over:
                self._forget(voice)

    def _ready(self) -> Iterator[Voice]:
        """Yield the voices that begin now: those of a chord together."""
        waiting = [voice for voice in self._voices.values() if voice.playback is None]
        rendered = [voice for voice in waiting if voice.first is not None]
        missing = [voice.began for voice in waiting if voice.first is None]
        near, patience = _CHORD_S * self.sample_rate, _CHORD_WAIT_S * self.sample_rate
        for voice in rendered:
            is_late = self.mixer.n_frames - voice.arrived >= patience
            if is_late or not any(abs(began - voice.began) <= near for began in missing):
                yield voice

    def _end(self, key: Key) -> None:
        for voice in self.voices:
            if voice.key == key and voice.held == HELD:
                voice.release(self.mixer.n_frames)
                if voice.playback is not None and voice.playback.is_over:
                    self._forget(voice)

    def _make_room(self) -> None:
        while len(self._voices) >= MOST_VOICES:
            released = [voice for voice in self._voices.values() if voice.held != HELD]
            self._stop((released or self.voices)[0])
            self.n_stolen += 1

    def _stop(self, voice: Voice) -> None:
        if voice.playback is not None:
            voice.playback.stop(round(_STOP_S * self.sample_rate))
        self._forget(voice)

    def _forget(self, voice: Voice) -> None:
        if voice.playback is not None:
            self._n_late += voice.playback.n_late
        del self._voices[voice.serial]
