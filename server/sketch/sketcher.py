"""Sketches as the server's loop sees them: what clients ask for, and the take that goes on.

The first answer to a take is played at once. A better one that comes later is played only while nobody has
touched anything since; it is offered in any case.
"""

from collections.abc import Callable
from pathlib import Path

from core.errors import ProtocolError
from server.instrument.instrument import Instrument
from server.osc.answers import Answer, Follow, Reply
from server.osc.builder import osc_message
from server.sketch.folder import check_file_name, is_take_file
from server.sketch.messages import (
    AnswerFile,
    CloseMicrophone,
    ExportTake,
    OpenMicrophone,
    PrepareTake,
    ProcessEnded,
    ProcessName,
    Report,
    TakeExported,
    TakeFailed,
)
from server.sketch.processes import SketchProcesses
from server.sketch.take import Phase, Take

__all__ = ["Sketcher"]


class Sketcher:
    """Begins and ends takes, and plays and offers what answers them.

    Args:
        focus: Returns the instrument that has the focus.
        folder: Where the sound files that clients name are.
        processes: Those that listen and answer.
        microphone: Name, part of it or number; empty for the one used last.
        refine_seconds: How long answers are refined.
    """

    def __init__(
        self,
        focus: Callable[[], Instrument],
        folder: Path,
        processes: SketchProcesses,
        microphone: str = "",
        refine_seconds: float = 10.0,
    ) -> None:
        self._focus = focus
        self._folder = folder
        self._processes = processes
        self._microphone = microphone
        self._refine_seconds = refine_seconds
        self._take: Take | None = None  # the newest
        self._answered: Take | None = None  # the one whose candidates can be picked

    @property
    def waiting(self) -> bool:
        """Whether there is something for `collect`."""
        return self._processes.waiting

    def stop(self) -> None:
        """End the processes."""
        self._processes.stop()

    # -- what clients ask for

    def record(self, instrument: Instrument, on: int) -> list[Answer]:
        """Begin a recording, or end and answer it."""
        take = self._take_in(Phase.RECORDING)
        if on and take is None:
            self._listen("/flow/sketch/record", Phase.RECORDING, instrument)
        elif not on and take is not None:
            self._close_microphone(take, keep=True)
            take.phase = Phase.ANSWERING
        return []

    def live(self, instrument: Instrument, on: int) -> list[Answer]:
        """Begin to follow the voice, or hold what it came to."""
        take = self._take_in(Phase.FOLLOWING)
        if on and take is None:
            self._listen("/flow/sketch/live", Phase.FOLLOWING, instrument)
        elif not on and take is not None:
            self._close_microphone(take, keep=False)
            take.phase = Phase.OVER
            return [take.progress("idle", 0.0)]
        return []

    def file(self, instrument: Instrument, name: str, milliseconds: int) -> list[Answer]:
        """Answer a sound file of the sketch folder.

        Raises:
            ProtocolError: It is no plain file name.
        """
        check_file_name(name)
        take = self._begin("/flow/sketch/file", Phase.ANSWERING, instrument)
        order = AnswerFile(
            take_number=take.number,
            model=self._model(),
            path=str(self._folder / name),
            seconds=milliseconds / 1000.0,
            delete=is_take_file(name),
            refine_seconds=self._refine_seconds,
        )
        self._processes.send_to_answer_process(order)
        return [take.progress("hearing", 0.0)]

    def pick(self, instrument: Instrument, k: int) -> list[Answer]:
        """Play a candidate; better answers are no longer played, only offered.

        Raises:
            ProtocolError: There is none of that number, or it belongs to another model.
        """
        take = self._answered
        n = 0 if take is None else len(take.candidates)
        if take is None or k >= n:
            raise ProtocolError(f"there is no candidate {k}; there are {n}, counted from 0. Sketch first.")
        if not self._can_be_picked(take):
            raise ProtocolError("the candidates belong to another model; sketch again.")
        instrument.go_to_answer(take.candidates[k].patch)
        take.point = None
        return [Follow()]

    def export_take(self, _instrument: Instrument, name: str) -> list[Answer]:
        """Have the sound of the last take written to the sketch folder, for a moment.

        Raises:
            ProtocolError: It is not the name of a take, or there is no sketch to hear.
        """
        if not (is_take_file(name) and name.endswith(".wav")):
            raise ProtocolError("name the file as a take: sketch-NUMBER-NUMBER.wav.")
        if self._take is None or self._take.microphone_is_open:
            raise ProtocolError("there is no sketch to hear; record one first.")
        order = ExportTake(self._take.number, str(self._folder / name))
        self._processes.send_to_answer_process(order)
        return []

    def present_state(self) -> list[bytes]:
        """Return how far the sketch is and what can be picked, for clients that connect later."""
        take, answered = self._take, self._answered
        if take is None:
            return []
        replies = [reply for reply in (take.state, take.pitch) if reply is not None]
        is_current = take.phase is Phase.OVER or take is answered
        if answered is not None and is_current and self._can_be_picked(answered):
            replies += answered.offers()
        return [reply.datagram for reply in replies]

    def _take_in(self, phase: Phase) -> Take | None:
        """Return the newest take if it is in this phase."""
        return self._take if self._take is not None and self._take.phase is phase else None

    def _can_be_picked(self, take: Take) -> bool:
        return take.space == self._focus().model.space.names

    def _model(self) -> str:
        return str(self._focus().model.path)

    def _listen(self, address: str, phase: Phase, instrument: Instrument) -> None:
        """Begin a take with the microphone."""
        number, following = self._begin(address, phase, instrument).number, phase is Phase.FOLLOWING
        # The model loads while somebody sings.
        self._processes.send_to_answer_process(PrepareTake(number, self._model(), not following))
        order = OpenMicrophone(
            take_number=number,
            microphone=self._microphone,
            model=self._model(),
            following=following,
            refine_seconds=self._refine_seconds,
        )
        self._processes.send_to_microphone_process(order)

    def _begin(self, address: str, phase: Phase, instrument: Instrument) -> Take:
        """Make a new take the newest; the one before is dropped."""
        before, number = self._take, 1
        state = None
        if before is not None:
            number, state = before.number + 1, before.state
            if before.microphone_is_open:
                self._close_microphone(before, keep=False)
            before.phase = Phase.OVER
        self._take = Take(number=number, address=address, phase=phase, instrument=instrument, state=state)
        return self._take

    def _close_microphone(self, take: Take, *, keep: bool) -> None:
        self._processes.send_to_microphone_process(CloseMicrophone(take.number, keep))

    # -- what the processes report

    def collect(self) -> list[tuple[Instrument, list[Answer]]]:
        """Return what reports bring about; for the loop, once every control before them is applied.

        Returns:
            Answers, each lot with the instrument that they are about.
        """
        received = [self._receive(report) for report in self._processes.collect()]
        instrument = self._focus() if self._take is None else self._take.instrument
        return [(instrument, answers) for answers in received if answers]

    def _receive(self, report: Report) -> list[Answer]:
        if isinstance(report, TakeExported):
            return [_exported(report)]
        take = self._take
        if take is None or take.phase is Phase.OVER:
            return []
        if isinstance(report, ProcessEnded):
            return self._process_ended(take, report.process, report.text)
        if report.take_number != take.number:
            return []
        if isinstance(report, TakeFailed):
            return self._fail(take, report.text)
        answers = take.receive(report)
        if take.candidates:
            self._answered = take
        return answers

    def _process_ended(self, take: Take, process: ProcessName, text: str) -> list[Answer]:
        """Return the failure of a take that waits for the process that has ended."""
        if process == "answer":
            return self._fail(take, text)
        return take.fail(text) if take.microphone_is_open else []

    def _fail(self, take: Take, text: str) -> list[Answer]:
        if take.microphone_is_open:
            self._close_microphone(take, keep=False)
        return take.fail(text)


def _exported(report: TakeExported) -> Reply:
    if report.error:
        return Reply(osc_message("/flow/error", "/flow/sketch/take", report.error), "all")
    return Reply(osc_message("/flow/sketch/take", report.name), "all")
