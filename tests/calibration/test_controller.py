"""What a controller really sends: measured from made-up hands, kept, and used by the bridge."""

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.controller import measure_control, read_control
from calibration.trim import Trim, read_trims, write_trims
from server.midi.bindings.binding import Binding
from server.midi.codec.control import Control
from server.midi.profiles.profile import Profile, write_profile
from tests.server.midi.senders import cc, spell
from tests.support.live import ROOT


def hand(low, high, step=1, passes=2, rest=(), top=127):
    """Values and times of a control moved to and fro, then left alone."""
    up = list(range(low, high + 1, step))
    values = (up + up[::-1]) * passes + list(rest)
    moving = np.arange(len(values) - len(rest)) * 0.01
    resting = (moving[-1] if len(moving) else 0.0) + 0.1 * np.arange(1, len(rest) + 1)
    return measure_control(values, [*moving, *resting], top)


@given(st.integers(0, 40), st.integers(90, 127))
def test_the_range_is_what_was_reached(low, high):
    found = hand(low, high)
    assert (found.low, found.high, found.jitter) == (low, high, 0)
    assert found.n_values == high - low + 1 and found.largest_gap == 1
    assert ("stretched" in " ".join(found.lines())) == (low > 0 or high < 127)


@pytest.mark.parametrize("tremble", [1, 2, 3])
def test_a_trembling_control_is_told_from_a_moving_one(tremble):
    rest = [60, 60 + tremble] * 10
    assert hand(0, 127, rest=rest).jitter == tremble
    assert hand(0, 127).jitter == 0
    slow = measure_control(list(range(128)), np.arange(128) * 0.5, 127)  # a slow hand is no tremble
    assert slow.jitter == 0


def test_a_coarse_or_broken_control_is_told():
    assert "2.0 bits" not in " ".join(hand(0, 127).lines())
    assert hand(0, 124, step=4).n_values == 32
    assert "leaps by 40" in " ".join(
        measure_control([*range(40), *range(79, 128)] * 2, range(178), 127).lines()
    )


def test_what_was_not_moved_from_end_to_end_is_not_measured():
    assert measure_control([1, 2, 3], [0, 1, 2], 127) is None
    assert measure_control([60, 61] * 40, range(80), 127) is None


@given(st.lists(st.integers(0, 255), max_size=4))
def test_any_bytes_are_a_control_or_none(message):
    found = read_control(message)
    if found is not None and all(byte < 128 for byte in message[1:]):
        assert 0 <= found[1] <= found[2]


@given(st.integers(0, 50), st.integers(60, 16_383), st.data())
def test_places_and_raw_values_undo_each_other(low, high, data):
    trim = Trim(low=low, high=high)
    raw = data.draw(st.integers(low, high))
    assert trim.raw(trim.position(raw)) == raw
    assert trim.position(low) == 0.0 and trim.position(high) == 1.0
    assert 0.0 <= trim.position(data.draw(st.integers(0, 16_383))) <= 1.0


@pytest.mark.parametrize(
    "row", [{"low": 5}, {"low": 9, "high": 3, "jitter": 0}, {"low": "x", "high": 3, "jitter": 0}, None, 3]
)
def test_a_fact_that_makes_no_sense_is_left_out(tmp_path, row):
    write_trims("Nano", {"cc 1 channel 1": {"low": 3, "high": 120, "jitter": 1}}, tmp_path)
    path = next(tmp_path.iterdir())
    path.write_text(path.read_text() + f"  cc 2 channel 1: {row if row else 'null'}\n")
    assert read_trims("Nano", tmp_path) == {"cc 1 channel 1": Trim(low=3, high=120, jitter=1)}


def test_the_bridge_stretches_and_steadies(rig):
    data = rig.profiles.parent
    write_trims("nano", {"cc 20 channel 1": {"low": 7, "high": 107, "jitter": 2}}, data / "calibration")
    binding = Binding(control=Control("cc", 1, 20), macro=0, takeover="jump")
    write_profile(rig.profiles, Profile(device="nano", bindings=(binding,)))
    rig.controllers.inbox.plugged_in("nano")
    for raw, dial in (
        (7, 0.0),
        (57, 0.5),
        (58, 0.5),
        (56, 0.5),
        (60, 0.53),
        (107, 1.0),
        (127, 1.0),
        (7, 0.0),
    ):
        rig.controllers.inbox.received("nano", bytes(cc(1, 20, raw).bytes()))
        rig.turn()
        assert rig.instrument.dials[0] == pytest.approx(dial, abs=1e-6)


@pytest.mark.real
def test_a_real_port_is_measured_and_kept(jack, tmp_path):
    from tests.server.midi.virtual_controller import VirtualController

    with VirtualController("Worn") as knobs:
        command = [sys.executable, "-m", "calibration.controller", "--midi", "worn", "--seconds", "3"]
        command += ["--data", str(tmp_path), "--midi-system", "jack"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert "from end to end" in process.stdout.readline()
            deadline = time.monotonic() + 2.5
            while time.monotonic() < deadline:
                for value in (*range(5, 121, 3), 120):
                    knobs.cc(20, value)
                    time.sleep(0.002)
            said = process.stdout.read()
            assert process.wait(20) == 0 and "sends 5 to 120 of 127" in said
    trim = read_trims("Worn:out", tmp_path / "calibration")["cc 20 channel 1"]
    assert (trim.low, trim.high) == (5, 120)
    assert spell(Control("cc", 1, 20), trim.raw(1.0))[0].value == 120


def test_a_port_that_is_not_there_is_told(tmp_path):
    command = [sys.executable, "-m", "calibration.controller", "--midi", "nobody", "--seconds", "1"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert said.returncode == 2 and "Traceback" not in said.stderr
