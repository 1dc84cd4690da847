import sys

from core.store.data_folder import data_folder


def test_the_data_folder_is_the_systems(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    if sys.platform == "linux":
        assert data_folder().as_posix() == "/somewhere/flow-synth-live"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert data_folder().as_posix() == "/local/Flow Synth Live"
