"""The speakers that are not there."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from core.errors import DeviceError
from sounding.shared_stream import SharedStream
from sounding.speaker import Speaker


def test_missing_portaudio_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)  # import then raises ImportError
    with pytest.raises(DeviceError, match="apt install libportaudio2"):
        Speaker()


def test_no_output_device_says_what_to_do(monkeypatch):
    class PortAudioError(Exception):
        pass

    def refuse(*args, **kwargs):
        raise PortAudioError("Error querying device -1")

    fake = SimpleNamespace(
        PortAudioError=PortAudioError, check_output_settings=refuse, query_devices=refuse, OutputStream=refuse
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    with pytest.raises(DeviceError, match="--panel"):
        Speaker()


def test_each_time_that_it_runs_dry_is_counted(monkeypatch):
    streams = []

    class OutputStream:
        def __init__(self, callback, **options):
            self.callback = callback
            streams.append(self)

        def start(self):
            pass

        def close(self):
            pass

    fake = SimpleNamespace(
        PortAudioError=OSError, check_output_settings=lambda **options: None, OutputStream=OutputStream
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    speaker, n = Speaker(), iter(range(10_000))
    stream = SharedStream(lambda out: out.fill(next(n)), speaker.sample_rate)
    speaker.start(stream.join())
    out = np.zeros((64, 2), np.float32)
    for dry in (True, False, True):
        streams[0].callback(out, 64, None, SimpleNamespace(output_underflow=dry))
    assert speaker.n_gaps == 2 and (out == 2).all()
    speaker.close()
    assert not stream.is_heard
