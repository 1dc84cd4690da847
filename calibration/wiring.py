"""How a synth outside is connected, as given by the options of a command."""

import argparse

from calibration.facts import read_facts
from core.errors import ConfigError
from synths.external.control_changes import SPELLINGS
from synths.external.synth import Wiring

__all__ = ["add_recording", "add_wiring", "loop_name", "saved_delay_s", "wiring_of"]


def add_wiring(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Add the options for how a synth is connected."""
    out, back = "part of the name of the MIDI output to the synth", "of the audio input it plays into"
    parser.add_argument("--midi-port", required=required, metavar="NAME", help=out)
    parser.add_argument("--input", required=required, metavar="NAME", help=f"part of the name {back}")
    parser.add_argument("--channel", type=int, default=1, choices=range(1, 17), metavar="1..16")
    parser.add_argument("--din", action="store_true", help="it is on a five-pin cable: send no faster")
    parser.add_argument("--midi-system", metavar="NAME", help="such as jack (the first that works)")


def add_recording(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Add the options of `add_wiring` and those for recording patches; `wiring_of` reads them.

    Args:
        parser: The command's parser.
        required: False if the synth may also be an engine of ours; then both names are given, or none.
    """
    add_wiring(parser, required)
    parser.add_argument("--midi-as", choices=SPELLINGS, default="cc", help="(%(default)s)")
    parser.add_argument("--delay-ms", type=float, help="of the loop (default: as calibration.loop measured)")


def wiring_of(args: argparse.Namespace) -> Wiring | None:
    """Return how the synth of a command is connected; None if the command names no ports.

    Raises:
        ConfigError: One of the two names is missing, or the loop was not measured.
    """
    if args.midi_port is None and args.input is None:
        return None
    if args.midi_port is None or args.input is None:
        raise ConfigError("a synth outside needs both --midi-port and --input.")
    delay_s = args.delay_ms / 1e3 if args.delay_ms is not None else saved_delay_s(args.midi_port, args.input)
    if delay_s is None:
        raise ConfigError(
            f"the loop from '{args.midi_port}' to '{args.input}' was not measured. Run python -m "
            "calibration.loop with the same --midi-port and --input, or give --delay-ms."
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
    """Return the name under which `calibration.loop` saves a measurement."""
    return f"{midi_port} to {audio_input}"


def saved_delay_s(midi_port: str, audio_input: str) -> float | None:
    """Return the delay that was measured for these names; None if none was."""
    facts = read_facts("loop", loop_name(midi_port, audio_input)) or {}
    delay = facts.get("delay_ms")
    return delay / 1e3 if isinstance(delay, int | float) and -100.0 < delay < 2_000.0 else None
