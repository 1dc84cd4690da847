"""What a press means: a tap, a long hold, a pedal that stays down, a button that never comes up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from server.midi.bindings.binding import PRESS_KINDS
from server.midi.bindings.button import Button
from server.midi.bindings.command import COMMANDS, Command, read_command
from server.osc.addresses import TO_SERVER
from server.osc.fitting import Sizes, fit

SIZES = Sizes(n_macros=8, n_latent=4, n_parameters=4)


def switched(kind, *changes):
    """Whether something is on after each change, a pair of up or down and seconds."""
    button, on, states = Button(kind), False, []
    for down, now in changes:
        found = button.switched(down, on, now)
        on = on if found is None else found
        states.append(on)
    return states


TAP, TAP_AGAIN, HOLD = [(True, 0.0), (False, 0.1)], [(True, 3.0), (False, 3.1)], [(True, 0.0), (False, 0.9)]


@pytest.mark.parametrize(
    ("kind", "changes", "states"),
    [
        ("auto", TAP + TAP_AGAIN, [True, True, False, False]),
        ("auto", HOLD, [True, False]),
        ("toggle", HOLD + TAP_AGAIN, [True, True, False, False]),
        ("momentary", TAP, [True, False]),
        ("latching", HOLD, [True, False]),
        ("auto", [(True, 0.0), (True, 1.0), (True, 2.0)], [True, False, True]),  # it never comes up
    ],
)
def test_what_is_switched(kind, changes, states):
    assert switched(kind, *changes) == states


@given(st.sampled_from(PRESS_KINDS), st.lists(st.booleans(), max_size=30))
def test_a_value_that_repeats_is_no_press_once_the_button_has_come_up(kind, downs):
    button = Button(kind)
    presses = [button.pressed(down) for down in [True, False, *downs]]
    rises = sum(b and not a for a, b in zip([False, *downs], downs, strict=False))
    if kind != "latching":
        assert sum(presses) == 1 + rises


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_a_message_of_the_table_and_is_read_as_it_is_written(name):
    command = Command(name, 3) if name == "hold" else Command(name)
    assert read_command(str(command)) == command
    for on in (True, False):
        address, values = command.message(on)
        assert len(fit(TO_SERVER[address], values, SIZES)) == len(values)


@pytest.mark.parametrize(
    ("text", "says"), [("recrod", "'record'"), ("hold", "hold 3"), ("hold x", "hold 3"), ("", "no command")]
)
def test_a_slip_of_the_pen_is_explained(text, says):
    with pytest.raises(ConfigError, match=says):
        read_command(text)
