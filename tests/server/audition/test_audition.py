import logging
import re
import subprocess
import sys
import threading

import numpy as np
import pytest
import soundfile

from core.errors import DeviceError, RenderError
from core.loudness import momentary_loudness
from core.space import Parameter, ParameterSpace
from server.audition.audition import NOTE, Audition, leveled, make_audition
from server.audition.folder_sink import FolderSink
from sounding.limiter import CEILING
from synths.catalog import SYNTHS, SynthFacts, load_engine
from synths.engine import Note
from synths.space_files import load_space
from tests.support.needs import needs_amsynth

SPACE = load_space("vital-16")
SHORT = Note(held_seconds=0.2, seconds=0.5)
RATE = 44_100


class RecordingSink:
    def __init__(self, error=None):
        self.played, self.closed, self.error = [], False, error
        self.something = threading.Event()

    def open(self):
        if self.error:
            raise self.error
        return 8_000

    def play(self, audio):
        self.played.append(audio)
        self.something.set()

    def close(self):
        self.closed = True


class SlowEngine:
    """Renders the first parameter as a level, when told to."""

    def __init__(self, sample_rate):
        self.sample_rate = sample_rate
        self.rendering, self.go, self.rendered = threading.Event(), threading.Semaphore(0), []

    def render(self, patch, note):
        self.rendering.set()
        assert self.go.acquire(timeout=5)
        self.rendered.append(patch["volume"])
        if patch["volume"] == 0.0:
            raise RenderError("silent")
        rng = np.random.default_rng(int(1_000 * patch["volume"]))
        return rng.normal(0, 0.1, (2, 8_000)).astype(np.float32)


def vector(volume):
    result = SPACE.neutral
    result[0] = volume
    return result


@pytest.fixture
def slow():
    engine, sink = SlowEngine(8_000), RecordingSink()
    audition = Audition(SPACE, sink, SHORT, lambda rate: engine)
    yield audition, engine, sink
    engine.go.release(9)
    audition.close()


def test_an_outdated_render_is_dropped_and_the_newest_wins(slow):
    audition, engine, sink = slow
    audition.settled(vector(0.1))
    assert engine.rendering.wait(5)
    for volume in (0.2, 0.3, 0.4):
        audition.settled(vector(volume))
    engine.go.release(2)
    assert sink.something.wait(5)
    assert engine.rendered == pytest.approx([0.1, 0.4])
    assert len(sink.played) == 1


def test_the_caller_may_go_on_changing_its_vector(slow):
    audition, engine, _ = slow
    mine = vector(0.25)
    audition.settled(mine)
    mine[:] = 0.0
    engine.go.release()
    audition.close()
    assert engine.rendered == pytest.approx([0.25]) or engine.rendered == []


def test_a_patch_that_fails_is_said_and_the_next_one_sounds(slow, caplog):
    audition, engine, sink = slow
    engine.go.release(2)
    audition.settled(vector(0.0))
    assert engine.rendering.wait(5)
    audition.settled(vector(0.5))
    assert sink.something.wait(5)


def test_without_a_device_one_warning_and_nothing_else(caplog):
    sink = RecordingSink(DeviceError("no sound: connect one"))
    with caplog.at_level(logging.INFO):
        audition = Audition(SPACE, sink, SHORT, SlowEngine)
        for _ in range(5):
            audition.settled(SPACE.neutral)
        audition.close()
    assert [record.getMessage() for record in caplog.records] == ["no sound: connect one"]
    assert caplog.records[0].levelno == logging.WARNING
    assert sink.closed


def test_vital_is_heard_in_a_folder(tmp_path):
    folder = tmp_path / "heard"
    for expected in ("0001.wav", "0002.wav"):
        audition = Audition(SPACE, FolderSink(folder), SHORT)
        audition.settled(SPACE.neutral)
        _wait_for(folder / expected)
        audition.close()
    assert sorted(path.name for path in folder.iterdir()) == ["0001.wav", "0002.wav"]
    audio, rate = soundfile.read(folder / "0001.wav")
    assert rate == 44_100 and audio.shape == (22_050, 2)
    assert soundfile.info(folder / "0001.wav").subtype == "PCM_16"
    assert np.abs(audio).max() > 0.05


def heard(space, vectors, folder, count=1):
    """What the audition as the server makes it writes into a folder."""
    audition = make_audition(space, folder)
    for vector in vectors:
        audition.settled(vector)
    _wait_for(folder / f"{count:04d}.wav")
    audition.close()
    return soundfile.read(folder / f"{count:04d}.wav")


def test_each_model_is_heard_through_the_engine_of_its_own_synth(tmp_path, monkeypatch):
    played = []

    class OtherEngine:
        def __init__(self, sample_rate):
            self.sample_rate = sample_rate

        def render(self, patch, note):
            played.append(patch)
            return np.full((2, 4_000), 0.1, np.float32)

    monkeypatch.setitem(
        SYNTHS, "other", SynthFacts(name="other", title="Other", make_engine=OtherEngine, install="none")
    )
    space = ParameterSpace("other-1", "other", [Parameter(name="not_vitals", label="", low=0.0, high=1.0)])
    audio, _ = heard(space, [space.neutral], tmp_path / "heard")
    assert played == [{"not_vitals": 0.0}]
    assert audio.shape == (4_000, 2) and audio.any()


@pytest.mark.real
@needs_amsynth
def test_a_model_of_amsynth_is_heard_through_amsynth(tmp_path):
    space = load_space("amsynth-16")
    audio, rate = heard(space, [space.neutral], tmp_path / "heard")
    engine = load_engine(space, rate)
    expected = leveled(engine.render(space.decode(space.neutral), NOTE), rate)
    assert audio == pytest.approx(expected, abs=2e-3)  # 16 bits, and the little that a render carries over


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (ParameterSpace("box-16", "my box", SPACE.parameters), "no engine here plays my box.* --audition-to"),
        (
            ParameterSpace("no-16", "plugin:None.vst3", SPACE.parameters),
            "None.vst3 is not installed; install it",
        ),
        (load_space("amsynth-16"), "no amsynth plug-in at AMSYNTH_VST"),
    ],
)
def test_without_an_engine_one_warning_and_nothing_else(space, said, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("AMSYNTH_VST", str(tmp_path / "none.so"))
    with caplog.at_level(logging.INFO):
        audition = make_audition(space, tmp_path / "heard")
        for _ in range(5):
            audition.settled(space.neutral)
        audition.close()
    (message,) = [record.getMessage() for record in caplog.records]
    assert re.match(f"nothing is auditioned: .*{said}", message)
    assert caplog.records[0].levelno == logging.WARNING
    assert not list((tmp_path / "heard").iterdir())


def test_a_folder_that_cannot_be_made_is_a_warning(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    audition = make_audition(SPACE, tmp_path / "file" / "inside")
    audition.close()
    assert "cannot be written" in caplog.text


def test_the_server_starts_without_the_engine_or_portaudio():
    heavy = "{'vita', 'sounddevice', 'soundfile'}"
    code = f"import sys, server.audition.audition; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def noise(amplitude, seconds=1.0):
    return amplitude * np.random.default_rng(1).normal(0, 1, (2, int(seconds * RATE)))


@pytest.mark.parametrize("amplitude", [1e-9, 1e-4, 0.01, 1.0, 1e4, np.inf, np.nan])
def test_no_patch_hurts(amplitude):
    audio = np.full((2, RATE), amplitude) if not np.isfinite(amplitude) else noise(amplitude)
    safe = leveled(audio, RATE)
    assert safe.shape == (RATE, 2) and safe.dtype == np.float32
    assert np.isfinite(safe).all()
    assert np.abs(safe).max() <= CEILING


def test_loudness_is_reached_from_above_and_within_12_db_from_below():
    quiet, loud, faint = noise(0.02), noise(0.2), noise(1e-5)
    # The limiter takes a little off the highest peaks of noise.
    for audio in (quiet, loud):
        assert momentary_loudness(leveled(audio, RATE).T, RATE) == pytest.approx(-18, abs=0.3)
    gained = momentary_loudness(leveled(faint, RATE).T, RATE) - momentary_loudness(faint, RATE)
    assert gained == pytest.approx(12, abs=0.1)


def test_what_is_not_loud_is_only_scaled_and_ends_softly():
    audio = noise(0.02)
    safe = leveled(audio, RATE).T
    ratio = safe[:, :30_000] / audio[:, :30_000]
    assert ratio == pytest.approx(ratio[0, 0], rel=1e-3)
    assert safe[:, -1] == pytest.approx([0, 0], abs=1e-6)


def _wait_for(path):
    for _ in range(200):
        if path.exists():
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"{path.name} never came")
