"""The sound process, its renderers and its stream, all real."""

import multiprocessing
import socket
import time

import numpy as np
import psutil
import pytest

from sounding.keyboard import Key
from sounding.orders import AddSpace, Leave, Panic, Press, Release, SetPatch, SoundOptions, SoundReport
from sounding.sound_process import QUIT, run_sound
from synths.space_files import load_space
from tests.support.live import eventually
from tests.support.needs import needs_vst3_tools
from tests.support.tiny_plugin import build_tiny_plugin, write_tiny_space

SPACE = load_space("vital-16")
RATE = 44_100


class Running:
    """A sound process, and a program that listens to it in real time."""

    def __init__(self, space=SPACE, **options):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        options = {"speakers": False, **options}
        options = SoundOptions(space=space.to_dict(), **options)
        self.process = context.Process(target=run_sound, args=(theirs, options))
        self.process.start()
        theirs.close()
        self.report, self.sock = None, None

    def wait_until(self, state):
        assert eventually(lambda: self.look().state == state, 90.0), self.report

    def look(self):
        while self.pipe.poll(0.1):
            self.report = self.pipe.recv()
        return self.report or SoundReport()

    def listen(self):
        self.sock = socket.create_connection(("127.0.0.1", self.report.port), timeout=10.0)
        self.sock.sendall(self.report.token.encode())

    def hear(self, seconds, block=512):
        """What comes in that time; it is asked for no faster than it would be played."""
        blocks, began = [], time.monotonic()
        while len(blocks) * block < seconds * RATE:
            self.sock.sendall(block.to_bytes(4, "big"))
            data = b""
            while len(data) < 4 * block:
                data += self.sock.recv(4 * block - len(data))
            blocks.append(np.frombuffer(data, "<i2").reshape(-1, 2) / 32_767)
            time.sleep(max(0.0, began + len(blocks) * block / RATE - time.monotonic()))
        return np.concatenate(blocks)

    def send(self, *orders):
        for order in orders:
            self.pipe.send(order)

    def stop(self):
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.pipe.send(QUIT)
        self.process.join(20)
        assert self.process.exitcode == 0
        assert eventually(lambda: not any(child.is_running() for child in children), 10.0)


@pytest.fixture(scope="module")
def running():
    running = Running()
    running.wait_until("on")
    running.listen()
    running.hear(0.2)
    running.send(SetPatch(0, SPACE.neutral))
    running.hear(0.5)
    yield running
    running.sock.close()
    running.stop()


def silent(running):
    """Wait until nothing sounds."""
    deadline = time.monotonic() + 30.0
    while np.abs(running.hear(0.5)).max() > 0.0:
        assert time.monotonic() < deadline
    return True


def test_a_chord_is_heard_while_it_is_held_and_then_ends(running):
    running.send(*(Press(Key(0, "me", note), 100) for note in (48, 55, 64)))
    assert eventually(lambda: np.abs(running.hear(1.0)).max() > 0.05, 20.0)
    running.look()
    assert running.report.n_voices == 3
    running.send(*(Release("me", note) for note in (48, 55, 64)))
    assert silent(running)
    assert eventually(lambda: (running.hear(0.1), running.look().n_voices)[1] == 0)


def test_a_turn_is_heard_in_what_sounds(running):
    running.send(Press(Key(0, "me", 60), 100))
    before = running.hear(2.0)[-RATE // 2 :]
    turned = SPACE.neutral.copy()
    turned[SPACE.index("volume")] = 0.3
    running.send(SetPatch(0, turned))
    quiet = 0.5 * np.sqrt(np.mean(before**2))
    assert eventually(lambda: np.sqrt(np.mean(running.hear(0.3) ** 2)) < quiet, 20.0)
    running.send(SetPatch(0, SPACE.neutral), Leave("me"))
    assert silent(running)


def test_panic_ends_everything_at_once(running):
    running.send(*(Press(Key(0, "me", note), 100) for note in range(40, 48)))
    running.hear(1.0)
    running.send(Panic())
    running.hear(0.2)
    assert not running.hear(0.3).any()


def test_a_renderer_that_is_killed_is_replaced(running):
    for child in psutil.Process(running.process.pid).children(recursive=True):
        if "spawn_main" in " ".join(child.cmdline()):
            child.kill()
    assert eventually(lambda: "renders notes ended" in running.look().text, 10.0)

    def sounds():
        running.send(Press(Key(0, "me", 60), 100))
        heard = np.abs(running.hear(1.0)).max() > 0.01
        running.send(Release("me", 60))
        return heard

    assert eventually(sounds, 60.0)
    assert silent(running)


def test_instruments_of_two_spaces_sound_side_by_side(running):
    space = load_space("vital-32")
    running.send(AddSpace(1, space.to_dict()), SetPatch(1, space.neutral, 1), SetPatch(0, SPACE.neutral))
    for instrument, note in ((1, 60), (0, 64), (1, 67)):
        running.send(Press(Key(instrument, "me", note), 100))
        assert eventually(lambda: np.abs(running.hear(0.5)).max() > 0.01, 30.0)
        running.send(Panic())
        assert silent(running)
    assert running.look().state == "on" and running.look().text == ""


def test_a_space_that_nothing_plays_is_told_and_the_others_go_on(running):
    none = type(SPACE)("none-16", "plugin:None.vst3", SPACE.parameters)
    running.send(AddSpace(1, none.to_dict()), SetPatch(1, none.neutral, 1), SetPatch(0, SPACE.neutral))
    running.send(Press(Key(1, "me", 60), 100))
    assert eventually(lambda: (running.hear(0.1), running.look().text)[1] != "", 30.0)
    running.send(Press(Key(0, "me", 64), 100))
    assert eventually(lambda: np.abs(running.hear(0.5)).max() > 0.01, 30.0)
    running.send(Panic())
    assert silent(running)


def test_it_ends_with_whoever_started_it():
    running = Running()
    children = psutil.Process(running.process.pid).children(recursive=True)
    running.pipe.close()
    running.process.join(60)
    assert running.process.exitcode == 0
    assert eventually(lambda: not any(child.is_running() for child in children), 10.0)


def test_a_synth_that_cannot_be_played_is_told():
    space = type(SPACE)("none-16", "plugin:None.vst3", SPACE.parameters)
    running = Running(space)
    running.wait_until("failed")
    assert "None.vst3 is not installed" in running.report.text
    running.stop()


@needs_vst3_tools
def test_the_players_own_plug_in_is_played_and_follows_at_once(tmp_path):
    plugin = build_tiny_plugin(tmp_path)
    space = type(SPACE).from_yaml(write_tiny_space(tmp_path))
    running = Running(space, plugin=str(plugin))
    running.wait_until("on")
    running.listen()
    running.hear(0.2)
    running.send(SetPatch(0, np.array([1.0, 0.2, 0.2], np.float32)), Press(Key(0, "me", 57), 100))
    dark = running.hear(1.0)[-8_192:, 0]
    running.send(SetPatch(0, np.array([1.0, 0.2, 1.0], np.float32)))
    bright = running.hear(0.5)[-8_192:, 0]
    hz = np.fft.rfftfreq(8_192, 1 / RATE)

    def part_above(audio):
        power = np.abs(np.fft.rfft(audio * np.hanning(8_192))) ** 2
        return power[hz > 600].sum() / power.sum()

    assert np.abs(dark).max() > 0.01
    assert part_above(bright) > 4 * part_above(dark)
    running.send(Release("me", 57))
    running.hear(1.0)
    assert np.abs(running.hear(0.3)).max() < 1e-3
    running.sock.close()
    running.stop()
