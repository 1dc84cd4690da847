"""One take as the server's loop sees it: where it is, what was found, and what each report brings about."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

import numpy as np

from server.instrument.instrument import Instrument
from server.osc.answers import Answer, Follow, Reply, status
from server.osc.builder import osc_message
from server.sketch.messages import (
    CandidatesFound,
    LevelMeasured,
    MicrophoneOpened,
    PitchMeasured,
    StatusReported,
    TakeProgressed,
    TakeReport,
    VoiceFollowed,
)
from sketching.candidate import Candidate

__all__ = ["Phase", "Take"]

_QUIETEST_DB = -60.0  # where a level meter begins


class Phase(Enum):
    """Where a take is.

        record 1 -> RECORDING -- record 0, or it lasted too long --> ANSWERING -- "done" --> OVER
        file -----------------------------------------------------> ANSWERING -- "done" --> OVER
        live 1 -> FOLLOWING ----------------- live 0 --------------------------------------> OVER

    A failure, or the next take, ends any of them.
    """

    RECORDING = auto()  # the microphone is open, and its sound is answered once it has ended
    FOLLOWING = auto()  # the microphone is open, and the patch follows the voice
    ANSWERING = auto()  # the sound is complete; candidates come
    OVER = auto()  # answered, held, failed or replaced; what is still reported about it is outdated


@dataclass(kw_only=True, eq=False)
class Take:
    """A recording that is answered: made by the server, followed while it is made, or read from a file.

    Attributes:
        number: Takes are counted from 1.
        address: The message that asked for it; failures are reported under it.
        phase: Where it is.
        instrument: What it is played on.
        candidates: Patches that answer it, best first.
        space: Names of the parameters of these patches.
        point: Latent that an answer brought about; None before that, and once a candidate was picked.
        state: What clients were told last of any take.
        pitch: What clients were told of the pitch of this one.
    """

    number: int
    address: str
    phase: Phase
    instrument: Instrument
    candidates: tuple[Candidate, ...] = ()
    space: tuple[str, ...] = ()
    point: np.ndarray | None = None
    state: Reply | None = None
    pitch: Reply | None = None

    @property
    def microphone_is_open(self) -> bool:
        """Whether the microphone was opened for it and not closed yet."""
        return self.phase in (Phase.RECORDING, Phase.FOLLOWING)

    def receive(self, report: TakeReport) -> list[Answer]:
        """Return what a report about this take brings about, which must not be over."""
        match report:
            case MicrophoneOpened(name=name):
                return self._opened(name)
            case LevelMeasured(db=db):
                if self.phase is not Phase.RECORDING:
                    return []
                return [self.progress("recording", 1.0 - min(max(db / _QUIETEST_DB, 0.0), 1.0))]
            case TakeProgressed(word=word, progress=progress):
                if word == "done":
                    self.phase = Phase.OVER
                elif self.phase is Phase.RECORDING:  # it lasted too long, and was ended by its process
                    self.phase = Phase.ANSWERING
                return [self.progress(word, progress)]
            case PitchMeasured(note=note, cents=cents):
                self.pitch = Reply(osc_message("/flow/pitch", note, cents), "all")
                return [self.pitch]
            case CandidatesFound():
                return self._offer(report)
            case VoiceFollowed(patch=patch):
                if len(patch) != len(self.instrument.patch):  # another model was loaded meanwhile
                    return []
                self.instrument.go_to_answer(patch)
                return [Follow()]
            case StatusReported(text=text):
                return [status(text, "all")]
            case _:
                assert_never(report)

    def progress(self, word: str, fraction: float) -> Reply:
        """Return a word of `/flow/sketch/state` and a fraction for every client."""
        self.state = Reply(osc_message("/flow/sketch/state", word, fraction), "all")
        return self.state

    def fail(self, text: str) -> list[Answer]:
        """Return the failure of this take, which is then over."""
        self.phase = Phase.OVER
        return [self.progress("failed", 0.0), Reply(osc_message("/flow/error", self.address, text), "all")]

    def offers(self) -> list[Reply]:
        """Return the candidates for every client."""
        return [
            Reply(osc_message("/flow/sketch/candidate", k, one.closeness, one.label), "all")
            for k, one in enumerate(self.candidates)
        ]

    def _opened(self, name: str) -> list[Answer]:
        if self.phase is Phase.FOLLOWING:
            return [status(f"the server follows '{name}'", "all")]
        text = f"the server records from '{name}'"
        return [self.progress("recording", 0.0), status(text, "all")]

    def _offer(self, found: CandidatesFound) -> list[Answer]:
        if not found.candidates or len(found.candidates[0].patch) != len(self.instrument.patch):
            return []
        before = () if found.first else self.candidates
        self.candidates, self.space = found.candidates, self.instrument.model.space.names
        answers: list[Answer] = [
            offer
            for k, offer in enumerate(self.offers())
            if k >= len(before) or _differ(before[k], self.candidates[k])
        ]
        best = self.candidates[0].patch
        better = not before or not np.array_equal(before[0].patch, best)
        if better and (found.first or self.instrument.latent is self.point):
            self.instrument.go_to_answer(best)
            self.point = self.instrument.latent
            answers.append(Follow())
        return answers


def _differ(a: Candidate, b: Candidate) -> bool:
    return (a.closeness, a.label) != (b.closeness, b.label) or not np.array_equal(a.patch, b.patch)
