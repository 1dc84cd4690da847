"""The speakers, through a real JACK server that drives no hardware."""

import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from sounding.limiter import CEILING

PROGRAMS = ("jackd", "jack_rec", "jack_lsp")
missing = [name for name in PROGRAMS if shutil.which(name) is None]

# Plays three tones, each of which takes over from the one before, until its input closes.
PLAYER = """
import sys, time
import numpy as np
from sounding.mixer import Mixer
from sounding.piece import Piece
from sounding.playback import Playback
from sounding.shared_stream import SharedStream
from sounding.speaker import Speaker

speaker = Speaker()
rate = speaker.sample_rate
mixer = Mixer(rate)
stream = SharedStream(mixer.fill, rate)
speaker.start(stream.join())
t = np.arange(3 * rate) / rate
print(rate, flush=True)
sys.stdin.readline()
playback = None
for hz in (300, 400, 500):
    wave = (0.5 * np.sin(2 * np.pi * hz * t)).astype(np.float32)
    piece = Piece(np.stack([wave, wave], axis=1))
    with stream.lock:
        if playback is None:
            playback = Playback(piece)
            mixer.add(playback)
        else:
            playback.replace(piece, rate // 25)
    time.sleep(0.4)
sys.stdin.read()
speaker.close()
print(speaker.n_gaps, flush=True)
"""


@pytest.fixture
def jack(tmp_path):
    env = {**os.environ, "JACK_DEFAULT_SERVER": f"flow-{os.getpid()}", "JACK_NO_AUDIO_RESERVATION": "1"}
    with (tmp_path / "jackd.log").open("w") as log:
        command = ["jackd", "--no-realtime", "-d", "dummy", "-r", "48000", "-p", "1024"]
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            for _ in range(100):
                if subprocess.run(["jack_lsp"], env=env, capture_output=True).returncode == 0:
                    break
                time.sleep(0.1)
            else:
                pytest.fail(f"jackd did not start: {(tmp_path / 'jackd.log').read_text()}")
            yield env
        finally:
            server.terminate()
            server.wait(10)


@pytest.mark.real
@pytest.mark.skipif(bool(missing), reason=f"no {', '.join(missing)}: sudo apt install jackd2")
def test_notes_reach_the_sound_card_without_gaps(jack, tmp_path):
    pytest.importorskip(
        "sounddevice", reason="no PortAudio: sudo apt install libportaudio2", exc_type=OSError
    )
    player = subprocess.Popen(
        [sys.executable, "-c", PLAYER], env=jack, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert int(player.stdout.readline()) == 48_000
        ports = subprocess.run(["jack_lsp"], env=jack, capture_output=True, text=True).stdout.split("\n")
        ours = [port for port in ports if port.startswith("PortAudio") and "out" in port]
        assert len(ours) == 2, ports
        file = tmp_path / "heard.wav"
        recorder = subprocess.Popen(
            ["jack_rec", "-f", str(file), "-d", "3", "-b", "24", *ours],
            env=jack, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(0.7)  # until it is connected
        player.stdin.write("go\n")
        player.stdin.flush()
        recorder.wait(20)
    finally:
        player.stdin.close()
        n_gaps = int(player.stdout.read() or -1)
        player.wait(10)
        player.stdout.close()
    assert n_gaps >= 0  # counted; how many depends on what else the machine does
    heard, rate = soundfile.read(file)
    assert rate == 48_000
    heard = heard[:, 0]
    first = int(np.argmax(np.abs(heard) > 0.01))
    sounding = heard[first : first + int(1.5 * rate)]
    assert np.abs(sounding).max() <= CEILING
    # No gap: every 10 ms holds at least one half cycle of 300 Hz at 0.5, or of two tones crossfaded.
    pieces = sounding[: len(sounding) // 480 * 480].reshape(-1, 480)
    assert np.abs(pieces).max(axis=1).min() > 0.2
    # No click: the steepest step of 500 Hz at 0.5 is 0.033, of two tones at equal power 1.41 times that.
    assert np.abs(np.diff(sounding)).max() < 0.05
    spectrum = np.abs(np.fft.rfft(sounding[-int(0.3 * rate) :]))
    assert np.argmax(spectrum) * rate / int(0.3 * rate) == pytest.approx(500, abs=5)
