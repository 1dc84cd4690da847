"""The soak, for some seconds, and its model of what was promised."""

import sys

import numpy as np
import pytest

from benchmarks.soak.__main__ import soak
from benchmarks.soak.faults import KINDS
from benchmarks.soak.promises import Promises
from tests.server.instrument.test_presets import preset
from tests.support.tiny_model import write_tiny_model

A, B = np.full(3, 0.25), np.full(3, 0.5)


def disk(**latents):
    return {name: preset(name=name, latent=list(latent)) for name, latent in latents.items()}


def broken(promises, **latents):
    promises.check(disk(**latents), "then")
    return promises.broken


def acknowledged(name="x", *latents):
    promises = Promises()
    for latent in latents:
        promises.asked(name, latent)
        promises.acknowledged(name)
    return promises


def test_what_was_acknowledged_has_to_be_there_as_it_was_saved():
    assert broken(acknowledged("x", A), x=A) == []
    assert broken(acknowledged("x", A)) == ["then: 'x' is gone"]
    assert broken(acknowledged("x", A, B), x=A) == ["then: 'x' is another one"]
    assert broken(acknowledged("x", A, None), x=A) == ["then: 'x' is back"]


def test_what_was_not_answered_may_be_so_or_so():
    for there in ({"x": A}, {"x": B}):
        promises = acknowledged("x", A)
        promises.asked("x", B)
        assert broken(promises, **there) == []
    promises.settle(disk(x=B))
    assert promises.n_unanswered == 1 and broken(promises, x=A) == ["then: 'x' is another one"]


def test_what_was_refused_has_changed_nothing():
    promises = acknowledged("x", A)
    promises.asked("x", None)
    promises.refused("x")
    assert broken(promises) == ["then: 'x' is gone"] and promises.names == ["x"]


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process can be set on Linux")
def test_a_soak_of_some_seconds_breaks_no_promise(tmp_path):
    model = write_tiny_model(tmp_path / "tiny")
    result = soak(str(model), 7.0, 1, n_devices=3, rate_hz=100.0, fault_every_s=0.2)
    assert result.broken == []
    found = dict(result.rows)
    assert any(found[kind] != "0 times" for kind in KINDS)
    assert int(found["changes of presets acknowledged"]) > 0
