import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from server.instrument.instrument import Instrument
from server.instrument.preset_map import PresetMap
from server.osc.coalescer import Coalescer
from server.osc.hot_reader import ControlMessage
from tests.support.live import load

inside = st.floats(0.0625, 0.9375, width=32)
messages = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 7), inside).map(lambda v: ControlMessage("/flow/macro", v)),
        st.lists(inside, min_size=8, max_size=8).map(lambda v: ControlMessage("/flow/macros", tuple(v))),
        st.integers(0, 99).map(lambda s: ControlMessage("/flow/latent", latent(s))),
        st.floats(0.0, 1.0, width=32).map(lambda p: ControlMessage("/flow/path/play", (p,))),
        st.tuples(inside, inside).map(lambda p: ControlMessage("/flow/place", p)),
    ),
    max_size=12,
)


def latent(seed: int) -> tuple[float, ...]:
    return tuple(np.random.default_rng(seed).uniform(-1, 1, 32).tolist())


def instrument(folder) -> Instrument:
    loaded = load(folder)
    made = Instrument(loaded, PresetMap(loaded, []), 0)
    for seed in range(3):
        made.apply(ControlMessage("/flow/latent", latent(1000 + seed)))
        made.path.add(made.latent, made.current_patch(), (0.5, 0.5))
    made.frozen = {1, 6}
    return made


@given(messages)
def test_the_newest_alone_lead_to_the_same_point(tiny, sent):
    one_by_one, newest_only, waiting = instrument(tiny), instrument(tiny), Coalescer()
    for vector in sent:
        one_by_one.apply(vector)
        waiting.add(vector)
    left = waiting.take()
    for vector in left:
        newest_only.apply(vector)
    assert len(left) + waiting.n_superseded == len(sent)
    assert np.allclose(one_by_one.latent, newest_only.latent, atol=1e-5)


def test_a_flood_of_one_macro_leaves_one_value():
    waiting = Coalescer()
    for j in range(1000):
        waiting.add(ControlMessage("/flow/macro", (3, j / 1000)))
    assert waiting.take() == [ControlMessage("/flow/macro", (3, 0.999))]
    assert waiting.n_superseded == 999 and waiting.take() == []


def test_a_point_makes_everything_before_it_void():
    waiting = Coalescer()
    waiting.add(ControlMessage("/flow/macro", (3, 0.1)))
    waiting.add(ControlMessage("/flow/patch", (0.5,)))
    waiting.add(ControlMessage("/flow/macro", (4, 0.1)))
    assert [v.address for v in waiting.take()] == ["/flow/patch", "/flow/macro"]
