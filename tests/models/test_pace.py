import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.steering.pace import Pace

STEPS = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=20)


@given(STEPS, st.floats(-2.0, 3.0))
def test_the_inverse_undoes_it_also_past_the_ends(steps, position):
    pace = Pace(np.concatenate([[0.0], np.cumsum(steps)]).tolist())
    assert abs(pace.inverse(pace.at(position)) - position) < 1e-9


@given(STEPS, st.floats(0.0, 0.4), st.floats(0.6, 1.0))
def test_a_part_begins_and_ends_where_it_should(steps, low, high):
    pace = Pace(np.concatenate([[0.0], np.cumsum(steps)]).tolist())
    part = pace.part(low, high)
    assert np.isclose(part.at(0.0), pace.at(low)) and np.isclose(part.at(1.0), pace.at(high))
