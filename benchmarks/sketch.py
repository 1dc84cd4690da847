"""Time from the end of a recording to the first answer, in parts; and a macro during refinement.

    python -m benchmarks.sketch [--model NAME] [--rounds N]
    python -m benchmarks.sketch --knobs

The recording is 4 s of a synthetic voice at 48 kHz, sent to the answer process in blocks of 100 ms, as the
microphone process does. The file is the same sound, requested by name over OSC.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter, process_time, sleep
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from benchmarks.rig.server_process import free_port, our_server
from core.command import exit_status
from core.errors import BridgeError
from models.installed import find_model
from server.client import Client
from server.sketch.during_recording import render_during_recording
from server.sketch.messages import AudioBlock, CandidatesFound, PrepareTake, TakeBegun, TakeEnded
from server.sketch.processes import SketchProcesses
from server.sketch.take_audio import TakeAudio

if TYPE_CHECKING:
    from core.swift_tracker import SwiftStream
    from sketching.early_renders import EarlyRenders

_RATE = 48_000
_SECONDS = 4.0
_BLOCK_SECONDS = 0.1
_AT_REST = 1_500  # turns
_LIMIT_S = 120.0  # for torch to load on a busy machine


def main(given: list[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.sketch", description=__doc__.split("\n")[0])
    p.add_argument("--model", default="vital-32", help="model name or folder (%(default)s)")
    p.add_argument("--rounds", type=int, default=10, help="number of recordings (%(default)s)")
    p.add_argument("--knobs", action="store_true", help="instead, time macros during refinement")
    p.add_argument("--seconds", type=float, default=10.0, help="length of each refinement (%(default)s)")
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    model = find_model(options.model).absolute()
    if options.knobs:
        knobs(model, options.seconds)
    else:
        parts(model, options.rounds)
        whole(model, options.rounds)


def voice(hz: float = 196.0) -> np.ndarray:
    """Return a buzz with the formants of an open vowel, vibrato and breath, float32 `(n,)`."""
    t = np.arange(round(_SECONDS * _RATE)) / _RATE
    phase = 2.0 * np.pi * np.cumsum(hz * (1.0 + 0.01 * np.sin(2.0 * np.pi * 5.5 * t))) / _RATE
    sound = np.zeros_like(t)
    for k in range(1, 40):
        gain = sum(np.exp(-(((k * hz - f) / w) ** 2)) for f, w in ((730, 150), (1090, 200), (2440, 300)))
        sound += (gain + 0.05) / k**0.5 * np.sin(k * phase)
    breath = np.random.default_rng(0).normal(size=len(t))
    sound = 0.1 * sound + 0.002 * breath
    return (sound * np.minimum(1.0, t / 0.05)).astype(np.float32)


def parts(model: Path, rounds: int) -> None:
    """Time the steps that answer a recording, one after the other in one thread."""
    from core.mel import log_mel
    from core.onset import cut_to_note
    from core.sound_file import resample
    from core.swift_tracker import SwiftStream, SwiftTracker
    from sketching.answerer import Answerer
    from sketching.early_renders import EarlyRenders
    from sketching.hearing import hear_recording

    answerer = Answerer(model)
    try:
        sound = voice()
        mel_rate = answerer.mel.sample_rate
        at_rate = resample(sound, _RATE, mel_rate)
        cut = cut_to_note(at_rate, mel_rate)
        heard = hear_recording(sound, _RATE, mel=answerer.mel, trained_note=answerer.note)

        def rest_of_pitch() -> Callable[[], object]:
            stream = SwiftStream(_RATE)
            block = round(0.3 * _RATE)
            for k in range(0, len(sound) - block, block):
                stream.push(sound[k : k + block])
            return partial(_rest_of_pitch, stream, sound[-(len(sound) % block or block) :])

        named: dict[str, Callable[[], object]] = {
            "pitch of the whole (files)": lambda: SwiftTracker().track(at_rate, mel_rate),
            "resample": lambda: resample(sound, _RATE, mel_rate),
            "onset, level": lambda: cut_to_note(at_rate, mel_rate),
            "mel": lambda: log_mel(cut, answerer.mel),
            "encode": lambda: answerer.follow(heard.mel),
            "guess": lambda: answerer.guess(heard),
            "the same, with descents": lambda: answerer.first(heard),
        }
        print(f"{'part':<38}{'median ms':>10}{'least':>10}{'processor':>12}")
        ends = [_timed(rest_of_pitch()) for _ in range(rounds + 1)][1:]
        _print_parts("pitch left at the end of a recording", ends)
        for name, work in named.items():
            work()
            _print_parts(name, [_timed(work) for _ in range(rounds)])
        answerer.warm()
        early = EarlyRenders(answerer)
        while_sung = [_sung(EarlyRenders(answerer), sound) for _ in range(2)] + [_sung(early, sound)]
        compare = [_timed(lambda: answerer.first(heard, early.compared(heard))) for _ in range(rounds)]
        _print_parts("compare what was rendered meanwhile", compare)
        print(f"renders while {_SECONDS:g} s are sung: {', '.join(map(str, while_sung[1:]))}")
    finally:
        answerer.close()


def _sung(early: "EarlyRenders", sound: np.ndarray) -> int:
    """Sing a sound in real time, and return how many patches are rendered meanwhile."""
    take = TakeAudio(_begin(0, ""))

    def sing() -> None:
        for block in _blocks(sound):
            sleep(_BLOCK_SECONDS)
            take.push(block)
        take.end(True)

    singer = threading.Thread(target=sing)
    singer.start()
    render_during_recording(early, take, lambda: False)
    singer.join()
    return len(early)


def _rest_of_pitch(stream: "SwiftStream", block: np.ndarray) -> None:
    stream.push(block)
    stream.finish()


def whole(model: Path, rounds: int) -> None:
    """Time recordings through the answer process, and files through a whole server."""
    sound, path = voice(), str(model)
    woken = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        processes = SketchProcesses(woken.set, Path(folder))
        try:
            processes.send_to_answer_process(PrepareTake(0, path, True))
            times = [_recording(processes, woken, sound, path, k + 1) for k in range(rounds + 1)]
        finally:
            processes.stop()
        _print("end of recording to answers", times[1:])
        file = Path(folder) / "voice.wav"
        soundfile.write(file, sound, _RATE)
        with our_server(free_port(), path, "--refine", "0") as (_, client):
            target = Path(str(client.welcome[9])) / "voice.wav"
            target.write_bytes(file.read_bytes())
            times = [_file(client) for _ in range(rounds + 1)]
        _print("file asked for to /flow/params", times[1:])


def _recording(
    processes: SketchProcesses, woken: threading.Event, sound: np.ndarray, model: str, take_number: int
) -> float:
    processes.send_to_answer_process(_begin(take_number, model))
    for block in _blocks(sound):
        processes.send_to_answer_process(AudioBlock(block))
        sleep(_BLOCK_SECONDS)
    began = perf_counter()
    processes.send_to_answer_process(TakeEnded(take_number, True))
    while True:
        woken.clear()
        if any(isinstance(m, CandidatesFound) and m.take_number == take_number for m in processes.collect()):
            return 1e3 * (perf_counter() - began)
        if not woken.wait(_LIMIT_S):
            raise BridgeError("nothing was answered; see the log above.")


def _begin(take_number: int, model: str) -> TakeBegun:
    return TakeBegun(
        take_number=take_number,
        model=model,
        following=False,
        refine_seconds=0.0,
        sample_rate=_RATE,
        gate_db=-45.0,
    )


def _blocks(sound: np.ndarray) -> Iterator[np.ndarray]:
    n = round(_BLOCK_SECONDS * _RATE)
    for k in range(0, len(sound), n):
        yield sound[k : k + n]


def _file(client: Client) -> float:
    client.receive_all(0.05)
    began = perf_counter()
    client.send("/flow/sketch/file", "voice.wav", 0)
    while perf_counter() - began < _LIMIT_S:
        message = client.receive(1.0)
        client.send("/flow/ping", 0)
        if message is not None and message[0] == "/flow/params":
            taken = 1e3 * (perf_counter() - began)
            _until(client, "done")  # the next file is not to wait for these descents
            return taken
    raise BridgeError("no frame came; see the log above.")


def knobs(model: Path, seconds: float) -> None:
    """Time macros at rest and during refinement, in turn, and print the ratio."""
    rest: list[float] = []
    refining: list[float] = []
    with our_server(free_port(), str(model), "--refine", str(seconds)) as (_, client):
        target = Path(str(client.welcome[9])) / "voice.wav"
        soundfile.write(target, voice(), _RATE)
        for _ in range(3):
            rest += _turns(client, _AT_REST)[100:]
            client.send("/flow/sketch/file", "voice.wav", 0)
            _until(client, "refining")
            refining += _turns(client, None)[100:]
    for name, times in (("at rest", rest), ("refining", refining)):
        p50, p99 = np.percentile(times, [50, 99])
        print(f"knob to frame, {name:<9} p50 {p50:.3f} ms  p99 {p99:.3f} ms  ({len(times)} turns)")
    print(f"ratio of p50: {np.median(refining) / np.median(rest):.2f}")


def _until(client: Client, word: str) -> None:
    began = perf_counter()
    while perf_counter() - began < _LIMIT_S:
        message = client.receive(1.0)
        client.send("/flow/ping", 0)
        if message is not None and message[0] == "/flow/sketch/state" and message[1][0] == word:
            return
    raise BridgeError(f"the state '{word}' did not come; see the log above.")


def _turns(client: Client, count: int | None) -> list[float]:
    """Turn a macro, wait for its frame, rest a millisecond; so many times, or until the sketch is done.

    Returns:
        The time of each turn, ms.
    """
    times: list[float] = []
    done = False
    while not done and (count is None or len(times) < count):
        k = len(times)
        began = perf_counter()
        client.send("/flow/macro", k % 8, (k % 97) / 97.0)
        while True:
            message = client.receive(1.0)
            if message is None or message[0] == "/flow/params":
                break
            done |= message[0] == "/flow/sketch/state" and message[1][0] == "done"
        times.append(1e3 * (perf_counter() - began))
        sleep(0.001)
    return times


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the wall time and the processor time of some work, ms."""
    began, busy = perf_counter(), process_time()
    work()
    return 1e3 * (perf_counter() - began), 1e3 * (process_time() - busy)


def _print(name: str, times: list[float], busy: list[float] | None = None) -> None:
    own = "" if busy is None else f"{np.median(busy):>12.1f}"
    print(f"{name:<38}{np.median(times):>10.1f}{min(times):>10.1f}{own}", flush=True)


def _print_parts(name: str, timed: list[tuple[float, float]]) -> None:
    _print(name, [t for t, _ in timed], [b for _, b in timed])


if __name__ == "__main__":
    sys.exit(main())
