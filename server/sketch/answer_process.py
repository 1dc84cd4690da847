"""The answer process: it answers recordings and files, refines the answers, and follows a voice.

Three threads: one reads the pipe and keeps the audio that comes in; one loads the model and answers take by
take, renders for one that is still sung, or follows a voice; one follows the pitch of what is recorded. What
belongs to an older take than the newest is given up at once.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, assert_never

import numpy as np

from core.errors import BridgeError, RenderError, SoundError
from server.sketch.during_recording import render_during_recording
from server.sketch.messages import (
    QUIT,
    AnswerFile,
    AudioBlock,
    CandidatesFound,
    ExportTake,
    FromAnswerProcess,
    PitchMeasured,
    PrepareTake,
    SoundCoded,
    StatusReported,
    TakeBegun,
    TakeEnded,
    TakeExported,
    TakeFailed,
    TakeProgressed,
    ToAnswerProcess,
    VoiceFollowed,
    pack,
    unpack,
)
from server.sketch.take_audio import TakeAudio
from server.sketch.take_export import TakeExports
from sketching.own.library import OwnLibrary

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from server.sketch.heartbeat import SharedPipe
    from sketching.answerer import Answerer
    from sketching.hearing import HeardSound
    from sketching.rendering.render_worker import RenderedPatch

__all__ = ["AnswerProcess"]

logger = logging.getLogger(__name__)

_LONGEST_S = 300.0  # for an answer, beside the time to refine it: a model that loads on a slow computer
_MOST_SOUNDS = 8  # kept to be heard again; the longest has 6 MB

_Task = TakeAudio | AnswerFile | PrepareTake


@dataclass(frozen=True)
class _Sound:
    """The sound of a take: `audio` returns it, mono `(n_samples,)`."""

    audio: Callable[[], np.ndarray]
    sample_rate: int


class AnswerProcess:
    """Answers what comes through a pipe, until the pipe ends.

    Args:
        pipe: To the server.
        own: The player's own presets.
    """

    def __init__(self, pipe: "Connection | SharedPipe", own: OwnLibrary | None = None) -> None:
        self._pipe = pipe
        self._own = own or OwnLibrary()
        self._sending = threading.Lock()
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._newest = 0
        self._incoming: TakeAudio | None = None  # the take whose audio comes in
        self._answerers: dict[str, Answerer] = {}
        self._warm = ""  # the model that answers without delay
        self._due: float | None = None  # when the present task is stuck, unless it has ended
        self._sounds: dict[int, _Sound] = {}  # of the last takes, by number: each instrument has one
        self._exports = TakeExports()

    def run(self) -> None:
        """Work until the server ends or says so."""
        threading.Thread(target=self._read, name="pipe", daemon=True).start()
        try:
            while (task := self._tasks.get()) is not None:
                self._due = _due(task)
                self._do(task)
                self._due = None
        finally:
            self._exports.close()
            for answerer in self._answerers.values():
                answerer.close()

    @property
    def is_overdue(self) -> bool:
        """Whether a task takes so long that it must be stuck."""
        return self._due is not None and time.monotonic() > self._due

    # -- the pipe

    def _read(self) -> None:
        try:
            while (raw := self._pipe.recv_bytes()) != QUIT:
                self._receive(unpack(raw))
        except (EOFError, OSError):
            pass  # the server has ended
        self._newest = 1 << 62
        self._drop()  # so that nothing waits for the rest of a take
        self._tasks.put(None)

    def _receive(self, message: ToAnswerProcess) -> None:
        if isinstance(message, AudioBlock):
            if self._incoming is not None:
                self._incoming.push(message.block)
            return
        if isinstance(message, ExportTake):
            self._export(message)
            return
        if message.take_number < self._newest:
            return
        self._newest = message.take_number
        match message:
            case TakeBegun():
                self._drop()
                self._incoming = TakeAudio(message)
                self._tasks.put(self._incoming)
            case TakeEnded(keep=keep):
                self._end(keep)
            case AnswerFile(model=model):
                self._drop()
                self._tasks.put(message)
                self._report_if_loading(model, message.take_number)
            case PrepareTake():
                self._drop()
                self._tasks.put(message)
            case _:
                assert_never(message)

    def _end(self, keep: bool) -> None:
        take, self._incoming = self._incoming, None
        if take is None:
            return
        take.end(keep)
        if keep and not take.begun.following:
            self._keep_sound(take.take_number, _Sound(take.audio, take.begun.sample_rate))
            self._send(TakeProgressed(take.take_number, "hearing", 0.0))
            self._report_if_loading(take.begun.model, take.take_number)

    def _report_if_loading(self, model: str, take_number: int) -> None:
        if self._warm != model:
            text = "the model for sketches is loading; the next sketch is answered at once."
            self._send(StatusReported(take_number, text))

    def _export(self, order: ExportTake) -> None:
        path, sound, error = Path(order.path), self._sounds.get(order.take_number), ""
        if sound is None:
            error = "there is no sound of this sketch to hear."
        else:
            try:
                self._exports.write(path, sound.audio(), sound.sample_rate)
            except SoundError as failure:
                error = str(failure)
        self._send(TakeExported(order.take_number, path.name, error))

    def _keep_sound(self, take_number: int, sound: _Sound) -> None:
        self._sounds = dict([*self._sounds.items(), (take_number, sound)][-_MOST_SOUNDS:])

    def _drop(self) -> None:
        if self._incoming is not None:
            self._incoming.end(False)
            self._incoming = None

    def _send(self, message: FromAnswerProcess) -> None:
        with self._sending, contextlib.suppress(OSError):  # the server has ended: so do we
            self._pipe.send_bytes(pack(message))

    # -- work

    def _do(self, task: _Task) -> None:
        if task.take_number < self._newest:
            if isinstance(task, AnswerFile) and task.delete:
                Path(task.path).unlink(missing_ok=True)
            return
        try:
            match task:
                case PrepareTake(model=model, warm=warm):
                    if warm:
                        self._warm_answerer(model)
                case AnswerFile():
                    self._answer_file(task)
                case TakeAudio():
                    if task.begun.following:
                        self._follow(task)
                    else:
                        self._answer_recording(task)
                case _:
                    assert_never(task)
        except BridgeError as error:
            self._send(TakeFailed(task.take_number, str(error)))
        except Exception as error:
            logger.exception("a sketch failed; this is a bug")
            text = f"the sketch failed ({error!r}); the server's log says more. Try again."
            self._send(TakeFailed(task.take_number, text))

    def _answerer(self, model: str) -> "Answerer":
        """Return the answerer of a model: at once, and enough to follow a voice."""
        answerer = self._answerers.get(model)
        if answerer is None:
            from sketching.answerer import Answerer

            for other in self._answerers.values():
                other.close()
            self._answerers.clear()
            answerer = self._answerers[model] = Answerer(Path(model))
            self._warm = ""
        return answerer

    def _warm_answerer(self, model: str) -> "Answerer":
        """Return the answerer of a model, ready to answer without delay; that takes a few seconds."""
        answerer = self._answerer(model)
        if self._warm == model:
            return answerer
        answerer.warm()
        # What is imported and computed on first use must not delay an answer later.
        rate = answerer.mel.sample_rate
        tone = np.sin(2.0 * np.pi * 220.0 * np.arange(rate) / rate).astype(np.float32)
        answerer.first(answerer.hear(tone, rate))
        self._warm = model
        return answerer

    def _answer_file(self, task: AnswerFile) -> None:
        from core.sound_file import read_sound

        path = Path(task.path)
        try:
            if not path.is_file() or path.resolve().parent != path.parent.resolve():
                raise SoundError(
                    f"there is no '{path.name}' in {path.parent.as_posix()}; put it there, or choose another."
                )
            answerer = self._answerer(task.model)
            rate = answerer.mel.sample_rate
            audio = read_sound(path, rate)
        finally:
            if task.delete:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
        if task.seconds > 0.0:
            audio = audio[: round(task.seconds * rate)]
        self._keep_sound(task.take_number, _Sound(lambda: audio, rate))
        self._answer(task, answerer.hear(audio, rate))

    def _answer_recording(self, take: TakeAudio) -> None:
        """Render for a take while it is recorded, then answer it."""
        from sketching.early_renders import EarlyRenders

        begun = take.begun
        answerer = self._warm_answerer(begun.model)
        early = EarlyRenders(answerer)
        try:
            render_during_recording(early, take, lambda: begun.take_number < self._newest)
        except RenderError as error:  # the take is answered without early renders
            logger.warning("nothing is rendered during this recording: %s", error)
            take.wait()
        if take.kept and begun.take_number >= self._newest:
            heard = answerer.hear(take.audio(), begun.sample_rate, take.track())
            self._answer(begun, heard, early.compared(heard))

    def _answer(
        self, asked: AnswerFile | TakeBegun, heard: "HeardSound", rendered: "Sequence[RenderedPatch]" = ()
    ) -> None:
        from library.codes import sound_code
        from sketching.answerer import FEWEST_EARLY

        number, answerer = asked.take_number, self._answerer(asked.model)
        seconds, stop = asked.refine_seconds, lambda: number < self._newest
        guessed = len(rendered) < FEWEST_EARLY  # descents would keep the player waiting: they come after
        first = answerer.guess(heard) if guessed else answerer.first(heard, rendered)
        self._send(CandidatesFound(number, tuple(first), True))
        self._send(PitchMeasured(number, heard.note, heard.cents))
        self._send(SoundCoded(number, sound_code(heard.audio, answerer.mel.sample_rate, heard.note)))
        for warning in heard.warnings:
            self._send(StatusReported(number, warning))
        if guessed or seconds > 0.0:
            self._send(TakeProgressed(number, "refining", 0.0))
        if guessed:
            answerer.workers.start()  # ready when the descents are done
            first = answerer.first(heard, stop=stop)
            self._send(CandidatesFound(number, tuple(first), False))
            self._warm = asked.model  # a sound was heard and answered, so nothing is slow next time
            if seconds <= 0.0:  # a refinement begins by rendering them
                with contextlib.suppress(RenderError):  # there may be no engine
                    first = answerer.best(answerer.check(heard, first, stop)) or first
                    self._send(CandidatesFound(number, tuple(first), False))
        if seconds > 0.0:
            near = self._own.near(heard.audio, heard.note, answerer.space)
            for progress in answerer.refine(heard, first, seconds, 0, stop, rendered=rendered, own=near):
                self._send(CandidatesFound(number, tuple(progress.candidates), False))
                self._send(TakeProgressed(number, "refining", progress.fraction))
        self._send(TakeProgressed(number, "done", 1.0))

    def _follow(self, take: TakeAudio) -> None:
        from core.swift_tracker import SwiftTracker
        from sketching.following import VoiceFollower

        begun = take.begun
        answerer = self._answerer(begun.model)
        tracker = SwiftTracker()
        follower = VoiceFollower(
            begun.sample_rate,
            begun.gate_db,
            answerer.follow,
            mel=answerer.mel,
            note=answerer.note,
            target_lufs=answerer.target_lufs,
        )
        self._send(TakeProgressed(begun.take_number, "hearing", 0.0))
        note = -1
        for block in take.blocks():
            patch = follower.push(block)
            if patch is None:
                continue
            self._send(VoiceFollowed(begun.take_number, patch))
            heard = tracker.note_now(follower.recent, begun.sample_rate)
            if heard is not None and heard[0] != note:
                note = heard[0]
                self._send(PitchMeasured(begun.take_number, *heard))


def _due(task: _Task) -> float | None:
    """Return when a task is stuck; None for one that lasts as long as somebody sings."""
    match task:
        case AnswerFile(refine_seconds=seconds):
            return time.monotonic() + _LONGEST_S + seconds
        case TakeAudio():
            return None if task.begun.following else time.monotonic() + _LONGEST_S + task.begun.refine_seconds
        case _:
            return time.monotonic() + _LONGEST_S
