"""The soak, for some seconds, and its model of what was promised."""

import random
import sys

import numpy as np
import pytest

from benchmarks.soak.faults import KINDS
from benchmarks.soak.judge import Judge
from benchmarks.soak.promises import Promises
from benchmarks.soak.soak import soak
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
    promises.settle(disk(x=B), promises.pending)
    assert promises.n_unanswered == 1 and broken(promises, x=A) == ["then: 'x' is another one"]


def test_what_was_refused_plays_until_the_server_ends():
    promises = acknowledged("x", A)
    promises.asked("x", B)
    promises.refused("x")
    assert (promises.plays("x") == B).all() and promises.held == ["x"]
    promises.forget_held()
    assert (promises.plays("x") == A).all() and promises.held == []


def test_what_is_listed_is_what_is_kept():
    promises = acknowledged("x", A)
    promises.check_listed(["x", "Bass 0"])
    assert promises.broken == []
    promises.check_listed([])
    assert promises.broken == ["'x' is kept and not listed"]
    promises = acknowledged("x", A, None)
    promises.check_listed(["x"])
    assert promises.broken == ["'x' is listed and not kept"]


def test_what_was_refused_has_changed_nothing():
    promises = acknowledged("x", A)
    promises.asked("x", None)
    promises.refused("x")
    assert broken(promises) == ["then: 'x' is gone"] and promises.names == ["x"]


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process can be set on Linux")
def test_a_preset_is_missed_once_each_time_that_it_is_asked_for():
    promises = Promises()
    promises.asked("mine", np.ones(3, np.float32))
    promises.acknowledged("mine")
    judge = Judge(9, random.Random(0), promises)
    judge.device.welcome = ["it is there"]
    for _ in range(4):
        judge.ask()
        for _ in range(50):  # somebody else moves the instrument meanwhile
            judge._heard("/flow/latent", [0.0, 0.0, 0.5])
    judge.ask()
    judge._heard("/flow/latent", [1.0, 1.0, 1.0])
    assert judge.n_right == 1 and judge.broken == []
    for _ in range(6):
        judge.ask()
        judge._heard("/flow/latent", [0.0, 0.0, 0.5])
    assert judge.broken == ["'mine' plays something else than was saved, 1 off at best"]
    judge.device.sock.close()


def test_a_soak_of_some_seconds_breaks_no_promise(tmp_path):
    model = write_tiny_model(tmp_path / "tiny")
    result = soak(
        str(model),
        15.0,
        1,
        n_devices=4,
        rate_hz=100.0,
        parts=["midi", "oscquery"],  # the others take longer to start than this lasts
        kinds=[kind for kind in KINDS if "of its own" not in kind],  # what mends that takes half a minute
        fault_every_s=0.3,
    )
    assert result.broken == []
    found = dict(result.rows)
    assert any(found.get(kind, "0 times") != "0 times" for kind in KINDS)
    assert int(found["changes of presets acknowledged"]) > 0
    assert int(found["presets loaded that play what was saved"]) > 0
    assert "left out" in found["sketches"] and "answers" in found["OSCQuery"]
