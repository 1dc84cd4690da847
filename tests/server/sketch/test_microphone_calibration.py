"""Knowing a microphone: noise, level, gate, loop; in numbers, in files, and through JACK."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.facts import facts_path
from calibration.microphone import chirps, choose_gate, levels_db, loop_delay_ms, noise_db, voice_db
from calibration.microphone_facts import (
    MicrophoneFacts,
    known_microphone,
    last_microphone,
    remember_microphone,
    save_microphone,
)
from core.errors import ConfigError
from tests.server.sketch.voices import needs_portaudio, noise, sine
from tests.support.live import ROOT

RATE = 48_000
decibels = st.floats(-100.0, 0.0)


@pytest.mark.parametrize("level", [0.3, 0.01, 0.0001])
def test_levels_are_root_mean_squares(level):
    expected = 20 * np.log10(level / np.sqrt(2))
    tone = level / 0.2 * sine(1_000, 1.0, RATE)
    assert levels_db(tone, RATE) == pytest.approx(expected, abs=0.01)
    assert voice_db(tone, RATE) == pytest.approx(expected, abs=0.01)


def test_a_cough_is_not_the_noise_of_a_room_and_a_pause_not_the_level_of_a_voice():
    room = noise(3.0, 0.001, rate=RATE)
    room[RATE : RATE + 4_000] += 0.5
    assert noise_db(room, RATE) == pytest.approx(-60, abs=1)
    sung = np.concatenate([sine(300, 1.5, RATE), np.zeros(RATE), sine(300, 1.5, RATE)])
    assert voice_db(sung, RATE) == pytest.approx(20 * np.log10(0.2 / np.sqrt(2)), abs=0.1)


@given(decibels, st.none() | decibels)
def test_the_gate_lies_between_noise_and_voice(noise, voice):
    gate = choose_gate(noise, voice)
    assert -70.0 <= gate <= -20.0
    if voice is not None and -70.0 < noise < voice < -20.0:
        assert noise < gate < voice


@pytest.mark.parametrize("delay_ms", [0.0, 3.0, 42.5, 250.0])
def test_the_delay_of_the_loop_is_found_in_noise(delay_ms):
    played, _ = chirps(RATE)
    n = round(delay_ms * RATE / 1000)
    heard = 0.2 * np.concatenate([np.zeros(n, np.float32), played])[: len(played)]
    assert loop_delay_ms(heard + noise(3.0, 0.003, rate=RATE), RATE) == pytest.approx(delay_ms, abs=0.1)


@pytest.mark.parametrize("heard", [np.zeros(3 * RATE), noise(3.0, rate=RATE), np.zeros(10)])
def test_a_loop_that_is_not_heard_is_none(heard):
    assert loop_delay_ms(heard, RATE) is None


def test_facts_are_kept_for_each_device(tmp_path):
    facts = MicrophoneFacts(noise_db=-71.5, gate_db=-55.0, level_db=-20.25, loop_ms=None)
    save_microphone("Mikrofon (USB) ü/ö", facts, tmp_path)
    assert known_microphone("Mikrofon (USB) ü/ö", tmp_path) == facts
    assert known_microphone("another", tmp_path) == MicrophoneFacts()
    assert last_microphone(tmp_path) == ""
    remember_microphone("Mikrofon (USB) ü/ö", tmp_path)
    assert last_microphone(tmp_path) == "Mikrofon (USB) ü/ö"


@pytest.mark.parametrize("text", ["", "[1, 2]", "gate_db: .nan", "gate_db: 99", "gate_db: loud", "\x00"])
def test_damaged_facts_are_left_out(tmp_path, text):
    path = facts_path("microphone", "mine", tmp_path)
    path.write_text(f"device: mine\n{text}\n")
    assert known_microphone("mine", tmp_path) == MicrophoneFacts()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        save_microphone("mine", MicrophoneFacts(), tmp_path / "file")


def ports():
    return subprocess.run(["jack_lsp"], capture_output=True, text=True).stdout.split("\n")


@pytest.mark.real
@needs_portaudio
def test_a_microphone_is_measured_through_jack(jack, tmp_path):
    """The loudspeaker's port is wired to the microphone's, as soon as both are there."""
    command = [sys.executable, "-m", "calibration.microphone", "--no-voice", "--seconds", "0.5"]
    process = subprocess.Popen(
        [*command, "--data", str(tmp_path), "--microphone", "system"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
    )  # fmt: skip

    def wire():
        while process.poll() is None:
            there = ports()
            outs, ins = ([p for p in there if word in p and "PortAudio" in p] for word in (":out_", ":in_"))
            if outs and ins:
                subprocess.run(["jack_connect", outs[0], ins[0]], capture_output=True)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=wire)
    thread.start()
    said = process.communicate(timeout=60)[0]
    thread.join()
    assert process.returncode == 0, said
    assert "the loop takes" in said, said
    facts = known_microphone("system", tmp_path / "calibration")
    assert facts.noise_db == -100.0 and facts.gate_db == -70.0
    assert 0.0 <= facts.loop_ms < 300.0


@pytest.mark.real
@needs_portaudio
def test_a_name_that_no_microphone_has_is_two(jack, tmp_path):
    command = [sys.executable, "-m", "calibration.microphone", "--microphone", "Neumann"]
    done = subprocess.run([*command, "--data", str(tmp_path)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 2 and "no microphone is called 'Neumann'" in done.stderr
    assert "Traceback" not in done.stderr and not list(tmp_path.iterdir())
