"""A loop-back port in a process of its own: what is sent to it comes in again.

    python -m tests.trials.loop_port NAME

In the process that opens other ports, JACK would wait for Python and Python for JACK.
"""

import sys

import rtmidi


def main(name: str) -> None:
    out = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=f"{name} capture")
    back = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=f"{name} playback")
    out.open_virtual_port("out")
    back.set_callback(lambda event, _: out.send_message(event[0]))
    back.open_virtual_port("in")
    print("there", flush=True)
    sys.stdin.read()  # until the test ends
    back.cancel_callback()
    for port in (back, out):
        port.close_port()
        port.delete()


if __name__ == "__main__":
    main(sys.argv[1])
