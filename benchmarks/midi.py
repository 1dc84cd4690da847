"""Time from a controller to a control change out, beside a bare mido pass-through, interleaved.

    python -m benchmarks.midi [--model NAME]
    python -m benchmarks.midi --flood
    python -m benchmarks.midi --osc

Everything goes through a JACK server without hardware, which is started for this; each hop waits for JACK's
next period, in both programs alike. A round sends one control change to each and waits for the first that
comes out. `--flood` sends 1,000 a second from four ports; `--osc` compares the OSC path of servers with and
without a controller.
"""

import argparse
import contextlib
import sys
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter, sleep

import numpy as np

from benchmarks.latency import interleaved, our_asker
from benchmarks.rig.dummy_jack import dummy_jack
from benchmarks.rig.midi_controller import FIRST_CC, N_MACROS, MidiController, write_profiles
from benchmarks.rig.server_process import free_port, our_server, python_process
from core.command import exit_status
from models.installed import find_model
from server.client import Client

_PERIOD, _RATE_HZ = 64, 48_000
_WARM_UP = 20  # rounds that are not counted
_LEAST_TURN = 16  # of 127: a turn by one or two may change no control change of 7 bits, and nothing is sent
_PLUGGING_S = 2.5  # until the server has found the controllers


def main(given: list[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.midi", description=__doc__.split("\n")[0])
    p.add_argument("--model", default="vital-32", help="model name or folder (%(default)s)")
    p.add_argument("--rounds", type=int, default=1000, help="control changes to each program (%(default)s)")
    p.add_argument("--flood", action="store_true", help="instead, send 1,000 a second from four ports")
    p.add_argument("--seconds", type=float, default=60.0, help="length of the flood (%(default)s)")
    p.add_argument("--osc", action="store_true", help="instead, time the OSC path with and without MIDI")
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    model = str(find_model(options.model))
    with dummy_jack(_RATE_HZ, _PERIOD):
        if options.flood:
            flood(model, options.seconds)
        elif options.osc:
            compare_osc(model, options.rounds)
        else:
            compare(model, options.rounds)


def compare(model: str, rounds: int) -> None:
    """Time both programs in one interleaved run, and print a table."""
    rng = np.random.default_rng(0)
    with contextlib.ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_profiles(data, ["Ours"])
        ours, plain = (stack.enter_context(MidiController(name)) for name in ("Ours", "Plain"))
        stack.enter_context(
            python_process("-m", "benchmarks.rivals.midi_pass", "UNIX_JACK", "Plain:out", "back")
        )
        options = ("--data", str(data), "--midi", "Ours", "--midi-out", "Frames", "--midi-system", "jack")
        stack.enter_context(our_server(free_port(), model, *options))
        plain.hear("Pass:back")
        ours.hear("Frames")
        asked = {"mido pass-through": plain, "this server": ours}
        for controller in asked.values():
            controller.wait_for_answer()
        times: dict[str, list[float]] = {name: [] for name in asked}
        silent = 0
        names, stands = list(asked), [0] * N_MACROS
        for n in range(-_WARM_UP, rounds):
            knob, turn = int(rng.integers(N_MACROS)), int(rng.integers(_LEAST_TURN, 128 - _LEAST_TURN))
            stands[knob] = value = (stands[knob] + turn) % 128
            number = FIRST_CC + knob
            rng.shuffle(names)
            for name in names:
                taken = asked[name].ask(number, value)
                sleep(0.005)  # until the rest of the frame has been sent
                if n >= 0 and taken is not None:
                    times[name].append(taken)
                silent += n >= 0 and taken is None
        print(
            f"{rounds} control changes to each, interleaved, through JACK in periods of "
            f"{_PERIOD / _RATE_HZ * 1e3:.2f} ms; {silent} were not answered"
        )
        _print_table({name: np.array(taken) for name, taken in times.items()}, "mido pass-through")


def compare_osc(model: str, rounds: int) -> None:
    """Time the OSC path of servers with and without a controller."""
    with contextlib.ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_profiles(data, ["MessageHandlers"], feedback=True)
        stack.enter_context(MidiController("MessageHandlers"))
        listening = ("--data", str(data), "--midi", "--midi-system", "jack")
        ways = {
            "without MIDI": (),
            "with --midi": listening,
            "with --midi, --midi-out": (*listening, "--midi-out", "Frames"),
        }
        clients = {
            name: stack.enter_context(our_server(free_port(), model, *options))[1]
            for name, options in ways.items()
        }
        sleep(_PLUGGING_S)
        for client in clients.values():
            client.hello()  # the server forgets clients that are silent while the others start
        ask = {name: our_asker(client) for name, client in clients.items()}
        times = interleaved(ask, rounds, 0.001)
        print(f"{rounds} OSC macros to each, interleaved")
        _print_table(times, "without MIDI")


def _print_table(times: dict[str, np.ndarray], base: str) -> None:
    floor = np.percentile(times[base], [50, 99])
    lines = [f"{'in ms':26}{'p50':>8}{'p99':>8}{'x p50':>8}{'x p99':>8}"]
    for name, taken in times.items():
        p50, p99 = np.percentile(taken, [50, 99])
        lines.append(f"{name:26}{p50 * 1e3:8.3f}{p99 * 1e3:8.3f}{p50 / floor[0]:8.2f}{p99 / floor[1]:8.2f}")
    print("\n".join(lines))


def flood(model: str, seconds: float, rate: int = 1_000) -> None:
    """Flood this server from four ports, and check where the macros end."""
    import psutil

    names = [f"Flood{n}" for n in range(4)]
    with contextlib.ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_profiles(data, names)
        ports = [stack.enter_context(MidiController(name)) for name in names]
        options = ("--data", str(data), "--midi", "--midi-system", "jack")
        process, client = stack.enter_context(our_server(free_port(), model, *options))
        sleep(_PLUGGING_S)
        memory = psutil.Process(process.pid).memory_info
        rng, began, n = np.random.default_rng(0), perf_counter(), 0
        before = 0
        last = dict.fromkeys(range(N_MACROS), 0)
        while (now := perf_counter() - began) < seconds:
            if not before and now > min(5.0, seconds / 4):
                before = memory().rss
            for _ in range(int(now * rate) - n):
                k, value = n % N_MACROS, int(rng.integers(128))
                ports[n % 4].send(FIRST_CC + k, value)
                last[k] = value
                n += 1
            client.receive_all(0.002)
        quiet_s = _wait_until_quiet(client)
        client.send("/flow/bye", client.nonce)  # a new client is told the positions of the macros
        client.hello()
        ended = client.wait_for("/flow/macros") or []
        after = memory().rss
        client.send("/flow/health")
        health = client.wait_for("/flow/health") or [0.0, 0.0]
    wanted = [last[k] / 127 for k in range(N_MACROS)]
    off = float(np.abs(np.array(ended, float)[:N_MACROS] - wanted).max())
    print(
        f"{n} control changes from 4 ports in {seconds:g} s; the last frame came {quiet_s * 1e3:.0f} ms "
        f"after the last of them, and macros ended within {off:.1e} of the last values\n"
        f"resident memory: {before / 2**20:.1f} MiB after a few seconds, {after / 2**20:.1f} at the end "
        f"({(after - before) / 2**10:+.0f} KiB)\n"
        f"a turn of the loop took {health[0]:.2f} ms (p50), {health[1]:.2f} ms (p99)"
    )


def _wait_until_quiet(client: Client, quiet_s: float = 0.5) -> float:
    """Return the seconds from now until the last frame."""
    began = last = perf_counter()
    while perf_counter() - last < quiet_s:
        if any(address == "/flow/params" for address, _ in client.receive_all(0.01)):
            last = perf_counter()
    return last - began


if __name__ == "__main__":
    sys.exit(main())
