"""Play a whole server in real time, and count; beside it a program that plays nothing."""

import multiprocessing
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.rig.bare_browser import open_browser
from benchmarks.rig.dummy_jack import dummy_jack
from benchmarks.rig.panel_page import chromium_path, panel_page
from benchmarks.rig.server_process import ROOT, free_port, our_server
from core.errors import DeviceError
from server.client import Client
from sounding.renderer import give_way

if TYPE_CHECKING:
    import psutil

__all__ = ["play_in_browser", "play_live"]

_RATE = 44_100
_FLOOR_S = 60.0  # at most
_LOOK_EVERY_S = 10.0


def play_live(model: str, seconds: float, seed: int, period: int) -> None:
    """Play a server in real time through speakers, and print what it counted.

    Args:
        model: Its folder.
        seconds: How long.
        seed: Of what is played.
        period: Of JACK, frames.

    Raises:
        DeviceError: There is no JACK, or the sound does not start.
    """
    floor_s = min(seconds, _FLOOR_S)
    floor = _gaps_of_silence(floor_s, period)
    with dummy_jack(_RATE, period), our_server(free_port(), model, "--audition") as (process, client):
        played = _play(process.pid, client, seconds, seed)
    print(played)
    print(
        f"silence beside two programs that compute: {60.0 * floor / floor_s:.1f} gaps a minute "
        f"(JACK without real time, {1e3 * period / _RATE:.1f} ms)"
    )


def play_in_browser(model: str, seconds: float, seed: int) -> None:
    """Play a server in real time that is heard in Chromium, and print what server and page counted.

    Args:
        model: Its folder.
        seconds: How long.
        seed: Of what is played.

    Raises:
        DeviceError: There is no Chromium, or the sound does not start.
    """
    with (
        our_server(port := free_port(), model) as (process, client),
        panel_page(port, model) as url,
        open_browser(chromium_path(), url) as browser,
    ):
        browser.evaluate("window.flow.sound.turn(true)")
        played = _play(process.pid, client, seconds, seed)
        gaps = browser.evaluate("window.flow.last('sound-here').gaps")
    print(played)
    print(f"gaps in the browser: {gaps}")


def _play(process: int, client: Client, seconds: float, seed: int) -> str:
    """Play keys and turns by seed, wait for the last note's end, and return what was counted.

    Raises:
        DeviceError: The sound does not start.
    """
    import psutil

    rng, deadline = np.random.default_rng(seed), time.monotonic() + 60.0
    while (client.wait_for("/flow/sound", 1.0) or ["off"])[0] != "on":
        client.hello()
        client.send("/flow/sound")
        if time.monotonic() > deadline:
            raise DeviceError("the sound does not start; try it by hand: run_server.py --audition")
    server = psutil.Process(process)
    family = [server, *server.children(recursive=True)]
    held: list[int] = []
    most, look_at, end = [_Memory([0.0], 0.0)], 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        client.send("/flow/macro", int(rng.integers(8)), float(rng.uniform()))
        if len(held) < 3 and rng.uniform() < 0.5:
            held.append(int(rng.integers(36, 84)))
            client.send("/flow/note", held[-1], 100)
        elif held:
            client.send("/flow/note", held.pop(0), 0)
        client.receive_all(float(min(rng.exponential(0.25), 2.0)))
        if time.monotonic() >= look_at:  # looking stops each process for some milliseconds
            most.append(max(most[-1], _memory_of(family), key=lambda one: sum(one.own)))
            look_at = time.monotonic() + _LOOK_EVERY_S
    for note in held:
        client.send("/flow/note", note, 0)
    for _ in range(4):  # until the last note has ended
        client.hello()
        client.receive_all(3.0)
    client.send("/flow/sound")
    _, _, voices, gaps, late, *_ = client.wait_for("/flow/sound") or ["lost", 0, 0, 0, 0]
    peak, earlier = most[-1], most[len(most) // 4]
    return (
        f"{seconds:g} s by seed {seed}: {gaps} gaps of the speakers, {late} late renders, "
        f"{voices} notes stuck\nmemory at most, shared pages counted once (PSS): {sum(peak.own):.0f} MiB, "
        f"after a quarter of the time {sum(earlier.own):.0f}; of it the server {peak.own[0]:.0f}, the others "
        f"{', '.join(f'{one:.0f}' for one in peak.own[1:])}; counted by each (RSS): {peak.rss:.0f}"
    )


class _Memory(NamedTuple):
    """What processes take, MiB: each of them with its part of what is shared; all of them with all of it."""

    own: list[float]
    rss: float


def _memory_of(processes: "list[psutil.Process]") -> _Memory:
    taken = [one.memory_full_info() for one in processes]
    # Only Linux has PSS; elsewhere what is shared is left out.
    return _Memory(
        [getattr(one, "pss", one.uss) / 2**20 for one in taken], sum(one.rss for one in taken) / 2**20
    )


def _gaps_of_silence(seconds: float, period: int) -> int:
    """Return how often the output of a program runs dry that plays nothing, while two others compute.

    Args:
        seconds: How long.
        period: Of JACK, frames.
    """
    with ExitStack() as stack:
        stack.enter_context(dummy_jack(_RATE, period))
        for _ in range(2):
            busy = multiprocessing.get_context("spawn").Process(target=_compute, daemon=True)
            busy.start()
            stack.callback(busy.kill)
        command = [sys.executable, "-m", "benchmarks.rig.silence", str(seconds)]
        return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def _compute() -> None:
    """Run for ever, as a renderer that always has something to do."""
    give_way()
    while True:
        np.sin(np.arange(100_000.0))
