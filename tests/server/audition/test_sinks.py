import sys
from types import SimpleNamespace

import pytest

from core.errors import DeviceError
from server.audition.sinks import SpeakerSink


def test_missing_portaudio_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)  # import then raises ImportError
    with pytest.raises(DeviceError, match="apt install libportaudio2"):
        SpeakerSink().open()


def test_no_output_device_says_what_to_do(monkeypatch):
    class PortAudioError(Exception):
        pass

    def refuse(*args, **kwargs):
        raise PortAudioError("Error querying device -1")

    fake = SimpleNamespace(
        PortAudioError=PortAudioError, check_output_settings=refuse, query_devices=refuse, OutputStream=refuse
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    with pytest.raises(DeviceError, match="--audition-to"):
        SpeakerSink().open()
