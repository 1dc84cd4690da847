"""What Hypothesis draws for tests of controllers."""

from hypothesis import strategies as st

from server.midi.codec.control import KINDS, Control

MIDI_KINDS = tuple(kind for kind in KINDS if kind != "osc")

unit = st.floats(0.0, 1.0)


@st.composite
def controls(draw, kinds=MIDI_KINDS):
    """Draw a control on a channel of its own."""
    kind = draw(st.sampled_from(kinds))
    return Control(kind, draw(st.integers(1, 16)), draw(st.integers(0, Control(kind).highest_number)))
