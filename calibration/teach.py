"""Teach a synth its controllers: `python -m calibration.teach --space SPACE --midi-port NAME`.

Many synths learn controllers: choose a control on the synth, switch learning on, and send. This sends the
controllers of a space one at a time, each after Enter, as the server will send them.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from time import sleep

from core.command import print_line
from core.errors import BridgeError
from core.space import Parameter, ParameterSpace
from synths.external.midi_system import open_output
from synths.space_files import load_space, space_names

__all__ = ["sweep"]

_STEP = 8  # a synth that learns wants a few messages of a controller, not all
_PACE_S = 0.01
_CONNECTING_S = 0.3


def sweep(parameter: Parameter, channel: int) -> list[bytes]:
    """Return the messages that show a synth one controller: up, down, and to its base value."""
    values = [*range(0, 128, _STEP), *range(127, 0, -_STEP), round(parameter.neutral * 127)]
    return [bytes((0xB0 | channel - 1, parameter.control_change, value)) for value in values]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m calibration.teach", description="Send a space's controllers one at a time."
    )
    parser.add_argument("--space", required=True, help=f"one of {', '.join(space_names())}, or a YAML file")
    parser.add_argument("--midi-port", required=True, help="part of the name of the MIDI output to the synth")
    parser.add_argument("--channel", type=int, default=1, choices=range(1, 17), metavar="1..16")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="wait this long instead of for Enter")
    parser.add_argument("--midi-system", metavar="NAME", help="such as jack (the first that works)")
    args = parser.parse_args(arguments)
    try:
        space = load_space(args.space)
        port, _ = open_output(args.midi_port, args.midi_system, virtual=False)
    except BridgeError as error:
        print_line(f"teach: {error}", file=sys.stderr)
        return 2
    sleep(_CONNECTING_S)
    try:
        _teach(space, port.send_message, args.channel, args.every)
    except (EOFError, KeyboardInterrupt):
        print("\nstopped")
        return 130
    finally:
        port.close_port()
        port.delete()
    return 0


def _teach(space: ParameterSpace, send: Callable[[bytes], None], channel: int, every: float | None) -> None:
    for parameter in space:
        said = f"let the synth learn '{parameter.caption or parameter.label}' (CC {parameter.control_change})"
        if every is None:
            input(f"{said}, then press Enter: ")
        else:
            print_line(said)
            sleep(every)
        for message in sweep(parameter, channel):
            send(message)
            sleep(_PACE_S)


if __name__ == "__main__":
    sys.exit(main())
