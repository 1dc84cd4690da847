"""Play silence as the instrument plays sound, and print how often the output ran dry."""

import sys
import time

import numpy as np

from sounding.shared_stream import SharedStream
from sounding.speaker import Speaker


def main() -> int:
    """Play for as many seconds as the first argument says."""
    speaker = Speaker()
    stream = SharedStream(_silence, speaker.sample_rate)
    speaker.start(stream.join())
    time.sleep(float(sys.argv[1]))
    print(speaker.n_gaps)
    speaker.close()
    return 0


def _silence(out: np.ndarray) -> None:
    out[:] = 0.0


if __name__ == "__main__":
    sys.exit(main())
