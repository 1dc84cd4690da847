"""The least that a program between two MIDI ports can do: mido sends on what it receives.

python -m benchmarks.rivals.midi_pass SYSTEM INPUT OUTPUT
"""

import signal
import sys
import threading

import mido


def main(system: str, source: str, target: str) -> None:
    """Pass on every message until the process is told to end."""
    ended = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: ended.set())
    backend = mido.Backend(f"mido.backends.rtmidi/{system}")
    names = [name for name in backend.get_input_names() if source in name]
    output = backend.open_output(target, virtual=True, client_name="Pass")
    with output, backend.open_input(names[0], callback=output.send):
        while not ended.wait(0.2):  # signals are handled between two waits
            pass


if __name__ == "__main__":
    main(*sys.argv[1:4])
