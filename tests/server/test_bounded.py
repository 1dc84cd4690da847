"""What one datagram, and one turn of the loop, may cost, however it is made."""

import time

import pytest

from benchmarks.hostile import valid_packets
from core.nearest import MOST_COMPARED
from server.osc.addresses import TO_SERVER
from server.osc.builder import build, typed_message
from server.osc.fitting import Sizes
from server.osc.hints import HINTS_AT_ONCE, Hints
from server.osc.tolerance import MOST_REQUESTS
from server.transport import DRAIN_S, MAX_DRAINED, Transport
from tests.server.instrument.test_presets import preset
from tests.support.live import ME, MY_PORT, Rig

SIZES = Sizes(n_macros=8, n_latent=32, n_parameters=32)
ONE_OF_EACH = dict(zip(TO_SERVER, valid_packets(SIZES, "tiny"), strict=False))
MOST_S = 0.15  # of the processor, on a slow one; a datagram took up to 1.5 s once


def bundle(*messages):
    sized = b"".join(len(m).to_bytes(4, "big") + m for m in messages)
    return b"#bundle\0" + b"\0" * 7 + b"\1" + sized


def filled(*messages):
    """The largest datagram of these messages, again and again."""
    taken, n = [], 16
    while len(taken) < 256 and n + 4 + len(messages[len(taken) % len(messages)]) <= 8192:
        taken.append(messages[len(taken) % len(messages)])
        n += 4 + len(taken[-1])
    return bundle(*taken)


@pytest.fixture
def rig(tiny, tmp_path):
    rig = Rig(tiny, tmp_path, midi=True)
    rig.hello()
    rig.rest(3.0)
    return rig


def cost(rig, datagram):
    """Seconds of the processor until the loop waits again."""
    began = time.thread_time()
    rig.raw(datagram)
    rig.bridge.finish(rig.now)
    rig.bridge.tick(rig.now)
    spent = time.thread_time() - began
    rig.bridge.out.clear()
    rig.jobs.waiting.clear()
    rig.now += 2.0
    return spent


def errors(sent):
    return [m[2] for m in sent.get(MY_PORT, []) if m[0] == "/flow/error"]


def test_no_datagram_of_one_kind_costs_much(rig):
    dear = {}
    for address, message in ONE_OF_EACH.items():
        turn = typed_message("/flow/macro", 1, 0.25)
        dear[address] = max(cost(rig, filled(message)), cost(rig, filled(message, turn)))
    assert max(dear.values()) < MOST_S, sorted(dear.items(), key=lambda item: -item[1])[:5]


NEAR = {
    "addresses": lambda k: build(f"/flow/macrx{k}", ""),
    "long addresses": lambda k: build("/flow/preset/loaq" * 3 + str(k), ""),
    "presets": lambda k: typed_message("/flow/preset/load", f"Mine {k}x"),
    "models": lambda k: typed_message("/flow/model", f"tinx{k}"),
    "macros": lambda k: typed_message("/flow/macro/choose", 1, f"Macr {k}"),
    "controllers": lambda k: typed_message("/flow/bind", "macro 1", "cc 20", f"Nano{k}", ""),
    "words": lambda k: typed_message("/flow/say", f"brigth wram drak {k}"),
}


@pytest.mark.parametrize("what", NEAR)
def test_names_that_are_nearly_right_do_not_hold_the_loop(tiny, tmp_path, what):
    rig = Rig(tiny, tmp_path, midi=True)
    for k in range(3 * MOST_COMPARED):
        rig.instrument.preset_map.hold(preset(name=f"Mine {k}"))
    rig.hello()
    rig.rest(3.0)
    assert cost(rig, filled(*(NEAR[what](k) for k in range(256)))) < MOST_S


def test_a_datagram_asks_for_a_few_things_and_turns_as_many_controls_as_it_holds(rig):
    turns = [typed_message("/flow/macro", k % 8, 0.5) for k in range(MOST_REQUESTS)]
    asked = [typed_message("/flow/preset/save", f"S{k}") for k in range(MOST_REQUESTS + 3)]
    rig.raw(bundle(*turns, *asked, typed_message("/flow/macro", 7, 0.75)))
    sent = rig.turn()
    assert len(rig.store.presets) == MOST_REQUESTS
    refused = errors(sent)
    assert len(refused) == 3 and all(str(MOST_REQUESTS) in text for text in refused)  # none is left unsaid
    assert rig.instrument.dials[7] == pytest.approx(0.75, abs=1e-3)
    rig.raw(bundle(*asked[-3:]))
    rig.turn()
    assert len(rig.store.presets) == MOST_REQUESTS + 3


def test_what_a_pattern_means_counts_as_one(rig):
    rig.raw(bundle(*[build("/flow/freeze/*", "i", 1)] * 8, typed_message("/flow/preset/save", "S")))
    assert not errors(rig.turn()) and len(rig.store.presets) == 1


def test_new_names_of_macros_are_told_once_a_turn(rig):
    for k in range(20):
        rig.put("/flow/macro/name", 1, f"Name {k}")
    told = [m for m in rig.turn()[MY_PORT] if m[0] == "/flow/macroname" and m[1] == 1]
    assert told == [("/flow/macroname", 1, "Name 19")]


def test_hints_are_searched_for_now_and_then(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("server.osc.hints.monotonic", lambda: clock[0])
    hint = Hints()
    said = [hint("cutof", ["cutoff", "decay"]) for _ in range(HINTS_AT_ONCE + 2)]
    assert said == ["did you mean 'cutoff'?"] * HINTS_AT_ONCE + ["known: cutoff, decay"] * 2
    clock[0] += 1.0
    assert "did you mean" in hint("cutof", ["cutoff", "decay"])


class Socket:
    """Has another datagram, always."""

    def __init__(self):
        self.n = 0

    def recvfrom(self, n):
        self.n += 1
        return b"", ME


class SlowBridge:
    def __init__(self, seconds):
        self._seconds = seconds

    def receive(self, datagram, sender, now):
        time.sleep(self._seconds)


@pytest.mark.parametrize(("seconds", "most"), [(DRAIN_S / 4, 5), (0.0, MAX_DRAINED)])
def test_a_turn_ends_though_more_datagrams_wait(seconds, most):
    transport = Transport(Socket())
    try:
        transport._drain(SlowBridge(seconds), time.perf_counter())
        assert 1 <= transport._sock.n <= most
    finally:
        transport._wake_in.close()
        transport._wake_out.close()


def test_a_clock_that_is_ahead_or_behind_changes_nothing(rig):
    """A device's clock 1.5 s ahead: each of its bundles was refused."""
    now = 3_900_000_000
    for k, seconds in enumerate((now + 2, now - 3600, now + 10**6, 0)):
        message = typed_message("/flow/macro", k, 0.25 + k / 8)
        tagged = b"#bundle\0" + seconds.to_bytes(4, "big") + b"\x80\0\0\0" + len(message).to_bytes(4, "big")
        rig.raw(tagged + message)
        assert not errors(rig.turn())
        assert rig.instrument.dials[k] == pytest.approx(0.25 + k / 8, abs=1e-3)


def test_time_tags_of_bundles_within_bundles_are_not_read_either(rig):
    inner = (
        b"#bundle\0" + b"\xff" * 8 + (len(m := typed_message("/flow/macro", 2, 0.75))).to_bytes(4, "big") + m
    )
    rig.raw(bundle(inner, bundle(typed_message("/flow/macro", 3, 0.25))))
    assert not errors(rig.turn())
    assert list(rig.instrument.dials[2:4]) == pytest.approx([0.75, 0.25], abs=1e-3)
