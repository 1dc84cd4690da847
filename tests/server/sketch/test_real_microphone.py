"""A voice made on the spot, through JACK and the port that is recorded, to a patch and to Vital's sound."""

import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from core.loudness import momentary_loudness
from models.folder import ModelFolder
from synths.engine import Note
from tests.server.sketch.conftest import MODEL, Sketching, of
from tests.server.sketch.voices import needs_espeak, needs_portaudio, noise, saw, vowel
from tests.support.live import ROOT, running_server

pytestmark = [pytest.mark.real, needs_espeak, needs_portaudio]
RATE = 48_000


class Singer:
    """Another program whose sound reaches the microphone's port."""

    def __init__(self, file):
        command = [sys.executable, "-m", "tests.server.sketch.player", str(file)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        self.port = next(port for port in ports() if ":out_" in port)

    def into_the_microphone(self):
        microphones = [port for port in ports() if ":in_" in port]
        subprocess.run(["jack_connect", self.port, microphones[-1]], check=True, capture_output=True)

    def sing(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def wait(self):
        """Until it was sung: a busy machine makes JACK's time slower than that of clocks."""
        assert self.process.stdout.readline() == "sung\n"

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def ports():
    return subprocess.run(["jack_lsp"], capture_output=True, text=True).stdout.split("\n")


@pytest.fixture(scope="module")
def ears(jack, tmp_path_factory):
    """A server under JACK."""
    data = tmp_path_factory.mktemp("ears")
    options = ("--refine", "0", "--microphone", "system")
    with running_server(MODEL, data, *options) as server, server.client() as client:
        yield Sketching(server, data, client)


@pytest.fixture
def singer(jack, tmp_path):
    singers = []

    def make(audio):
        file = tmp_path / "voice.wav"
        soundfile.write(file, audio, RATE)
        singers.append(Singer(file))
        return singers[-1]

    yield make
    for one in singers:
        one.close()


def test_a_voice_becomes_a_patch_and_the_patch_sounds(ears, singer):
    voice = np.concatenate([vowel("aa:", rate=RATE)] * 3)
    one = singer(voice)
    ears.ask("/flow/sketch/record", 1)
    opened = ears.hear(lambda m: m[0] == "/flow/status" and "'system'" in m[1][0])
    one.into_the_microphone()
    one.sing()
    one.wait()
    time.sleep(0.3)
    ears.client.send("/flow/sketch/record", 0)
    heard = opened + ears.answered("failed")
    assert any("input 2 of 'system' is live" in text for (text,) in of(heard, "/flow/status"))

    levels = [progress for word, progress in of(heard, "/flow/sketch/state") if word == "recording"]
    assert 0.6 < max(levels) <= 1.0 and min(levels) < 0.2  # the meter moves
    words = [word for word, _ in of(heard, "/flow/sketch/state")]
    assert words.index("hearing") > words.index("recording") and words[-1] == "done"
    ((note, cents),) = of(heard, "/flow/pitch")
    assert abs(note + cents / 100 - 55.1) < 0.5  # 197 Hz, as espeak-ng makes it
    *_, frame = of(heard, "/flow/params")  # a better one follows where little was rendered meanwhile
    patch = np.array(frame[1:], np.float32)
    model = ModelFolder.load(MODEL)
    assert np.abs(patch - model.flow.decode(model.macros.resting)).max() > 0.05

    from synths.vital import VitalEngine

    sound = VitalEngine(22_050).render(model.space.decode(patch), Note(note=note))
    assert momentary_loudness(sound, 22_050) > -45.0
    assert list(ears.folder.iterdir()) == []

    ears.client.send("/flow/sketch/take", "sketch-3-4.wav")
    ears.hear(lambda m: m[0] == "/flow/sketch/take", 20.0)
    sung, rate = soundfile.read(ears.folder / "sketch-3-4.wav")
    assert len(sung) > len(voice) * rate / RATE * 0.9 and np.abs(sung).max() > 0.5 * np.abs(voice).max()
    (ears.folder / "sketch-3-4.wav").unlink()


def test_the_voice_is_followed_while_it_sounds_and_held_after(ears, singer):
    silence = np.zeros(RATE // 2, np.float32)
    one = singer(np.concatenate([saw(110, 2.0, RATE), silence, noise(2.0, 0.1, rate=RATE), silence]))
    ears.ask("/flow/sketch/live", 1)
    ears.hear(lambda m: m[0] == "/flow/sketch/state" and m[1][0] == "hearing")
    one.into_the_microphone()
    ears.until_quiet()
    assert ears.frames(0.3) == []  # nothing moves while nobody sings
    one.sing()
    frames, began = [], time.monotonic()
    while time.monotonic() < began + 6.0:
        message = ears.client.receive(0.02)
        if message is not None and message[0] == "/flow/params":
            frames.append((time.monotonic() - began, np.array(message[1][1:])))
    ears.client.send("/flow/sketch/live", 0)
    assert ears.state("idle", limit_s=10.0)
    times, patches = np.array([t for t, _ in frames]), np.stack([p for _, p in frames])
    assert np.isfinite(patches).all()
    assert len(frames) >= 20  # 100 on a machine that has nothing else to do
    middle = np.median(times)
    first, second = patches[times < middle].mean(axis=0), patches[times >= middle].mean(axis=0)
    assert np.abs(first - second).max() > 0.1  # a saw is no hiss
    assert np.abs(np.diff(patches, axis=0)).max() < 0.9
    assert ears.frames(0.3) == []  # held


def test_the_microphones_are_listed_and_one_that_nobody_has_is_named(ears, jack):
    command = [sys.executable, "run_server.py", "--list-microphones"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert listed.returncode == 0 and "system" in listed.stdout.split()
    with running_server(MODEL, ears.data / "other", "--microphone", "Neumann") as server:
        with server.client() as client:
            other = Sketching(server, ears.data / "other", client)
            other.ask("/flow/sketch/record", 1)
            about, text = other.hear(lambda m: m[0] == "/flow/error", 60.0)[-1][1]
    assert about == "/flow/sketch/record"
    assert "no microphone is called 'Neumann'" in text and "system" in text


def test_the_choice_is_remembered(ears):
    from calibration.microphone_facts import last_microphone

    assert last_microphone(ears.data / "calibration") == "system"


def test_a_microphone_that_vanishes_is_said_and_nothing_else_changes(jack, ears):
    """The last of this file: JACK does not come back."""
    ears.ask("/flow/sketch/record", 1)
    ears.hear(lambda m: m[0] == "/flow/status" and "'system'" in m[1][0])
    jack.kill()
    jack.wait(10)
    heard = ears.hear(lambda m: m[0] == "/flow/error", 30.0)
    assert of(heard, "/flow/sketch/state")[-1][0] == "failed" and of(heard, "/flow/params") == []
    assert "microphone" in of(heard, "/flow/error")[0][1]
    ears.ask("/flow/macro", 0, 0.25)
    assert ears.hear(lambda m: m[0] == "/flow/params", 5.0)
    ears.ask("/flow/sketch/record", 1)
    assert "microphone" in ears.hear(lambda m: m[0] == "/flow/error", 30.0)[-1][1][1]
