import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.space import Parameter, ParameterSpace
from server.midi.codec.control import Control
from server.midi.codec.decoder import Decoder
from synths.external.control_changes import SPELLINGS, PendingChanges
from synths.space_files import load_space, space_names
from tests.server.midi.strategies import unit

N = 8


def space(n=N, first=20):
    """Parameters on controllers from `first` on."""
    rows = [Parameter(name=f"p{k}", label="", low=0, high=1, control_change=first + k) for k in range(n)]
    return ParameterSpace("made-up", "none", rows)


class Synth:
    """A receiver that knows the map: it holds what the decoder makes of the bytes."""

    def __init__(self, made, changes, spelling, channel=1):
        self._decoder, self._changes, self._channel = Decoder(), changes, channel
        self._numbers = [p.control_change for p in made]
        self._kind = spelling
        self.holds = {}
        self.bytes = 0

    def receive(self, n=1_000):
        order = []
        for _ in range(n):
            messages = self._changes.next()
            if not messages:
                break
            for data in messages:
                self.bytes += len(data)
                events = self._decoder.feed(mido.Message.from_bytes(data))
                for event in events:
                    self.holds[event.control] = event.control.position(event.raw)
                    if event.control.kind == "nrpn" or event.control.number in self._numbers:
                        order.append(event.control.number)
        return order

    def patch(self):
        kinds = [self._kind, "cc"]
        found = []
        for number in self._numbers:
            keys = [Control(kind, self._channel, number) for kind in kinds]
            found.append(next(self.holds[key] for key in keys if key in self.holds))
        return np.array(found)


patches = st.lists(unit, min_size=N, max_size=N).map(np.array)


@given(st.sampled_from(SPELLINGS), st.lists(patches, min_size=1, max_size=5), st.integers(1, 16))
def test_the_synth_ends_with_the_newest_patch(spelling, sequence, channel):
    made = space(first=3)
    changes = PendingChanges(made, spelling, channel)
    synth = Synth(made, changes, spelling, channel)
    for j, patch in enumerate(sequence):
        changes.want(patch)
        synth.receive(j)  # sometimes little, so that frames overtake each other
    synth.receive()
    assert synth.patch() == pytest.approx(sequence[-1], abs=0.51 / (127 if spelling == "cc" else 16_383))
    assert not changes


@given(patches, st.integers(0, N - 1), unit)
def test_only_what_changed_is_sent(patch, k, value):
    changes = PendingChanges(space(), "cc")
    changes.want(patch)
    assert len([1 for _ in range(100) if changes.next()]) == N
    patch = patch.copy()
    patch[k] = value
    before = len(changes)
    changes.want(patch)
    sent = [m for _ in range(100) for m in changes.next()]
    assert before == 0 and len(sent) <= 1 and all(m[1] == 20 + k for m in sent)


heards = st.lists(st.floats(0.01, 99.0), min_size=N, max_size=N).map(np.array)


@given(patches, patches, st.none() | heards)
def test_what_is_heard_most_goes_first(first, second, audible):
    made = space()
    changes = PendingChanges(made, "cc", audible=audible)
    changes.want(first)
    Synth(made, changes, "cc").receive()
    changes.want(second)
    order = [m[1] - 20 for _ in range(100) for m in changes.next()]
    off = np.abs(np.rint(second * 127) - np.rint(first * 127)) * (1.0 if audible is None else audible)
    assert sorted(order) == np.flatnonzero(off).tolist()
    assert (np.diff(off[order]) <= 1e-9).all()


@given(heards, patches)
def test_a_synth_that_knows_nothing_is_told_the_most_audible_first(audible, patch):
    changes = PendingChanges(space(), "cc", audible=audible)
    changes.want(patch)
    order = [m[1] - 20 for _ in range(N) for m in changes.next()]
    # By distance from a value that no synth has, so patches weigh a little, too.
    assert sorted(order) == list(range(N)) and (np.diff(audible[order]) <= 0.01 * audible[order][:-1]).all()


@given(st.sampled_from(SPELLINGS), st.lists(patches, min_size=1, max_size=4), st.integers(1, N))
def test_what_was_sent_is_repeated_once_as_it_is_now(spelling, sequence, n):
    made = space(first=3)
    changes = PendingChanges(made, spelling)
    for patch in sequence:
        changes.want(patch)
        Synth(made, changes, spelling).receive()
    forgetful = Synth(made, changes, spelling)  # nothing of that has arrived
    while changes.unsure:
        told = changes.repeat(n)
        assert 0 < len({data[1] for data in told}) <= 4 * n
        for data in told:
            for event in forgetful._decoder.feed(mido.Message.from_bytes(data)):
                forgetful.holds[event.control] = event.control.position(event.raw)
    assert forgetful.patch() == pytest.approx(sequence[-1], abs=0.51 / (127 if spelling == "cc" else 16_383))
    assert changes.repeat(n) == [] and not changes


def test_a_forgotten_synth_is_told_everything():
    changes = PendingChanges(space(), "nrpn")
    changes.want(np.full(N, 0.5))
    first = [changes.next() for _ in range(N)]
    assert changes.next() == []
    changes.forget()
    assert [changes.next() for _ in range(N)] == first


def test_a_pair_takes_nobodys_controller():
    made = space(n=44)  # 20 to 63: the partners of 20 to 31 are parameters themselves
    changes = PendingChanges(made, "cc14")
    changes.want(np.linspace(0, 1, 44))
    sent = [m[1] for _ in range(100) for m in changes.next()]
    assert sorted(sent) == list(range(20, 64))


@pytest.mark.parametrize("name", space_names())
def test_the_maps_of_our_spaces_are_one_to_one(name):
    numbers = [p.control_change for p in load_space(name)]
    assert len(set(numbers)) == len(numbers) and not set(numbers) & {6, 38, *range(96, 102), 120}


def test_a_selected_parameter_is_not_selected_again():
    changes = PendingChanges(space(n=1), "nrpn")
    changes.want(np.array([0.1]))
    assert len(changes.next()) == 4
    changes.want(np.array([0.2]))
    assert [m[1] for m in changes.next()] == [6, 38]
