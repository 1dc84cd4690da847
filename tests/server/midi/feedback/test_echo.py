from hypothesis import given
from hypothesis import strategies as st

from server.midi.feedback.echo import ECHO_S, Echo


@given(st.booleans(), st.booleans(), st.lists(st.integers(0, 127), min_size=1, max_size=40))
def test_an_echo_is_known_and_forgotten(motor, once, told):
    echo = Echo(127, motor, once and not motor)
    for n, raw in enumerate(told[-8:]):
        echo.sent(raw, n * 0.01, None)
    for raw in told[-8:]:
        assert echo.matches(raw, 0.1)
    assert not echo.matches(told[-1], 0.1 + 2 * ECHO_S)
