"""A controller on JACK, in a process of its own: sends what it is told, and counts what comes back.

Where JACK does not wait for late clients, it may overwrite what one of them reads; its MIDI library does not
survive that, and this process is started again.
"""

import signal
import sys
import threading
from collections.abc import Callable
from time import sleep

__all__ = ["DESK", "EAR", "EAR_PORT"]

DESK, EAR, EAR_PORT = "Soak", "Soak back", "in"
_TELL_EVERY_S = 0.5
_CONTROL_CHANGE = 0xB0


def main() -> int:
    """Send each `NUMBER VALUE` of standard input; print now and then how many messages came, if any."""
    import rtmidi

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    n = 0

    def count(event: object, data: object) -> None:
        nonlocal n
        n += 1

    ear = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=EAR)
    ear.set_callback(count)
    ear.open_virtual_port(EAR_PORT)
    threading.Thread(target=_tell, args=(lambda: n,), daemon=True).start()
    hand = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=DESK)
    hand.open_virtual_port("out")
    for line in sys.stdin:
        number, value = map(int, line.split())
        hand.send_message([_CONTROL_CHANGE, number, value])
    return 0


def _tell(count: Callable[[], int]) -> None:
    told = 0
    while True:
        sleep(_TELL_EVERY_S)
        if (n := count()) > told:
            print(n - told, flush=True)
            told = n


if __name__ == "__main__":
    sys.exit(main())
