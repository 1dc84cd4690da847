"""What is asked for and answered without moving anything: names, presets, curves, patches."""

import numpy as np
import pytest

from tests.support.live import MY_PORT, OTHER_PORT, only


def test_names_presets_and_curves_are_listed(rig):
    sent = rig.send("/flow/names")[MY_PORT]
    assert [m[:2] for m in sent] == [
        *(("/flow/name", k) for k in range(32)),
        *(("/flow/macroname", k) for k in range(8)),
    ]
    assert sent[3][2] == "Parameter 3"
    sent = rig.send("/flow/presets")[MY_PORT]
    assert [m[1] for m in sent] == list(range(20)) and sent[2][2] == "Pad 2"
    assert all(0.0 <= v <= 1.0 for m in sent for v in m[3:])
    sent = rig.send("/flow/curves", 3, 4)[MY_PORT]
    assert [m[1] for m in sent] == ["parameter"] * 4 + ["descriptor"] * 2
    assert all(len(m) == 53 for m in sent)
    spans = [max(m[3:]) - min(m[3:]) for m in sent[:4]]
    assert spans == sorted(spans, reverse=True)


def test_a_curve_is_what_turning_the_macro_does(rig):
    name, curve = [(m[2], m[3:]) for m in rig.send("/flow/curves", 3, 1)[MY_PORT] if m[1] == "parameter"][0]
    k = [p.label for p in rig.instrument.model.space].index(name)
    for place in (0, 20, 49):
        frame = only(rig.send("/flow/macro", 3, place / 49)[MY_PORT], "/flow/params")
        assert frame[1 + k] == pytest.approx(curve[place], abs=1e-4)


def test_a_long_list_is_sent_at_a_pace(rig):
    rig.put("/flow/names")
    rig.put("/flow/names")  # asked twice: sent once
    rig.bridge.tick(rig.now)
    assert len(rig.sent()[MY_PORT]) == 32
    rig.bridge.tick(rig.now + 0.001)
    assert rig.sent() == {}
    rig.bridge.tick(rig.now + 0.005)
    assert len(rig.sent()[MY_PORT]) == 8


def test_a_presets_patch_is_told_and_nothing_moves(rig):
    rig.send("/flow/vary", 1.0)
    patch = rig.instrument.patch.copy()
    rig.send("/flow/preset/save", "Mine")
    rig.send("/flow/vary", 1.0)
    sent = rig.send("/flow/preset/patch", "Mine")
    assert [m[0] for m in sent[MY_PORT]] == ["/flow/preset/patch"] and OTHER_PORT not in sent
    name, *values = only(sent[MY_PORT], "/flow/preset/patch")
    assert name == "Mine" and np.allclose(values, patch, atol=1e-6)
