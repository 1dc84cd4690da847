"""Sounds of sketches that can be heard again: lent for a moment, on this computer only, then gone."""

import os
import stat
import sys
import time

import numpy as np
import pytest
import soundfile

from core.errors import SoundError
from server.sketch import take_export
from server.sketch.messages import ExportTake, OpenMicrophone, TakeExported, TakeProgressed
from server.sketch.take_export import TakeExports
from tests.server.sketch.conftest import of
from tests.server.sketch.test_sketcher import ask, processes, rig, say
from tests.server.sketch.voices import RATE, saw
from tests.support.live import MY_PORT, only

__all__ = ["processes", "rig"]

SOUND = np.linspace(-0.5, 0.5, 4_800, dtype=np.float32)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def gone(folder):
    deadline = time.monotonic() + 5.0
    while files(folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    return files(folder) == []


def test_what_nobody_fetches_is_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(take_export, "EXPORTED_S", 0.05)
    TakeExports().write(tmp_path / "sketch-1-1.wav", SOUND, 48_000)
    assert gone(tmp_path)


def test_the_end_deletes_what_is_left_and_what_was_fetched_is_no_error(tmp_path):
    exports = TakeExports()
    for k in range(3):
        exports.write(tmp_path / f"sketch-1-{k}.wav", SOUND, 48_000)
    audio, rate = soundfile.read(tmp_path / "sketch-1-0.wav")
    assert rate == 48_000 and audio == pytest.approx(SOUND, abs=1e-4)
    (tmp_path / "sketch-1-0.wav").unlink()
    exports.close()
    assert files(tmp_path) == []


def test_no_more_than_a_few_at_once_and_nothing_is_written_over(tmp_path):
    exports = TakeExports()
    (tmp_path / "sketch-9-9.wav").write_text("somebody's")
    with pytest.raises(SoundError, match="another name"):
        exports.write(tmp_path / "sketch-9-9.wav", SOUND, 48_000)
    with pytest.raises(SoundError, match="another name"):
        exports.write(tmp_path / "no folder" / "sketch-9-9.wav", SOUND, 48_000)
    for k in range(4):
        exports.write(tmp_path / f"sketch-1-{k}.wav", SOUND, 48_000)
    with pytest.raises(SoundError, match="again"):
        exports.write(tmp_path / "sketch-1-5.wav", SOUND, 48_000)
    exports.close()
    assert files(tmp_path) == ["sketch-9-9.wav"] and (tmp_path / "sketch-9-9.wav").read_text() == "somebody's"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the folder to the user")
def test_only_this_user_can_read_it(tmp_path):
    exports = TakeExports()
    exports.write(tmp_path / "sketch-1-1.wav", SOUND, 48_000)
    assert stat.S_IMODE(os.stat(tmp_path / "sketch-1-1.wav").st_mode) == 0o600
    exports.close()


@pytest.mark.parametrize(
    "name", ["../sketch-1-2.wav", "hum.wav", "sketch-1-2.exe", "sketch-1-2.wav/", "", "a/b.wav"]
)
def test_a_name_is_that_of_a_take_and_never_a_path(rig, name):
    ask(rig)
    n = len(rig.processes.told)
    assert only(rig.send("/flow/sketch/take", name)[MY_PORT], "/flow/error")[0] == "/flow/sketch/take"
    assert len(rig.processes.told) == n


def test_only_a_sketch_that_is_over_is_lent_and_only_to_this_computer(rig, tmp_path):
    name = "sketch-1-2.wav"
    assert "record one" in only(rig.send("/flow/sketch/take", name)[MY_PORT], "/flow/error")[1]
    rig.send("/flow/sketch/record", 1)
    assert "record one" in only(rig.send("/flow/sketch/take", name)[MY_PORT], "/flow/error")[1]
    number = next(m.take_number for _, m in rig.processes.told if isinstance(m, OpenMicrophone))
    rig.send("/flow/sketch/record", 0)
    say(rig, TakeProgressed(number, "hearing", 0.0))
    assert (
        "own computer"
        in only(rig.send("/flow/sketch/take", name, sender=("10.0.0.9", 4))[9131], "/flow/error")[1]
    )
    rig.send("/flow/sketch/take", name)
    assert rig.processes.told[-1] == ("answer", ExportTake(number, str(tmp_path / "sketches" / name)))
    assert only(say(rig, TakeExported(number, name)), "/flow/sketch/take") == (name,)
    rig.send("/flow/sketch/take", name)
    assert only(say(rig, TakeExported(number, name, "it is full")), "/flow/error") == (
        "/flow/sketch/take",
        "it is full",
    )


def test_what_was_heard_comes_back_from_the_answer_process(sketching):
    soundfile.write(sketching.folder / "sketch-5-5.wav", saw(220), RATE)
    sketching.ask("/flow/sketch/file", "sketch-5-5.wav", 400)
    sketching.answered()
    sketching.ask("/flow/sketch/take", "sketch-5-6.wav")
    heard = sketching.hear(lambda m: m[0] == "/flow/sketch/take", 20.0)
    assert of(heard, "/flow/sketch/take") == [["sketch-5-6.wav"]]
    audio, rate = soundfile.read(sketching.folder / "sketch-5-6.wav")
    assert len(audio) == pytest.approx(0.4 * rate, abs=2) and np.abs(audio).max() > 0.05
    (sketching.folder / "sketch-5-6.wav").unlink()
