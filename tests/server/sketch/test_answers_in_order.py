"""What the answer process sends about a sound, in its order, from a tiny model in memory."""

from dataclasses import dataclass, field
from queue import SimpleQueue

import numpy as np
import pytest
import soundfile

from core.mel import MelConfig
from server.sketch import answer_process
from server.sketch.answer_process import AnswerProcess
from server.sketch.messages import (
    QUIT,
    AnswerFile,
    AudioBlock,
    CandidatesFound,
    TakeBegun,
    TakeEnded,
    TakeProgressed,
    pack,
    unpack,
)
from sketching.answerer import Answerer
from sketching.rendering.workers import RenderWorkers
from synths.engine import Note
from synths.space_files import load_space
from tests.server.sketch.voices import RATE, saw
from tests.support.tiny_torch_model import write_tiny_torch_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "m"
    note = Note(held_seconds=0.3, seconds=0.5)
    write_tiny_torch_model(path, load_space("vital-16"), MelConfig(n_frames=16), note)
    return path


@dataclass
class Pipe:
    """The server's end: orders go in, reports come out; the process ends once the last take is done."""

    orders: SimpleQueue = field(default_factory=SimpleQueue)
    reports: list = field(default_factory=list)
    then: dict = field(default_factory=dict)  # orders to send with a report, by kind of the report
    last_take: int = 1

    def send(self, *messages):
        for message in messages:
            self.orders.put(pack(message))

    def recv_bytes(self):
        return self.orders.get()

    def send_bytes(self, raw):
        report = unpack(raw)
        self.reports.append(report)
        self.send(*self.then.pop(type(report), ()))
        if report == TakeProgressed(self.last_take, "done", 1.0):
            self.orders.put(QUIT)

    def of(self, kind):
        return [report for report in self.reports if isinstance(report, kind)]


@pytest.fixture
def pipe(monkeypatch):
    """A pipe to a process that never renders."""
    monkeypatch.setattr(RenderWorkers, "start", lambda self: None)
    monkeypatch.setattr(answer_process, "render_during_recording", lambda early, take, outdated: take.wait())
    return Pipe()


def a_file(model, folder, take_number=1):
    path = folder / "hum.wav"
    soundfile.write(path, saw(220, 0.5), RATE)
    return AnswerFile(
        take_number=take_number,
        model=str(model),
        path=str(path),
        seconds=0.0,
        delete=False,
        refine_seconds=0.0,
    )


def a_recording(model):
    begun = TakeBegun(
        take_number=1,
        model=str(model),
        following=False,
        refine_seconds=0.0,
        sample_rate=RATE,
        gate_db=-45.0,
    )
    return begun, AudioBlock(np.asarray(saw(220, 0.5), np.float32)), TakeEnded(1, True)


@pytest.mark.parametrize("kind", ["file", "recording"])
def test_a_guess_comes_first_and_what_descents_find_after_it(pipe, model, tmp_path, kind):
    pipe.send(*((a_file(model, tmp_path),) if kind == "file" else a_recording(model)))
    AnswerProcess(pipe).run()
    guess, better = pipe.of(CandidatesFound)
    assert guess.first and not better.first
    answerer = Answerer(model)
    heard = answerer.hear(soundfile.read(tmp_path / "hum.wav")[0] if kind == "file" else saw(220, 0.5), RATE)
    for sent, expected in ((guess, answerer.guess(heard)), (better, answerer.first(heard))):
        assert len(sent.candidates) == len(expected)
        np.testing.assert_array_equal(sent.candidates[0].patch, expected[0].patch)
    words = [report.word for report in pipe.of(TakeProgressed)]
    assert words[-2:] == ["refining", "done"]
    order = [type(report) for report in pipe.reports]
    refining = pipe.reports.index(TakeProgressed(1, "refining", 0.0))
    assert order.index(CandidatesFound) < refining < len(order) - 1 - order[::-1].index(CandidatesFound)


def test_a_newer_take_ends_the_descents_of_an_older_one(pipe, model, tmp_path, monkeypatch):
    seen = []
    real = Answerer.first

    def first(self, heard, rendered=(), stop=lambda: False):
        if not seen:
            while not stop():  # the newer take is read by another thread
                pass
        seen.append(stop())
        return real(self, heard, rendered, stop)

    monkeypatch.setattr(Answerer, "first", first)
    pipe.then[CandidatesFound], pipe.last_take = (a_file(model, tmp_path, 2),), 2
    pipe.send(a_file(model, tmp_path))
    AnswerProcess(pipe).run()
    assert seen == [True, False]
