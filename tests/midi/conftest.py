import os
import shutil
import subprocess
import time

import pytest
from hypothesis import settings

from tests.support.live import Rig
from tests.support.tiny_model import write_tiny_model

settings.register_profile("midi", deadline=None)  # a shared machine stalls now and then
settings.load_profile("midi")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny_model(folder)
    return folder


@pytest.fixture
def rig(tiny, tmp_path):
    """A bridge with controllers and one client."""
    rig = Rig(tiny, tmp_path, midi=True)
    rig.hello()
    return rig


@pytest.fixture(scope="module")
def jack(tmp_path_factory):
    """A JACK server without hardware, which this process and its children use."""
    if shutil.which("jackd") is None:
        pytest.skip("no jackd: sudo apt install jackd2")
    log = tmp_path_factory.mktemp("jack") / "log.txt"
    added = {"JACK_DEFAULT_SERVER": f"midi-{os.getpid()}", "JACK_NO_AUDIO_RESERVATION": "1"}
    os.environ |= added
    with log.open("w") as stream:
        # Synchronous: JACK waits for who is late, and does not drop what a busy machine took too late.
        command = ["jackd", "--no-realtime", "-S", "-t", "10000", "-d", "dummy", "-r", "48000", "-p", "128"]
        server = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        for _ in range(100):
            if subprocess.run(["jack_lsp"], capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        else:
            pytest.fail(f"jackd did not start: {log.read_text()}")
        yield
    finally:
        server.terminate()
        server.wait(10)
        for name in added:
            del os.environ[name]
