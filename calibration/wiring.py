"""How a synth outside is connected, as the options of a command say it."""

import argparse

from calibration.facts import read_facts
from core.errors import ConfigError
from synths.control_changes import SPELLINGS
from synths.external import Wiring

__all__ = ["add_recording", "add_wiring", "loop_name", "saved_delay_s", "wiring_of"]


def add_wiring(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Add the options that say how a synth is connected."""
    out, back = "part of the name of the MIDI output to the synth", "of the audio input it plays into"
    parser.add_argument("--midi-port", required=required, metavar="NAME", help=out)
    parser.add_argument("--input", required=required, metavar="NAME", help=f"part of the name {back}")
    parser.add_argument("--channel", type=int, default=1, choices=range(1, 17), metavar="1..16")
    parser.add_argument("--din", action="store_true", help="it hangs on a five-pin cable: send no faster")
    parser.add_argument("--midi-system", metavar="NAME", help="such as jack (the first that works)")


def add_recording(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Add those and the ones that recording its patches needs; `wiring_of` reads them.

    Args:
        parser: Of the command.
        required: False where the synth may be an engine of ours; then both names are given, or none.
    """
    add_wiring(parser, required)
    parser.add_argument("--midi-as", choices=SPELLINGS, default="cc", help="(%(default)s)")
    parser.add_argument("--delay-ms", type=float, help="of the loop (as calibration.loop measured)")


def wiring_of(args: argparse.Namespace) -> Wiring | None:
    """Give how the synth of a command is connected; None where it names no ports.

    Raises:
        ConfigError: One of the two names is missing, or the loop was not measured.
    """
    if args.midi_port is None and args.input is None:
        return None
    if args.midi_port is None or args.input is None:
        raise ConfigError("a synth outside has both, --midi-port and --input.")
    delay_s = args.delay_ms / 1e3 if args.delay_ms is not None else saved_delay_s(args.midi_port, args.input)
    if delay_s is None:
        raise ConfigError(
            f"the loop from '{args.midi_port}' to '{args.input}' was not measured; do so with python -m "
            "calibration.loop and the same --midi-port and --input, or say it with --delay-ms."
        )
    return Wiring(
        midi_port=args.midi_port,
        audio_input=args.input,
        delay_s=delay_s,
        spelling=args.midi_as,
        channel=args.channel,
        din=args.din,
        midi_system=args.midi_system,
    )


def loop_name(midi_port: str, audio_input: str) -> str:
    """Name what `calibration.loop` measured."""
    return f"{midi_port} to {audio_input}"


def saved_delay_s(midi_port: str, audio_input: str) -> float | None:
    """Give the delay that was measured for these names; None where none was."""
    facts = read_facts("loop", loop_name(midi_port, audio_input)) or {}
    delay = facts.get("delay_ms")
    return delay / 1e3 if isinstance(delay, int | float) and -100.0 < delay < 2_000.0 else None
