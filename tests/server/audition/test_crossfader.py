import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.audition.crossfader import CEILING, Crossfader

RATE = 44_100


def tone(hz, seconds, amplitude=0.5, phase=0.0):
    t = np.arange(int(seconds * RATE)) / RATE
    wave = amplitude * np.sin(2 * np.pi * hz * t + phase)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def run(crossfader, n, block=256):
    out = np.full((n, 2), np.nan, np.float32)
    for start in range(0, n, block):
        crossfader.fill(out[start : start + block])
    return out


def test_silence_before_anything_and_after_everything():
    crossfader = Crossfader(RATE)
    assert not run(crossfader, 1_000).any()
    crossfader.offer(tone(440, 0.01))
    assert run(crossfader, 441).any()
    assert not run(crossfader, 1_000).any()


def test_a_note_after_silence_keeps_its_attack():
    crossfader = Crossfader(RATE)
    note = tone(440, 0.5, phase=0.5 * np.pi)  # its first sample is its highest
    crossfader.offer(note)
    assert np.array_equal(run(crossfader, 1_000), note[:1_000])


@settings(deadline=None, max_examples=30)
@given(
    block=st.integers(1, 5_000),
    phase=st.floats(0, 6.28),
    hz=st.floats(50, 2_000),
    at=st.integers(1, 20_000),
)
def test_a_new_note_does_not_click(block, phase, hz, at):
    crossfader = Crossfader(RATE)
    crossfader.offer(tone(hz, 1.0))
    before = run(crossfader, at, block)
    crossfader.offer(tone(hz, 1.0, phase=phase))
    heard = np.concatenate([before, run(crossfader, 5_000, block)])[:, 0].astype(float)
    # A click is a jump: the steepest step of two tones in phase at equal power is sqrt(2) of one's,
    # and the ramp itself adds pi/2 * amplitude / 1,323 samples.
    steepest = 0.5 * 2 * np.pi * hz / RATE
    assert np.abs(np.diff(heard)).max() <= np.sqrt(2) * steepest + 0.5 * np.pi / 1_323 + 1e-4


def test_power_stays_level_through_the_fade():
    rng = np.random.default_rng(0)
    old, new = (rng.normal(0, 0.1, (RATE, 2)).astype(np.float32) for _ in range(2))
    crossfader = Crossfader(RATE)
    crossfader.offer(old)
    run(crossfader, 4_000)
    crossfader.offer(new)
    heard = run(crossfader, 3_000)
    # Unrelated noises of rms 0.1 add in power; 660 samples tell it to 3 %.
    halves = [np.sqrt(np.mean(heard[k : k + 660] ** 2)) for k in (0, 660, 1_400)]
    assert halves == pytest.approx([0.1] * 3, rel=0.1)
    assert np.array_equal(heard[1_400:3_000], new[1_400:3_000])


def test_the_newest_offer_wins():
    crossfader = Crossfader(RATE)
    for hz in (200, 300, 400):
        crossfader.offer(tone(hz, 1.0))
    assert np.array_equal(run(crossfader, 500), tone(400, 1.0)[:500])


def test_an_offer_during_a_fade_waits_for_its_end():
    crossfader = Crossfader(RATE)
    notes = [np.full((RATE, 2), level, np.float32) for level in (0.1, 0.2, 0.3)]
    for note in notes:
        crossfader.offer(note)
        run(crossfader, 100)
    assert run(crossfader, 4_000)[-1] == pytest.approx([0.3, 0.3])


def test_notes_in_phase_stay_under_the_ceiling():
    crossfader = Crossfader(RATE)
    loud = np.full((RATE, 2), CEILING, np.float32)
    crossfader.offer(loud)
    run(crossfader, 1_000)
    crossfader.offer(loud)
    assert np.abs(run(crossfader, 3_000)).max() <= CEILING


def test_the_callback_makes_no_array():
    crossfader = Crossfader(RATE)
    out = np.zeros((512, 2), np.float32)
    crossfader.offer(tone(440, 1.0))
    crossfader.fill(out)
    crossfader.offer(tone(550, 1.0))
    tracemalloc.start()
    for _ in range(4):
        crossfader.fill(out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < out.nbytes  # views and numbers only; one copy of the block would be 4,096 bytes
