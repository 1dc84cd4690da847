"""Whose sound is the sketch's, through all states. No socket."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from panel.sound.sketch_target import SketchTarget


def follow(target, *states):
    """Let a sketch go through states; in which of them the server is asked for its sound."""
    return [state for state in states if target.follow(state)]


def test_what_was_sung_is_asked_for_and_what_was_dropped_here_is_not():
    target, sound = SketchTarget(), np.zeros(100, np.float32)
    assert follow(target, "recording", "recording", "hearing") == ["hearing"]
    target.set(sound, 48_000)
    assert follow(target, "refining", "refining", "done") == [] and target.sound.serial == 1
    target.set_uploaded(sound, 44_100)
    assert follow(target, "hearing", "refining", "done") == [] and target.sound.sample_rate == 44_100
    # Somebody else's sketch: its sound is asked for once it is answered, and the old one is heard no more.
    assert follow(target, "hearing") == [] and target.sound is None
    assert follow(target, "refining") == ["refining"]
    assert follow(SketchTarget(), "done") == ["done"]  # a panel that comes later
    assert follow(SketchTarget(), "idle", "failed") == []


@given(st.lists(st.sampled_from(["idle", "recording", "hearing", "refining", "done", "failed", "drop"])))
def test_a_sound_is_never_that_of_an_older_sketch(states):
    target, newest, before = SketchTarget(), None, "idle"
    for state in states:
        if state == "drop":
            target.set_uploaded(np.zeros(1), 8_000)
            newest = target.sound
            continue
        if state == "recording" != before:  # while it goes on, the state is said again with each level
            newest = None
        target.follow(state)
        before = state
        assert target.sound is None or target.sound is newest
