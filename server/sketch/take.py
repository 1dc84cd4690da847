"""One take as the server's loop sees it: where it is, what was found, and what each report brings about."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

import numpy as np

from core.space import ParameterSpace
from server.instrument.instrument import Instrument
from server.osc.answers import Answer, Follow, Reply, status
from server.osc.builder import osc_message
from server.sketch.messages import (
    CandidatesFound,
    LevelMeasured,
    MicrophoneOpened,
    PitchMeasured,
    SoundCoded,
    StatusReported,
    TakeProgressed,
    TakeReport,
    VoiceFollowed,
)
from sketching.candidate import Candidate

__all__ = ["Phase", "Take", "following", "state"]

_QUIETEST_DB = -72.0  # where a level meter begins: a breath moves it, the noise of a good microphone does not


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
        space: Of these patches, but for those that are presets of the player's own.
        model: Name of the model that answers.
        point: Latent that an answer brought about; None before that, and once a candidate was picked.
        state: What clients were told last, of this take or the one before on the same instrument.
        pitch: What clients were told of the pitch of this one.
        code: Of the sound that is answered, to find presets that are like it; None until it was heard.
    """

    number: int
    address: str
    phase: Phase
    instrument: Instrument
    candidates: tuple[Candidate, ...] = ()
    space: ParameterSpace | None = None
    model: str = ""
    point: np.ndarray | None = None
    state: Reply | None = None
    pitch: Reply | None = None
    code: np.ndarray | None = None

    @property
    def best_of_model(self) -> tuple[int, Candidate]:
        """Index and best candidate of the model; it plays unasked, a preset only once it is picked."""
        return next((k, one) for k, one in enumerate(self.candidates) if not one.own)

    @property
    def microphone_is_open(self) -> bool:
        """Whether the microphone was opened for it and not closed yet."""
        return self.phase in (Phase.RECORDING, Phase.FOLLOWING)

    def receive(self, report: TakeReport) -> list[Answer]:
        """Return what a report about this take brings about, which must not be over."""
        match report:
            case MicrophoneOpened():
                return self._opened(report)
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
                self.pitch = Reply(osc_message("/flow/pitch", note, cents), "listeners")
                return [self.pitch]
            case SoundCoded(code=code):
                self.code = code
                return []
            case CandidatesFound():
                return self._offer(report)
            case VoiceFollowed(patch=patch):
                if not self.fits(self.instrument):
                    return []
                self.instrument.go_to_answer(patch)
                return [Follow()]
            case StatusReported(text=text):
                return [status(text, "listeners")]
            case _:
                assert_never(report)

    def progress(self, word: str, fraction: float) -> Reply:
        """Return a word of `/flow/sketch/state` and a fraction."""
        self.state = state(word, fraction)
        return self.state

    def fits(self, instrument: Instrument) -> bool:
        """Whether its candidates are patches of the space that an instrument plays now."""
        if self.space is None:
            return False
        space = instrument.model.space
        return space is self.space or space.to_dict() == self.space.to_dict()

    def end(self) -> list[Answer]:
        """End it, and return what clients are told of a voice that is no longer followed."""
        followed, self.phase = self.phase is Phase.FOLLOWING, Phase.OVER
        return [following(False)] if followed else []

    def give_way(self) -> list[Answer]:
        """Return what clients are told when another instrument's take ends this one."""
        word = ("done", 1.0) if self.candidates else ("idle", 0.0)
        return [*self.end(), self.progress(*word)]

    def fail(self, text: str) -> list[Answer]:
        """Return the failure of this take, which is then over."""
        error = Reply(osc_message("/flow/error", self.address, text), "listeners")
        return [*self.end(), self.progress("failed", 0.0), error]

    def offers(self) -> list[Reply]:
        """Return the candidates, each named by the preset that it is most like, or that it is."""
        names = iter(self.instrument.preset_map.alike(one.patch for one in self.candidates if not one.own))
        labels = [_own_label(one) if one.own else _label(next(names), one) for one in self.candidates]
        return [
            Reply(osc_message("/flow/sketch/candidate", k, one.closeness, label), "listeners")
            for k, (label, one) in enumerate(zip(labels, self.candidates, strict=True))
        ]

    def _opened(self, opened: MicrophoneOpened) -> list[Answer]:
        text = f"'{opened.name}'"
        if opened.channel:
            text = f"input {opened.channel} of {text}"
        elif opened.n_channels > 1:
            text = f"{text}, whichever of its {opened.n_channels} inputs is live"
        if self.phase is Phase.FOLLOWING:
            return [status(f"the server follows {text}", "listeners")]
        return [self.progress("recording", 0.0), status(f"the server records from {text}", "listeners")]

    def _offer(self, found: CandidatesFound) -> list[Answer]:
        if not found.candidates or not self.fits(self.instrument):  # another model was chosen meanwhile
            return []
        before, offered = ((), []) if found.first else (self.candidates, self.offers())
        self.candidates = found.candidates
        answers: list[Answer] = [
            offer
            for k, offer in enumerate(self.offers())
            if k >= len(before) or offer != offered[k] or _sound_different(before[k], self.candidates[k])
        ]
        (_, best), best_before = self.best_of_model, next((one for one in before if not one.own), None)
        better = best_before is None or _sound_different(best_before, best)
        if better and (found.first or self.instrument.latent is self.point):
            self.instrument.go_to_answer(best.patch, best.gestures)
            self.point = self.instrument.latent
            answers.append(Follow())
        return answers


def state(word: str, fraction: float) -> Reply:
    """Return a `/flow/sketch/state` for the instrument's listeners."""
    return Reply(osc_message("/flow/sketch/state", word, fraction), "listeners")


def following(on: bool) -> Reply:
    """Return a `/flow/sketch/following` for the instrument's listeners."""
    return Reply(osc_message("/flow/sketch/following", int(on)), "listeners")


def _label(name: str, candidate: Candidate) -> str:
    return f"like {name}" if name else candidate.label


def _own_label(candidate: Candidate) -> str:
    return f"your {candidate.own}, refined" if candidate.is_refined else f"your {candidate.own}"


def _sound_different(a: Candidate, b: Candidate) -> bool:
    return a.own != b.own or a.gestures != b.gestures or not np.array_equal(a.patch, b.patch)
