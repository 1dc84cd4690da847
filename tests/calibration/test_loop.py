import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import facts as kept
from calibration.facts import facts_path, read_facts, write_facts
from calibration.loop import LoopDelay, onset
from core.errors import ConfigError

RATE = 44_100


@given(st.integers(100, 4_000), st.floats(0.01, 1.0), st.integers(0, 2**32 - 1))
def test_the_onset_is_where_the_sound_begins(start, level, seed):
    rng = np.random.default_rng(seed)
    audio = rng.normal(0.0, level * 1e-3, (2, 8_000))
    audio[:, start:] += level * np.sin(np.arange(8_000 - start) * 0.3)
    assert onset(audio, 100) == pytest.approx(start, abs=5)


def test_silence_and_noise_have_no_onset():
    rng = np.random.default_rng(0)
    assert onset(np.zeros((2, 4_000)), 100) is None
    assert onset(rng.uniform(-0.1, 0.1, (2, 4_000)), 100) is None


def test_a_loop_says_median_and_spread():
    loop = LoopDelay(np.arange(1.0, 102.0), 3)
    assert loop.delay_ms == 51.0 and loop.spread_ms == pytest.approx(90.0) and "3 not heard" in str(loop)


@given(st.text(max_size=120))
def test_a_device_is_never_a_path(device):
    folder = facts_path("loop", device).parent
    assert facts_path("loop", device, folder).parent == folder
    assert facts_path("loop", device).name.startswith("loop-")


def test_facts_are_read_as_they_were_written(tmp_path):
    folder = tmp_path / "calibration"
    write_facts("loop", "Box é: 1", {"delay_ms": 3.5}, folder)
    assert read_facts("loop", "Box é: 1", folder) == {"device": "Box é: 1", "delay_ms": 3.5}
    assert read_facts("loop", "Box é- 1", folder) is None  # the same file, another device


@pytest.mark.parametrize("text", ["[", "3", "- 1", "device: y\n", ""])
def test_a_damaged_file_is_no_fact(tmp_path, text):
    facts_path("loop", "x", tmp_path).write_text(text)
    assert read_facts("loop", "x", tmp_path) is None


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "x").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_facts("loop", "a", {}, tmp_path / "x")


def test_the_users_folder_is_the_default(monkeypatch, tmp_path):
    monkeypatch.setattr(kept, "data_folder", lambda: tmp_path)
    assert facts_path("loop", "a") == tmp_path / "calibration" / "loop-a.yaml"
