"""The process that answers ends with the server, whatever it was doing for it."""

import multiprocessing
import threading

import numpy as np
import pytest

from core.errors import RenderError
from core.mel import MelConfig
from server.sketch import answer_process
from server.sketch.answer_process import AnswerProcess
from server.sketch.messages import AudioBlock, TakeBegun, pack
from synths.engine import Note
from synths.space_files import load_space
from tests.server.sketch.voices import RATE, saw
from tests.support.tiny_torch_model import write_tiny_torch_model


def fails(*_):
    raise RenderError("no engine today")


@pytest.mark.parametrize("following", [True, False], ids=["following", "a recording without renders"])
def test_a_take_that_never_ends_holds_nothing_up(tmp_path, monkeypatch, following):
    begun = threading.Event()
    monkeypatch.setattr(answer_process, "render_during_recording", lambda *_: (begun.set(), fails()))
    note = Note(held_seconds=0.3, seconds=0.5)
    write_tiny_torch_model(tmp_path / "m", load_space("vital-16"), MelConfig(n_frames=16), note)
    ours, theirs = multiprocessing.Pipe()
    running = threading.Thread(target=AnswerProcess(theirs).run, daemon=True)
    running.start()
    begin = TakeBegun(
        take_number=1,
        model=str(tmp_path / "m"),
        following=following,
        refine_seconds=0.0,
        sample_rate=RATE,
        gate_db=-45.0,
    )
    ours.send_bytes(pack(begin))
    ours.send_bytes(pack(AudioBlock(np.asarray(saw(220, 0.5), np.float32))))
    if following:
        assert ours.poll(30.0)  # it says that it hears
    else:
        assert begun.wait(60.0)
    assert running.is_alive()
    ours.close()
    running.join(30.0)
    assert not running.is_alive()
