"""An XY pad on the map of presets: two controls, one place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.midi.bindings.binding import Binding
from server.midi.bindings.takeover import CATCH_DISTANCE
from server.midi.codec.control import Control
from tests.server.midi.playing import move, plug_in, status_texts
from tests.server.midi.senders import cc
from tests.support.live import Rig, only

X, Y = 12, 13


def pad(**options):
    return [
        Binding(control=Control("cc", 1, number), axis=axis, **options)
        for number, axis in ((X, "x"), (Y, "y"))
    ]


def test_a_pad_goes_where_the_finger_is_and_everybody_is_told(rig):
    plug_in(rig, *pad(takeover="jump"))
    sent = move(rig, cc(1, X, 127), cc(1, Y, 64))
    assert rig.instrument.place == pytest.approx((1.0, 64 / 127))
    assert [m[0] for m in sent] == ["/flow/params", "/flow/macros", "/flow/latent", "/flow/place"]
    assert only(sent, "/flow/place") == pytest.approx([1.0, 64 / 127])
    move(rig, cc(1, Y, 0))  # one way stays where the other goes
    assert rig.instrument.place == pytest.approx((1.0, 0.0))


def test_a_pad_and_the_map_agree_on_presets(rig):
    plug_in(rig, *pad(takeover="jump"))
    presets = rig.instrument.model.presets
    x, y = presets.places[3]
    rig.send("/flow/place", float(x), float(y))
    there = rig.instrument.latent.copy()
    move(rig, cc(1, X, round(x * 127)), cc(1, Y, round(y * 127)))
    assert (
        np.abs(rig.instrument.latent - there).max() < np.abs(presets.latents - there).max(axis=1).min() + 0.5
    )
    assert rig.instrument.place == pytest.approx((x, y), abs=1 / 127)


@given(
    st.lists(st.tuples(st.sampled_from((X, Y)), st.integers(0, 127)), max_size=40),
    st.sampled_from(("pickup", "scale")),
)
def test_nothing_jumps_whatever_the_hand_does(tiny, tmp_path_factory, moves, takeover):
    rig = Rig(tiny, tmp_path_factory.mktemp("pad"), midi=True)
    plug_in(rig, *pad(takeover=takeover))
    rig.send("/flow/place", 0.9, 0.2)
    hand: dict[int, int] = {}
    for number, value in moves:
        before = rig.instrument.place
        move(rig, cc(1, number, value))
        way = abs(value - hand[number]) / 127 if number in hand else 0.0
        hand[number] = value
        moved = np.abs(np.subtract(rig.instrument.place, before))
        # Four times the hand's own way at most; a control that is close enough takes hold.
        assert moved.max() <= 4.0 * way + CATCH_DISTANCE + 1e-6
        assert moved[1 if number == X else 0] <= 1e-6


def test_a_map_that_somebody_else_moved_is_picked_up_again(rig):
    plug_in(rig, *pad())
    rig.send("/flow/place", 0.5, 0.5)
    move(rig, *[cc(1, X, v) for v in range(40, 100)])
    assert rig.instrument.place == pytest.approx((99 / 127, 0.5))
    rig.send("/flow/preset/load", rig.instrument.model.presets.names[0])
    there = rig.instrument.place
    move(rig, cc(1, X, 98))
    assert abs(there[0] - 98 / 127) > 0.05 and rig.instrument.place == pytest.approx(there)


def test_a_fader_of_another_program_is_a_pad_too(rig):
    plug_in(
        rig,
        *(
            Binding(control=Control("osc", 0, n, "/1/xy"), axis=a, takeover="jump")
            for n, a in ((0, "x"), (1, "y"))
        ),
        device="OSC",
    )
    rig.send("/1/xy", 0.25, 0.75)
    assert rig.instrument.place == pytest.approx((0.25, 0.75), abs=1e-4)


def test_without_presets_there_is_no_map_and_that_is_said(rig):
    plug_in(rig, *pad(takeover="jump"))
    rig.instrument.preset_map._points.clear()
    assert not len(rig.instrument.preset_map)
    before = rig.instrument.latent.copy()
    (text,) = status_texts(move(rig, cc(1, X, 127)))
    assert "no presets" in text and np.array_equal(rig.instrument.latent, before)
