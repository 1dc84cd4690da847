"""Sketches as the server's loop sees them: what clients ask for, and the take that goes on.

The first answer to a take is played at once. A better one that comes later is played only while nobody has
touched anything since; it is offered in any case. Every instrument has a sketch of its own, but there is one
microphone, and one take is heard at a time.
"""

from collections import deque
from pathlib import Path

from core.errors import ProtocolError
from server.instrument.instrument import Instrument
from server.osc.answers import Answer, Reply, status
from server.osc.builder import osc_message
from server.sketch.checks import check_can_be_answered, check_may_give_way
from server.sketch.elsewhere import Elsewhere
from server.sketch.folder import check_file_name, is_take_file
from server.sketch.instrument_sketch import Sketching
from server.sketch.messages import (
    AnswerFile,
    ChooseMicrophone,
    CloseMicrophone,
    ExportTake,
    MicrophonesListed,
    OpenMicrophone,
    PrepareTake,
    ProcessEnded,
    ProcessName,
    TakeExported,
    TakeFailed,
    TakeReport,
)
from server.sketch.processes import SketchProcesses
from server.sketch.take import Phase, Take, following

__all__ = ["Sketcher"]

_Lot = tuple[Instrument, list[Answer]]
_MOST_ASKED = 32  # questions about microphones that wait for an answer


class Sketcher:
    """Begins and ends takes, and plays and offers what answers them.

    Args:
        folder: Where the sound files that clients name are.
        processes: Those that listen and answer.
        microphone: Name, part of it or number, and perhaps `:CHANNEL`; empty for the one used last.
        refine_seconds: How long answers are refined.

    Attributes:
        elsewhere: Plays candidates, whichever model they need.
    """

    def __init__(
        self,
        folder: Path,
        processes: SketchProcesses,
        microphone: str = "",
        refine_seconds: float = 10.0,
    ) -> None:
        self._folder = folder
        self._processes = processes
        self._microphone = microphone
        self._refine_seconds = refine_seconds
        self.elsewhere = Elsewhere()
        self._n_takes = 0
        self._track: Sketching | None = None  # that of the newest take
        self._exports: dict[str, Instrument] = {}  # by name of the file that was asked for
        self._gave_way: list[_Lot] = []  # for the next `collect`
        self._asked: deque[tuple[Instrument, bool]] = deque()  # about microphones, and whether to choose one

    @property
    def waiting(self) -> bool:
        """Whether there is something for `collect`."""
        return bool(self._gave_way) or self._processes.waiting

    def stop(self) -> None:
        """End the processes."""
        self._processes.stop()

    def kill(self) -> None:
        """End the processes at once. From any thread."""
        self._processes.kill()

    # -- what clients ask for

    def record(self, track: Sketching, on: int) -> list[Answer]:
        """Begin a recording, or end and answer it.

        Raises:
            ProtocolError: Another instrument has the microphone, or its sketch is being heard.
        """
        take = track.sketch.take_in(Phase.RECORDING)
        if on and take is None:
            return self._listen("/flow/sketch/record", Phase.RECORDING, track)
        if not on and take is not None:
            self._close_microphone(take, keep=True)
            take.phase = Phase.ANSWERING
        return []

    def live(self, track: Sketching, on: int) -> list[Answer]:
        """Begin to follow the voice, or hold what it came to.

        Raises:
            ProtocolError: As `record`.
        """
        take = track.sketch.take_in(Phase.FOLLOWING)
        if on and take is None:
            return [*self._listen("/flow/sketch/live", Phase.FOLLOWING, track), following(True)]
        if not on and take is not None:
            self._close_microphone(take, keep=False)
            return [*take.end(), take.progress("idle", 0.0)]
        return []

    def file(self, track: Sketching, name: str, milliseconds: int) -> list[Answer]:
        """Answer a sound file of the sketch folder.

        Raises:
            ProtocolError: It is no plain file name, or as `record`.
        """
        check_file_name(name)
        take, answers = self._begin("/flow/sketch/file", Phase.ANSWERING, track)
        order = AnswerFile(
            take_number=take.number,
            model=_model(track),
            path=str(self._folder / name),
            seconds=milliseconds / 1000.0,
            delete=is_take_file(name),
            refine_seconds=self._refine_seconds,
        )
        self._processes.send_to_answer_process(order)
        return [*answers, take.progress("hearing", 0.0)]

    def pick(self, track: Sketching, k: int) -> list[Answer]:
        """Play a candidate of the instrument's sketch; better answers are no longer played, only offered.

        Raises:
            ProtocolError: There is none of that number, or it belongs to a model that is not played.
        """
        take = track.sketch.answered
        n = 0 if take is None else len(take.candidates)
        if take is None or k >= n:
            raise ProtocolError(f"there is no candidate {k}; there are {n}, counted from 0. Sketch first.")
        answers = self.elsewhere.play(track, take, take.candidates[k])
        take.point = None
        track.sketch.picked = take.number, k
        return answers

    def pick_next(self, track: Sketching) -> list[Answer]:
        """Play the candidate after the one that plays; after the last comes the first.

        Raises:
            ProtocolError: As `pick`.
        """
        take, (number, k) = track.sketch.answered, track.sketch.picked
        if take is None or not take.candidates:
            return self.pick(track, 0)
        k = ((k if number == take.number else take.best_of_model[0]) + 1) % len(take.candidates)
        return [*self.pick(track, k), status(f"answer {k + 1} of {len(take.candidates)}", "listeners")]

    def export_take(self, track: Sketching, name: str) -> list[Answer]:
        """Have the sound of the instrument's last take written to the sketch folder, for a moment.

        Raises:
            ProtocolError: It is not the name of a take, or there is no sketch to hear.
        """
        if not (is_take_file(name) and name.endswith(".wav")):
            raise ProtocolError("name the file as a take: sketch-NUMBER-NUMBER.wav.")
        take = track.sketch.take
        if take is None or take.microphone_is_open:
            raise ProtocolError("there is no sketch to hear; record one first.")
        self._exports[name] = track.instrument
        self._processes.send_to_answer_process(ExportTake(take.number, str(self._folder / name)))
        return []

    def list_microphones(self, track: Sketching) -> list[Answer]:
        """Have the microphones listed."""
        return self._ask(track, None)

    def choose_microphone(self, track: Sketching, name: str) -> list[Answer]:
        """Choose the microphone of the sketches that follow; empty for the system's own."""
        return self._ask(track, name)

    def _ask(self, track: Sketching, choice: str | None) -> list[Answer]:
        if len(self._asked) >= _MOST_ASKED:
            raise ProtocolError("the microphones are being listed; ask again in a moment.")
        self._asked.append((track.instrument, choice is not None))
        self._processes.send_to_microphone_process(ChooseMicrophone(choice))
        return []

    def _listed(self, listed: MicrophonesListed) -> list[_Lot]:
        """Return what those who asked are told."""
        if not self._asked:
            return []
        instrument, is_choice = self._asked.popleft()
        if listed.error and is_choice:
            wrong = osc_message("/flow/error", "/flow/sketch/microphone", listed.error)
            return [(instrument, [Reply(wrong, "listeners")])]
        if not listed.inputs:
            text = listed.error or "there is no microphone; connect one and ask again."
            cannot = Reply(osc_message("/flow/can", "record", 0, text), "listeners")
            return [(instrument, [cannot, status(text, "listeners")])]
        answers: list[Answer] = []
        for k, (name, n) in enumerate(listed.inputs):
            chosen = _chosen_input(name, listed.choice)
            item = osc_message("/flow/sketch/microphone", k, len(listed.inputs), name, n, chosen)
            answers.append(Reply(item, "listeners"))
        answers.append(Reply(osc_message("/flow/can", "record", 1, ""), "listeners"))
        if is_choice:
            self._microphone = ""  # what is remembered goes before what the server was started with
            answers.append(status(f"the microphone is '{listed.choice}'", "listeners"))
        return [(instrument, answers)]

    def _listen(self, address: str, phase: Phase, track: Sketching) -> list[Answer]:
        """Begin a take with the microphone."""
        take, answers = self._begin(address, phase, track)
        number, model, follows = take.number, _model(track), phase is Phase.FOLLOWING
        # The model loads while somebody sings.
        self._processes.send_to_answer_process(PrepareTake(number, model, not follows))
        order = OpenMicrophone(
            take_number=number,
            microphone=self._microphone,
            model=model,
            following=follows,
            refine_seconds=self._refine_seconds,
        )
        self._processes.send_to_microphone_process(order)
        return answers

    def _begin(self, address: str, phase: Phase, track: Sketching) -> tuple[Take, list[Answer]]:
        """Make a new take the newest; the one before is dropped, of this instrument or of another.

        Returns:
            The take, and what clients of its instrument are told of the one before.
        """
        other = self._track
        current = None if other is None else other.sketch.take
        goes_on = current is not None and current.phase is not Phase.OVER
        if other is not None and current is not None and goes_on and other is not track:
            check_may_give_way(other, current)
        answers = self.elsewhere.back(track)
        check_can_be_answered(track)
        if other is not None and current is not None and goes_on:
            if current.microphone_is_open:
                self._close_microphone(current, keep=False)
            if other is track:
                answers += current.end()
            else:
                self._gave_way.append((other.instrument, current.give_way()))
        before = track.sketch.take
        self._n_takes += 1
        take = track.sketch.take = Take(
            number=self._n_takes,
            address=address,
            phase=phase,
            instrument=track.instrument,
            space=track.instrument.model.space,
            model=track.instrument.model.name,
            state=None if before is None else before.state,
        )
        self._track = track
        return take, answers

    def _close_microphone(self, take: Take, *, keep: bool) -> None:
        self._processes.send_to_microphone_process(CloseMicrophone(take.number, keep))

    # -- what the processes report

    def collect(self) -> list[_Lot]:
        """Return what reports bring about; for the loop, once every control before them is applied.

        Returns:
            Answers, each lot with the instrument that they are about.
        """
        lots, self._gave_way = self._gave_way, []
        for report in self._processes.collect():
            if isinstance(report, TakeExported):
                instrument = self._exports.pop(report.name, None)
                if instrument is not None:
                    lots.append((instrument, [_exported(report)]))
                continue
            if isinstance(report, MicrophonesListed):
                lots += self._listed(report)
                continue
            if isinstance(report, ProcessEnded):
                self._forget_asked(report.process)
            if self._track is not None:
                lots.append((self._track.instrument, self._receive(report, self._track)))
        return [(instrument, answers) for instrument, answers in lots if answers]

    def _receive(self, report: TakeReport | TakeFailed | ProcessEnded, track: Sketching) -> list[Answer]:
        take = track.sketch.take
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
            track.sketch.answered = take
        return answers

    def _forget_asked(self, process: ProcessName) -> None:
        """Forget what a process that has ended will not answer."""
        if process == "answer":
            self._exports.clear()
        else:
            self._asked.clear()

    def _process_ended(self, take: Take, process: ProcessName, text: str) -> list[Answer]:
        """Return the failure of a take that waits for the process that has ended."""
        if process == "answer":
            return self._fail(take, text)
        return take.fail(text) if take.microphone_is_open else []

    def _fail(self, take: Take, text: str) -> list[Answer]:
        if take.microphone_is_open:
            self._close_microphone(take, keep=False)
        return take.fail(text)


def _model(track: Sketching) -> str:
    return str(track.instrument.model.path)


def _chosen_input(name: str, choice: str) -> int:
    """Return which input of a microphone is used next: 0 for whichever is live, -1 if another one is."""
    if choice == name:
        return 0
    of, _, channel = choice.rpartition(":")
    return int(channel) if of == name and channel.isdecimal() else -1


def _exported(report: TakeExported) -> Reply:
    if report.error:
        return Reply(osc_message("/flow/error", "/flow/sketch/take", report.error), "listeners")
    return Reply(osc_message("/flow/sketch/take", report.name), "listeners")
