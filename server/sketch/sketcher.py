"""Sketches as the loop sees them: what was asked for, where the take is, what was found.

The first answer to a take is played at once. A better one that comes later is played only while nobody has
touched anything since; it is offered in any case.
"""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.errors import ProtocolError
from server.answers import Answer, Follow, Reply, status
from server.instrument.instrument import Instrument
from server.osc.builder import osc_message
from server.sketch.folder import check_file_name, is_take_file
from server.sketch.messages import (
    AnswerFile,
    CandidatesFound,
    CloseMicrophone,
    ExportTake,
    LevelMeasured,
    MicrophoneOpened,
    OpenMicrophone,
    PitchMeasured,
    PrepareTake,
    ProcessEnded,
    StatusReported,
    TakeExported,
    TakeFailed,
    TakeProgressed,
    VoiceFollowed,
)
from server.sketch.processes import ProcessName

__all__ = ["SketchProcesses", "Sketcher"]

_QUIETEST_DB = -60.0  # where a level meter begins
_SILENT = -1  # no take


class SketchProcesses(Protocol):
    """The processes that do the work, see `server.sketch.processes`."""

    @property
    def waiting(self) -> bool:
        """Whether something was said that nobody took."""
        ...

    def collect(self) -> list[Any]:
        """Give what was said, oldest first."""
        ...

    def tell(self, who: ProcessName, message: Any) -> None:
        """Say something to a process."""
        ...

    def stop(self) -> None:
        """End the processes."""
        ...


class Sketcher:
    """Takes, their states and their candidates.

    Args:
        instrument: The player's instrument.
        folder: Where sound files to be heard lie.
        helpers: ProcessName does the work.
        microphone: Name, part of it or number; empty for the one used last.
        refine_seconds: How long answers are made better.
    """

    def __init__(
        self,
        instrument: Instrument,
        folder: Path,
        processes: SketchProcesses,
        microphone: str = "",
        refine_seconds: float = 10.0,
    ) -> None:
        self._instrument = instrument
        self._folder = folder
        self._processes = processes
        self._microphone = microphone
        self._refine_seconds = refine_seconds
        self._n_takes = 0
        self._take = _SILENT  # the one that goes on
        self._asked = ""  # the address that asked for it
        self._listening = False
        self._following = False
        self._candidates: tuple[tuple[np.ndarray, float, str], ...] = ()
        self._space: tuple[str, ...] = ()  # of the candidates
        self._answered = _SILENT  # the take that they answer
        self._state: Reply | None = None  # what was said last, for who comes later
        self._pitch: Reply | None = None
        self._mine: np.ndarray | None = None  # the point that an answer brought about

    @property
    def waiting(self) -> bool:
        """Whether there is something for `collect`."""
        return self._processes.waiting

    def stop(self) -> None:
        """End what goes on."""
        self._processes.stop()

    # -- what is asked for

    def record(self, on: int) -> list[Answer]:
        """Begin a recording, or end and answer it."""
        if not on:
            if self._listening and not self._following:
                self._release(keep=True)
            return []
        if self._listening and not self._following:
            return []
        return self._listen("/flow/sketch/record", following=False)

    def live(self, on: int) -> list[Answer]:
        """Begin to follow the voice, or hold what it came to."""
        if not on:
            if not (self._listening and self._following):
                return []
            self._release(keep=False)
            self._take = _SILENT
            return [self._say_state("idle", 0.0)]
        if self._listening and self._following:
            return []
        return self._listen("/flow/sketch/live", following=True)

    def file(self, name: str, milliseconds: int) -> list[Answer]:
        """Answer a sound file of the sketch folder.

        Raises:
            ProtocolError: It is no plain file name.
        """
        check_file_name(name)
        take = self._begin("/flow/sketch/file")
        message = AnswerFile(
            take_number=take,
            model=self._model(),
            path=str(self._folder / name),
            seconds=milliseconds / 1000.0,
            delete=is_take_file(name),
            refine_seconds=self._refine_seconds,
        )
        self._processes.tell("answer", message)
        return [self._say_state("hearing", 0.0)]

    def pick(self, k: int) -> list[Answer]:
        """Take a candidate; from here on nothing is changed but by hand.

        Raises:
            ProtocolError: There is none of that number.
        """
        if k >= len(self._candidates):
            raise ProtocolError(
                f"there is no candidate {k}; there are {len(self._candidates)}, counted from 0. Sketch first."
            )
        if self._space != self._instrument.model.space.names:
            raise ProtocolError("the candidates belong to another model; sketch again.")
        self._instrument.take_answer(self._candidates[k][0])
        self._mine = None
        return [Follow()]

    def present_state(self) -> list[bytes]:
        """Give what who comes later has not heard: how far the sketch is, and what can be picked."""
        said = [reply.datagram for reply in (self._state, self._pitch) if reply is not None]
        if self._take not in (_SILENT, self._answered) or self._space != self._instrument.model.space.names:
            return said
        return said + [reply.datagram for reply in self._offered()]

    def export_take(self, name: str) -> list[Answer]:
        """Have the sound of the last sketch written to the sketch folder, for a moment.

        Raises:
            ProtocolError: It is no name of a take, or there is no sketch that could be heard.
        """
        if not (is_take_file(name) and name.endswith(".wav")):
            raise ProtocolError("name it sketch-NUMBER-NUMBER.wav, as a take.")
        if not self._n_takes or self._listening:
            raise ProtocolError("there is no sketch that could be heard; record one first.")
        self._processes.tell("answer", ExportTake(self._n_takes, str(self._folder / name)))
        return []

    def _listen(self, address: str, *, following: bool) -> list[Answer]:
        take = self._begin(address)
        self._listening, self._following = True, following
        self._processes.tell(
            "answer", PrepareTake(take, self._model(), not following)
        )  # it loads while somebody sings
        order = OpenMicrophone(
            take_number=take,
            microphone=self._microphone,
            model=self._model(),
            following=following,
            refine_seconds=self._refine_seconds,
        )
        self._processes.tell("microphone", order)
        return []

    def _begin(self, address: str) -> int:
        """Count a new take; what went on before is dropped."""
        if self._listening:
            self._release(keep=False)
        self._n_takes += 1
        self._take, self._asked = self._n_takes, address
        self._mine = self._pitch = None
        return self._take

    def _release(self, keep: bool) -> None:
        self._listening = False
        self._processes.tell("microphone", CloseMicrophone(self._take, keep))

    def _model(self) -> str:
        return str(self._instrument.model.path)

    # -- what comes back

    def collect(self) -> list[Answer]:
        """Take in what was said since; for the loop, once every control before it is applied."""
        answers: list[Answer] = []
        for message in self._processes.collect():
            if isinstance(message, ProcessEnded):
                answers += self._ended(message)
            elif isinstance(message, TakeExported):
                answers.append(_lent(message))
            elif message.take_number == self._take:
                answers += self._took(message)
        return answers

    def _took(self, message: Any) -> list[Answer]:
        match message:
            case TakeProgressed(word=word, progress=progress):
                if word == "done":
                    self._take = _SILENT
                elif not self._following:  # the ear ends what lasts too long by itself
                    self._listening = False
                return [self._say_state(word, progress)]
            case LevelMeasured(db=db):
                if not self._listening or self._following:
                    return []
                return [self._say_state("recording", 1.0 - min(max(db / _QUIETEST_DB, 0.0), 1.0))]
            case MicrophoneOpened(name=name):
                doing = "follows" if self._following else "records from"
                shown = [] if self._following else [self._say_state("recording", 0.0)]
                return [*shown, status(f"the server {doing} '{name}'", "all")]
            case PitchMeasured(note=note, cents=cents):
                self._pitch = Reply(osc_message("/flow/pitch", note, cents), "all")
                return [self._pitch]
            case StatusReported(text=text):
                return [status(text, "all")]
            case VoiceFollowed(patch=patch):
                return self._move(patch)
            case CandidatesFound():
                return self._offer(message)
            case TakeFailed(text=text):
                return self._fail(text)
            case _:
                raise AssertionError(message)

    def _move(self, patch: np.ndarray) -> list[Answer]:
        if len(patch) != len(self._instrument.patch):  # another model came meanwhile
            return []
        self._instrument.take_answer(patch)
        return [Follow()]

    def _offer(self, found: CandidatesFound) -> list[Answer]:
        if not found.candidates or len(found.candidates[0][0]) != len(self._instrument.patch):
            return []
        before = self._candidates if not found.first else ()
        self._candidates, self._space = found.candidates, self._instrument.model.space.names
        self._answered = found.take_number
        answers: list[Answer] = [
            offer
            for k, offer in enumerate(self._offered())
            if k >= len(before) or _differ(before[k], found.candidates[k])
        ]
        best = found.candidates[0][0]
        new = found.first or not before or not np.array_equal(before[0][0], best)
        if new and (found.first or self._instrument.latent is self._mine):
            self._instrument.take_answer(best)
            self._mine = self._instrument.latent
            answers.append(Follow())
        return answers

    def _offered(self) -> list[Reply]:
        return [
            Reply(osc_message("/flow/sketch/candidate", k, closeness, label), "all")
            for k, (_, closeness, label) in enumerate(self._candidates)
        ]

    def _say_state(self, word: str, progress: float) -> Reply:
        self._state = Reply(osc_message("/flow/sketch/state", word, progress), "all")
        return self._state

    def _ended(self, message: ProcessEnded) -> list[Answer]:
        """A process died: that matters if somebody waits for it."""
        if self._take == _SILENT or (message.who == "microphone" and not self._listening):
            return []
        if message.who == "microphone":
            self._listening = False  # there is nobody to be told
        return self._fail(message.text)

    def _fail(self, text: str) -> list[Answer]:
        if self._listening:
            self._release(keep=False)
        self._take = _SILENT
        return [self._say_state("failed", 0.0), Reply(osc_message("/flow/error", self._asked, text), "all")]


def _differ(a: tuple[np.ndarray, float, str], b: tuple[np.ndarray, float, str]) -> bool:
    return a[1:] != b[1:] or not np.array_equal(a[0], b[0])


def _lent(lent: TakeExported) -> Reply:
    if lent.error:
        return Reply(osc_message("/flow/error", "/flow/sketch/take", lent.error), "all")
    return Reply(osc_message("/flow/sketch/take", lent.name), "all")
