"""Observers: told of each patch that has come to rest."""

import numpy as np

from tests.support.live import Rig


class RecordingObserver:
    def __init__(self, space):
        self.space, self.heard, self.closed = space, [], False

    def settled(self, vector, gestures):
        self.heard.append(vector)

    def close(self):
        self.closed = True


def observed(tiny, tmp_path):
    observers = []
    rig = Rig(
        tiny, tmp_path, observe=lambda space: observers.append(RecordingObserver(space)) or observers[-1]
    )
    rig.hello()
    return rig, observers


def test_who_observes_hears_each_patch_that_has_come_to_rest(tiny, tmp_path):
    rig, (observer,) = observed(tiny, tmp_path)
    rig.send("/flow/macro", 0, 0.2)
    rig.rest(0.1)
    rig.send("/flow/macro", 0, 0.3)
    rig.rest(0.1)
    assert observer.heard == []
    rig.rest(0.1)
    rig.rest(1.0)
    (patch,) = observer.heard
    assert patch.dtype == np.float32 and np.array_equal(patch, rig.instrument.current_patch())


def test_who_observes_is_changed_with_the_parameters(tiny, tmp_path):
    rig, observers = observed(tiny, tmp_path)
    rig.send("/flow/model", "other")
    assert len(observers) == 1  # of the same parameters
    rig.send("/flow/model", "small")
    rig.rest(0.2)
    first, second = observers
    assert first.closed and len(second.space) == 16 and second.heard[-1].shape == (16,)
    rig.bridge.observation.close()
    assert second.closed
