"""A loop-back port in a process of its own: what is sent to it comes in again.

    python -m tests.trials.loop_port NAME

In the process that opens other ports, JACK would wait for Python and Python for JACK; for the same reason
what comes in is fetched here, and not passed on in JACK's own thread.
"""

import select
import sys

import rtmidi

_LOOK_S = 0.002


def main(name: str) -> None:
    out = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=f"{name} capture")
    back = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=f"{name} playback")
    out.open_virtual_port("out")
    back.open_virtual_port("in")
    print("there", flush=True)
    while not select.select([sys.stdin], [], [], _LOOK_S)[0]:  # until the test ends
        while (event := back.get_message()) is not None:
            out.send_message(event[0])
    for port in (back, out):
        port.close_port()
        port.delete()


if __name__ == "__main__":
    main(sys.argv[1])
