"""The process that answers: it hears recordings and files, answers them, improves answers, follows a voice.

Three threads: one reads the pipe and keeps the audio that comes in; one loads the model and answers take by
take, renders for one that is still sung, or follows a voice; one follows the pitch of what is recorded. What
belongs to an older take than the newest is given up at once.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import BridgeError, RenderError, SoundError
from server.sketch.during_recording import rehearse
from server.sketch.messages import (
    AnswerFile,
    AudioBlock,
    CandidatesFound,
    ExportTake,
    PitchMeasured,
    PrepareTake,
    StatusReported,
    TakeBegun,
    TakeEnded,
    TakeExported,
    TakeFailed,
    TakeProgressed,
    VoiceFollowed,
    pack,
    unpack,
)
from server.sketch.take_audio import TakeAudio
from server.sketch.take_export import TakeExports

if TYPE_CHECKING:
    from sketching.answerer import Answerer
    from sketching.candidate import Candidate
    from sketching.hearing import Heard
    from sketching.render_worker import Tried

__all__ = ["AnswerProcess"]

logger = logging.getLogger(__name__)

_MOST_CANDIDATES = 9


class AnswerProcess:
    """Answers what comes through a pipe, until the pipe ends.

    Args:
        pipe: To the server.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._sending = threading.Lock()
        self._tasks: SimpleQueue[Any] = SimpleQueue()
        self._newest = 0
        self._recording: TakeAudio | None = None
        self._answerers: dict[str, Answerer] = {}
        self._warm = ""  # the model that answers without delay
        # Of the last sketch: take, what gives its audio, sample rate.
        self._sound: tuple[int, Callable[[], np.ndarray], int] | None = None
        self._lending = TakeExports()

    def run(self) -> None:
        """Work until the server ends or says so."""
        threading.Thread(target=self._read, name="pipe", daemon=True).start()
        try:
            while (task := self._tasks.get()) is not None:
                self._do(task)
        finally:
            self._lending.close()
            for answerer in self._answerers.values():
                answerer.close()

    # -- the pipe

    def _read(self) -> None:
        try:
            while (raw := self._pipe.recv_bytes()) != b"Q":
                self._receive(unpack(raw))
        except (EOFError, OSError):
            pass  # the server has ended
        self._newest = 1 << 62
        self._drop()  # whoever waits for the rest of a take waits no longer
        self._tasks.put(None)

    def _receive(self, message: Any) -> None:
        if isinstance(message, AudioBlock):
            if self._recording is not None:
                self._recording.push(message.block)
            return
        if isinstance(message, ExportTake):
            self._lend(message)
            return
        if message.take_number < self._newest:
            return
        self._newest = message.take_number
        match message:
            case TakeBegun():
                self._drop()
                self._recording = TakeAudio(message)
                self._tasks.put(self._recording)
            case TakeEnded(keep=keep):
                recording, self._recording = self._recording, None
                if recording is not None:
                    recording.end(keep)
                    if keep and not recording.begin.following:
                        self._sound = message.take_number, recording.audio, recording.begin.sample_rate
                        self._send(TakeProgressed(message.take_number, "hearing", 0.0))
                        self._say_if_loading(recording.begin.model, message.take_number)
            case AnswerFile() | PrepareTake():
                self._drop()
                self._tasks.put(message)
                if isinstance(message, AnswerFile):
                    self._say_if_loading(message.model, message.take_number)

    def _say_if_loading(self, model: str, take: int) -> None:
        if self._warm != model:
            self._send(
                StatusReported(take, "what answers sketches is loading; the next one is answered at once.")
            )

    def _lend(self, asked: ExportTake) -> None:
        name = Path(asked.path).name
        if self._sound is None or self._sound[0] != asked.take_number:
            self._send(TakeExported(asked.take_number, name, "there is no sound of this sketch to hear."))
            return
        _, audio, rate = self._sound
        try:
            self._lending.lend(Path(asked.path), audio(), rate)
        except SoundError as error:
            self._send(TakeExported(asked.take_number, name, str(error)))
        else:
            self._send(TakeExported(asked.take_number, name))

    def _drop(self) -> None:
        if self._recording is not None:
            self._recording.end(False)
            self._recording = None

    def _send(self, message: Any) -> None:
        with self._sending, contextlib.suppress(OSError):  # the server has ended: so do we
            self._pipe.send_bytes(pack(message))

    # -- work

    def _do(self, task: Any) -> None:
        take = task.begin.take_number if isinstance(task, TakeAudio) else task.take_number
        if isinstance(task, AnswerFile) and task.delete and take < self._newest:
            Path(task.path).unlink(missing_ok=True)
        if take < self._newest:
            return
        try:
            match task:
                case PrepareTake(model=model, warm=warm):
                    if warm:
                        self._warm_answerer(model)
                case AnswerFile():
                    self._answer_file(task)
                case TakeAudio() if task.begin.following:
                    self._follow(task)
                case TakeAudio():
                    self._answer_recording(task)
        except BridgeError as error:
            self._send(TakeFailed(take, str(error)))
        except Exception as error:
            logger.exception("a sketch failed; this is a bug")
            self._send(
                TakeFailed(take, f"the sketch failed ({error!r}); the server's log says more. Try again.")
            )

    def _answerer(self, model: str) -> "Answerer":
        """Give what answers with a model: enough to follow a voice, at once."""
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
        """Give what answers with a model, ready to answer without delay, which takes a few seconds."""
        answerer = self._answerer(model)
        if self._warm == model:
            return answerer
        answerer.warm()
        # What is imported and computed on first use is not waited for later.
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
        self._sound = task.take_number, lambda: audio, rate
        self._answer(task, answerer.hear(audio, rate))

    def _answer_recording(self, recording: TakeAudio) -> None:
        """Render for a take while it is recorded, then answer it."""
        from sketching.early_renders import Rehearsal

        begin = recording.begin
        answerer = self._warm_answerer(begin.model)
        rehearsal = Rehearsal(answerer)
        try:
            rehearse(rehearsal, recording, lambda: begin.take_number < self._newest)
        except RenderError as error:  # what needs no render is still answered
            logger.warning("nothing is rendered while somebody sings: %s", error)
            recording.wait()
        if recording.kept and begin.take_number >= self._newest:
            heard = answerer.hear(recording.audio(), begin.sample_rate, recording.track())
            self._answer(begin, heard, rehearsal.compared(heard))

    def _answer(
        self, asked: AnswerFile | TakeBegun, heard: "Heard", rendered: "Sequence[Tried]" = ()
    ) -> None:
        take = asked.take_number
        answerer = self._warm_answerer(asked.model)
        first = answerer.first(heard, rendered)
        self._send(CandidatesFound(take, _plain(first), True))
        self._send(PitchMeasured(take, heard.note, heard.cents))
        for warning in heard.warnings:
            self._send(StatusReported(take, warning))
        if asked.refine_seconds > 0.0:
            self._send(TakeProgressed(take, "refining", 0.0))
            refining = answerer.refine(
                heard, first, asked.refine_seconds, 0, lambda: take < self._newest, rendered=rendered
            )
            for progress in refining:
                self._send(CandidatesFound(take, _plain(progress.candidates), False))
                self._send(TakeProgressed(take, "refining", progress.fraction))
        self._send(TakeProgressed(take, "done", 1.0))

    def _follow(self, recording: TakeAudio) -> None:
        from sketching.following import Follower
        from sketching.swift_tracker import SwiftTracker

        begin = recording.begin
        answerer = self._answerer(begin.model)
        tracker = SwiftTracker()
        follower = Follower(
            begin.sample_rate,
            begin.gate_db,
            answerer.follow,
            mel=answerer.mel,
            note=answerer.note,
            target_lufs=answerer.target_lufs,
        )
        self._send(TakeProgressed(begin.take_number, "hearing", 0.0))
        note = -1
        for block in recording.blocks():
            patch = follower.push(block)
            if patch is None:
                continue
            self._send(VoiceFollowed(begin.take_number, patch))
            heard = tracker.note_now(follower.recent, begin.sample_rate)
            if heard is not None and heard[0] != note:
                note = heard[0]
                self._send(PitchMeasured(begin.take_number, *heard))


def _plain(candidates: "list[Candidate]") -> tuple[tuple[np.ndarray, float, str], ...]:
    return tuple((c.patch, c.closeness, c.label) for c in candidates[:_MOST_CANDIDATES])
