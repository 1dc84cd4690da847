import subprocess
import sys

import pytest

from calibration.teach import sweep
from synths.space_files import load_space
from tests.support.live import ROOT, eventually

SPACE = load_space("amsynth-16")


@pytest.mark.parametrize("parameter", SPACE, ids=lambda p: p.name)
def test_a_sweep_shows_one_controller_and_ends_where_it_belongs(parameter):
    messages = sweep(parameter, 3)
    assert {(m[0], m[1]) for m in messages} == {(0xB2, parameter.control_change)}
    values = [m[2] for m in messages]
    assert min(values) == 0 and max(values) == 127 and values[-1] == round(parameter.neutral * 127)


@pytest.mark.real
def test_all_are_sent_one_after_the_other(jack):
    import rtmidi

    heard = []
    port = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name="Pupil")
    port.set_callback(lambda event, _: heard.append(event[0][1]))
    port.open_virtual_port("in")
    try:
        command = [sys.executable, "-m", "calibration.teach", "--space", "amsynth-16", "--midi-port", "pupil"]
        command += ["--every", "0", "--midi-system", "jack"]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
        assert said.returncode == 0, said.stderr
        numbers = [p.control_change for p in SPACE]
        assert eventually(lambda: list(dict.fromkeys(heard)) == numbers)
        assert [said.stdout.find(f"CC {n})") >= 0 for n in numbers] == [True] * 16
    finally:
        port.cancel_callback()
        port.close_port()
        port.delete()


def test_a_port_that_is_not_there_is_told():
    command = [sys.executable, "-m", "calibration.teach", "--space", "vital-16", "--midi-port", "nobody"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert said.returncode == 2 and "Traceback" not in said.stderr
