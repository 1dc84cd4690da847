"""Counts the MIDI messages that come through JACK: a process of its own.

Where JACK does not wait for late clients, it may overwrite what one of them reads; its MIDI library does not
survive that.
"""

import signal
import sys
from time import sleep

__all__ = ["EAR", "EAR_PORT"]

EAR, EAR_PORT = "Soak back", "in"
_TELL_EVERY_S = 0.5


def main() -> int:
    """Print every half second how many have come, if any; until it is killed."""
    import rtmidi

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    n = 0

    def count(event: object, data: object) -> None:
        nonlocal n
        n += 1

    ear = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=EAR)
    ear.set_callback(count)
    ear.open_virtual_port(EAR_PORT)
    told = 0
    while True:
        sleep(_TELL_EVERY_S)
        if n > told:
            print(n - told, flush=True)
            told = n


if __name__ == "__main__":
    sys.exit(main())
