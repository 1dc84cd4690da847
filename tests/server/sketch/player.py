"""Plays a sound file into JACK when told to; a process of its own, as a musician's other program is.

    python -m tests.server.sketch.player FILE

It says `ready`, then plays the file at each line of its input, and says `sung`.
"""

import queue
import sys
import threading

import numpy as np
import sounddevice
import soundfile

if __name__ == "__main__":
    audio, rate = soundfile.read(sys.argv[1], dtype="float32")
    waiting: queue.SimpleQueue[np.ndarray] = queue.SimpleQueue()
    left = audio[:0]
    sung = threading.Event()

    def callback(out: np.ndarray, n_frames: int, time: object, status: object) -> None:
        global left
        if not waiting.empty():
            left = waiting.get()
        n = min(len(left), n_frames)
        out[:n, 0], out[n:, 0] = left[:n], 0.0
        left = left[n:]
        if n and not len(left):
            sung.set()

    stream = sounddevice.OutputStream(samplerate=rate, channels=1, dtype="float32", callback=callback)
    with stream:
        print("ready", flush=True)
        for _line in sys.stdin:
            sung.clear()
            waiting.put(audio)
            sung.wait()
            print("sung", flush=True)
