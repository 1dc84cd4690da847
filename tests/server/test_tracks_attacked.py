"""Twenty clients on instruments, at random, against a simple model of who must hear what.

The model knows which instrument each client plays, which has the focus, and where two of each one's dials
are. After every step, frames have gone to the clients of the instruments that moved and to nobody else, every
dial is where the model says, and every sketch has the candidates that its own instrument was offered.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from server.osc.clients import SILENCE_S
from server.sketch.messages import TakeProgressed
from tests.server.sketch.fake_processes import FakeProcesses, answers, patches
from tests.support.live import Rig, only
from tests.support.tiny_model import write_tiny_model

N = 20
CLIENTS = st.integers(0, N - 1)
# Fewer than clients: some want the same one.
IDENTITIES = st.integers(0, N // 2).map(lambda k: f"id-{k}" if k else "")
VALUES = st.integers(0, 20).map(lambda n: n / 20)
MACROS = (0, 5)


class Expected:
    """What the model knows of an instrument: its dials, frozen ones, candidates, and whose hand was last."""

    def __init__(self, dials):
        self.dials = dict(dials)
        self.frozen = set()
        self.candidates = None  # that can be picked
        self.is_answered = True
        self.is_touched = False  # since an answer was played

    def copy(self):
        other = Expected(self.dials)
        other.frozen = set(self.frozen)
        other.candidates = self.candidates
        return other


class Attack(RuleBasedStateMachine):
    folder = data = None  # set by the test

    @initialize(n=st.integers(0, N))
    def start(self, n):
        self.rig = Rig(self.folder, self.data, processes=FakeProcesses())
        self.processes = self.rig.bridge._sketcher._processes
        self.plays = {}  # identity by client; empty for the focus
        self.resting = self.dials_of(self.rig.instrument)
        self.expected = {"": Expected(self.resting)}
        self.focus = ""
        self.singing = None  # instrument and number of the take that is being answered
        self.n_sketches = 0
        for k in range(n):
            self.hello(k, f"id-{k // 2}" if k % 5 else "", "device")

    # -- how clients speak

    def sender(self, k):
        return ("127.0.0.1", 50_100 + k)

    def send(self, k, address, *values):
        return self.rig.send(address, *values, sender=self.sender(k))

    def dials_of(self, instrument):
        return {k: float(instrument.dials[k]) for k in MACROS}

    def mine(self, k):
        """The instrument that a client plays, as the model says."""
        return self.plays[k] or self.focus

    def hearers(self, *identities):
        """The ports of those who hear these instruments."""
        return {51_100 + k for k in self.plays if self.mine(k) in identities}

    def check_frames(self, sent, *moved):
        framed = {port for port, messages in sent.items() if any(m[0] == "/flow/params" for m in messages)}
        assert framed == self.hearers(*moved)
        for port, messages in sent.items():
            sequences = [m[1] for m in messages if m[0] == "/flow/params"]
            assert len(sequences) == (1 if port in framed else 0)

    # -- steps

    @rule(k=CLIENTS, identity=IDENTITIES, kind=st.sampled_from(["device", "panel"]))
    def hello(self, k, identity, kind):
        if self.plays.get(k):  # it names what it was told
            identity = self.plays[k]
        others = [self.plays[j] for j in self.plays if j != k]
        was_known, focus = identity in self.expected, self.focus
        sent = self.send(k, "/flow/hello", k, 51_100 + k, 2, kind, f"Track {k}", identity)
        named = only(sent[51_100 + k], "/flow/welcome")[10]
        if identity == "":
            assert named == ""
        elif identity in others:
            assert named not in ("", *self.expected)  # a copy
            self.expected[named] = self.expected[identity].copy()
        else:
            assert named == identity
            if identity not in self.expected:
                if "" in self.expected:  # the first takes over what plays
                    self.expected[identity] = self.expected.pop("")
                    if self.singing is not None and self.singing[0] == "":
                        self.singing = identity, self.singing[1]
                    self.focus = self.focus or identity
                else:
                    self.expected[identity] = Expected(self.resting)
        self.plays[k] = named
        if identity and not was_known and self.focus not in self.plays.values():
            self.focus = named  # the instrument that had it was closed
        # Nobody else is sent a frame because somebody has come, unless that moves the focus.
        framed = {port for port, messages in sent.items() if any(m[0] == "/flow/params" for m in messages)}
        watchers = (
            {51_100 + j for j in self.plays if not self.plays[j]} if focus not in ("", self.focus) else set()
        )
        assert framed - {51_100 + k} == watchers - {51_100 + k}

    @precondition(lambda self: self.plays)
    @rule(data=st.data())
    def bye(self, data):
        k = data.draw(st.sampled_from(sorted(self.plays)))
        del self.plays[k]
        self.check_frames(self.send(k, "/flow/bye", k))

    @precondition(lambda self: self.plays)
    @rule(data=st.data())
    def silence_and_back(self, data):
        """All but some are silent for too long; then they speak again, one with a value at once."""
        awake = data.draw(st.sets(st.sampled_from(sorted(self.plays))))
        for _ in range(3):
            self.rig.rest(SILENCE_S / 2)
            for k in awake:
                self.send(k, "/flow/ping", 1)
        asleep = sorted(set(self.plays) - awake)
        for k in asleep:
            if not self.plays[k]:
                del self.plays[k]  # it is a stranger now
        asleep = [k for k in asleep if k in self.plays]
        gone = {k: self.plays.pop(k) for k in asleep}
        for k in asleep:
            self.plays[k] = gone[k]
            self.turn_of(k, 0, 0.35)

    @precondition(lambda self: self.plays)
    @rule(data=st.data(), macro=st.sampled_from(MACROS), value=VALUES)
    def turn(self, data, macro, value):
        self.turn_of(data.draw(st.sampled_from(sorted(self.plays))), macro, value)

    def turn_of(self, k, macro, value):
        sent = self.send(k, "/flow/macro", macro, value)
        self.touched(self.mine(k), macro, value)
        self.check_frames(sent, self.mine(k))

    @precondition(lambda self: self.plays)
    @rule(data=st.data(), value=VALUES)
    def turn_several_at_once(self, data, value):
        some = data.draw(st.sets(st.sampled_from(sorted(self.plays)), min_size=1))
        for k in sorted(some):
            self.rig.put("/flow/macro", 0, value, sender=self.sender(k))
            self.touched(self.mine(k), 0, value)
        self.check_frames(self.rig.turn(), *{self.mine(k) for k in some})

    @precondition(lambda self: self.plays)
    @rule(data=st.data())
    def freeze(self, data):
        k = data.draw(st.sampled_from(sorted(self.plays)))
        expected = self.expected[self.mine(k)]
        expected.frozen ^= {MACROS[0]}
        sent = self.send(k, "/flow/freeze", MACROS[0], int(MACROS[0] in expected.frozen))
        told = {port for port, messages in sent.items() if messages[0][0] == "/flow/frozen"}
        assert told == self.hearers(self.mine(k))

    @precondition(lambda self: self.plays)
    @rule(data=st.data(), name=st.sampled_from(["Pad 2", "Bass 0"]))
    def load(self, data, name):
        k = data.draw(st.sampled_from(sorted(self.plays)))
        sent = self.send(k, "/flow/preset/load", name)
        self.check_frames(sent, self.mine(k))
        self.jumped(self.mine(k))

    @precondition(lambda self: self.plays)
    @rule(data=st.data())
    def give_focus(self, data):
        k = data.draw(st.sampled_from(sorted(self.plays)))
        identity = data.draw(st.sampled_from(sorted(self.expected)))
        before, self.focus = self.focus, identity
        sent = self.send(k, "/flow/focus", identity)
        framed = {port for port, messages in sent.items() if any(m[0] == "/flow/params" for m in messages)}
        watchers = {51_100 + j for j in self.plays if not self.plays[j]}
        assert framed == (watchers if before != identity else set())
        for port in framed:
            dials = only(sent[port], "/flow/macros")
            for macro, value in self.expected[identity].dials.items():
                assert dials[macro] == pytest.approx(value, abs=1e-4)

    # -- sketches

    @precondition(lambda self: self.plays)
    @rule(data=st.data())
    def sketch(self, data):
        k = data.draw(st.sampled_from(sorted(self.plays)))
        identity, n = self.mine(k), len(self.processes.told)
        sent = self.send(k, "/flow/sketch/file", "hum.wav", 0)
        waits = self.singing is not None and not self.expected[self.singing[0]].is_answered
        if waits and self.singing[0] != identity and self.hearers(self.singing[0]):
            assert "is being heard" in only(sent[51_100 + k], "/flow/error")[1]
            assert len(self.processes.told) == n
            return
        self.singing = identity, self.processes.told[-1][1].take_number
        self.expected[identity].is_answered = False

    @precondition(lambda self: self.singing is not None)
    @rule(first=st.booleans())
    def answer(self, first):
        identity, number = self.singing
        expected = self.expected[identity]
        first = first or not expected.is_answered
        self.n_sketches += 1
        found = patches(seed=self.n_sketches)
        is_played = first or not expected.is_touched
        self.processes.said.append(answers(number, found, first))
        sent = self.rig.turn()
        expected.candidates, expected.is_answered = found, True
        self.check_frames(sent, *([identity] if is_played else []))
        offered = {port for port, m in sent.items() if "/flow/sketch/candidate" in [a for a, *_ in m]}
        assert offered == self.hearers(identity)
        if is_played:
            self.jumped(identity)
            expected.is_touched = False

    @precondition(lambda self: self.singing is not None)
    @rule()
    def finish(self):
        identity, number = self.singing
        if not self.expected[identity].is_answered:
            return
        self.processes.said.append(TakeProgressed(number, "done", 1.0))
        sent = self.rig.turn()
        told = {port for port, m in sent.items() if "/flow/sketch/state" in [a for a, *_ in m]}
        assert told == self.hearers(identity)
        self.singing = None

    @precondition(lambda self: self.plays)
    @rule(data=st.data(), n=st.integers(0, 2))
    def pick(self, data, n):
        k = data.draw(st.sampled_from(sorted(self.plays)))
        identity = self.mine(k)
        sent, some = self.send(k, "/flow/sketch/pick", n), self.expected[identity].candidates
        if some is None:
            assert "no candidate" in only(sent[51_100 + k], "/flow/error")[1]
            return
        self.check_frames(sent, identity)
        if not self.expected[identity].frozen:
            assert np.array_equal(self.track(identity).instrument.current_patch(), some[n])
        self.jumped(identity)

    # -- what the model learns

    def touched(self, identity, macro, value):
        self.expected[identity].dials[macro] = value
        self.expected[identity].is_touched = True

    def jumped(self, identity):
        """A preset or an answer has moved everything but what is frozen: the dials are read off."""
        expected = self.expected[identity]
        dials = self.dials_of(self.track(identity).instrument)
        for macro in expected.frozen:
            assert dials[macro] == pytest.approx(expected.dials[macro], abs=1e-4)
        expected.dials, expected.is_touched = dials, True

    def track(self, identity):
        (track,) = [track for track in self.rig.tracks if track.identity == identity]
        return track

    # -- what is always so

    @invariant()
    def every_dial_is_where_the_model_says(self):
        tracks = {track.identity: track for track in self.rig.tracks}
        assert set(tracks) == set(self.expected) and tracks[self.focus].has_focus
        for identity, expected in self.expected.items():
            track = tracks[identity]
            assert self.dials_of(track.instrument) == pytest.approx(expected.dials, abs=1e-4), identity
            assert track.instrument.frozen == expected.frozen
            assert {client.address[1] for client in track.listeners} == self.hearers(identity)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("attacked") / "tiny")


def test_no_client_hears_or_moves_what_is_not_its_own(folder, tmp_path):
    Attack.folder, Attack.data = folder, tmp_path
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Attack,
        settings=settings(
            max_examples=100,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
