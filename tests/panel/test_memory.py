"""What the panel remembers and tells: history, snapshots, feeds, the mirror, the journey. No socket."""

import asyncio
import doctest
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.feed.feed import PACE_S, Feed
from panel.feed.update_scheduler import UpdateScheduler
from panel.osc.messages import Binding
from panel.osc.mirror import Mirror
from panel.sound.sketch_target import SketchTarget
from panel.state import path_playback
from panel.state.path_playback import PathPlayback
from panel.state.point_history import PointHistory
from panel.state.snapshots import Snapshots, interpolate
from server.osc.builder import build, osc_message

POINTS = st.lists(st.integers(-50, 50), min_size=1, max_size=30)


def point(n):
    return (float(n), 0.5 * n, -float(n))


@given(POINTS)
def test_undo_goes_back_through_everything_and_redo_forward_again(numbers):
    history = PointHistory()
    seen = []
    for n in numbers:
        history.add(point(n))
        if not seen or seen[-1] != n:
            seen.append(n)
    assert len(history) == len(seen)
    back = [history.undo() for _ in seen[1:]]
    assert back == [point(n) for n in seen[-2::-1]] and history.undo() is None
    assert [history.redo() for _ in seen[1:]] == [point(n) for n in seen[1:]] and history.redo() is None


@given(POINTS)
def test_what_comes_back_from_the_server_after_an_undo_is_nothing_new(numbers):
    history = PointHistory()
    for n in numbers:
        history.add(point(n))
    asked = [p for p in (history.undo(), history.undo()) if p is not None]
    for p in asked:  # late, and through float32
        history.add(tuple(np.float32(p).tolist()))
    assert len([1 for _ in iter(history.redo, None)]) == len(asked)


def test_a_new_point_ends_what_was_undone():
    history = PointHistory()
    for n in (1, 2, 3):
        history.add(point(n))
    history.undo()
    history.add(point(9))
    assert not history.can_redo and history.undo() == point(2)


def test_another_models_points_are_not_mixed_in():
    history = PointHistory()
    history.add(point(1))
    history.add((1.0, 2.0))
    assert len(history) == 1 and not history.can_undo


def test_snapshots_are_there_tomorrow_for_their_model_only(tmp_path):
    path = tmp_path / "Ordner mit ä" / "snapshots.json"
    Snapshots(path).store("vital-32", "A", point(3))
    again = Snapshots(path)
    assert again.point("vital-32", "A", 3) == point(3)
    assert again.filled("vital-32") == {"A"} and again.filled("other") == set()
    assert again.point("vital-32", "A", 4) is None and again.point("vital-32", "B", 3) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"m": {"A": ["x"]}}', '{"m": 3}', '{"m": {"A": null}}', "\0"]
)
def test_a_damaged_file_counts_as_empty(tmp_path, text):
    (tmp_path / "s.json").write_text(text)
    assert Snapshots(tmp_path / "s.json").filled("m") == set()


@given(st.floats(0, 1))
def test_a_morph_is_straight(position):
    a, b = point(2), point(-4)
    assert interpolate(a, b, position) == pytest.approx(interpolate(b, a, 1.0 - position))
    assert interpolate(a, b, 0.0) == a and interpolate(a, b, 1.0) == b


def test_a_browser_that_does_not_answer_is_sent_one_message_and_then_the_newest():
    sent, value = [], {"macros": 0}
    feed = Feed({"macros": lambda: value["macros"]}, sent.append)
    assert feed.push()
    for n in range(1000):
        value["macros"] = n
        feed.mark("macros")
        feed.push()
    assert len(sent) == 1
    feed.acknowledge(sent[0]["serial"])
    assert feed.push() and sent[1]["macros"] == 999
    feed.acknowledge(sent[1]["serial"])
    assert not feed.push()  # nothing has changed


def test_what_is_not_shown_is_not_sent_and_what_is_shown_again_is():
    sent = []
    feed = Feed({"macros": lambda: 1, "params": lambda: 2}, sent.append)
    feed.mute("params")
    feed.push()
    assert sent[-1] == {"macros": 1, "serial": 1}
    feed.acknowledge(1)
    feed.mark("params")
    assert not feed.push()
    feed.mute()
    assert feed.push() and sent[-1] == {"params": 2, "serial": 2}


@given(st.lists(st.sampled_from(["mark", "push", "ack", "old ack", "wild ack"]), max_size=60))
def test_there_is_never_more_than_one_message_on_its_way(steps):
    sent, acknowledged = [], [0]
    feed = Feed({"a": lambda: 1}, sent.append)
    for step in steps:
        match step:
            case "mark":
                feed.mark("a")
            case "push":
                feed.push()
            case "ack" if sent:
                acknowledged[0] = sent[-1]["serial"]
                feed.acknowledge(sent[-1]["serial"])
            case "old ack":
                feed.acknowledge(0)
            case "wild ack":
                feed.acknowledge(10**6)
        assert len(sent) - acknowledged[0] <= 1


def follow(target, *states):
    """Let a sketch go through states; in which of them the server is asked for its sound."""
    return [state for state in states if target.follow(state)]


def test_what_was_sung_is_asked_for_and_what_was_dropped_here_is_not():
    target, sound = SketchTarget(), np.zeros(100, np.float32)
    assert follow(target, "recording", "recording", "hearing") == ["hearing"]
    target.put(sound, 48_000)
    assert follow(target, "refining", "refining", "done") == [] and target.sound.serial == 1
    target.drop(sound, 44_100)
    assert follow(target, "hearing", "refining", "done") == [] and target.sound.sample_rate == 44_100
    # Somebody else's sketch: its sound is asked for once it is answered, and the old one is heard no more.
    assert follow(target, "hearing") == [] and target.sound is None
    assert follow(target, "refining") == ["refining"]
    assert follow(SketchTarget(), "done") == ["done"]  # a panel that comes later
    assert follow(SketchTarget(), "idle", "failed") == []


@given(st.lists(st.sampled_from(["idle", "recording", "hearing", "refining", "done", "failed", "drop"])))
def test_a_sound_is_never_that_of_an_older_sketch(states):
    target, newest, before = SketchTarget(), None, "idle"
    for state in states:
        if state == "drop":
            target.drop(np.zeros(1), 8_000)
            newest = target.sound
            continue
        if state == "recording" != before:  # while it goes on, the state is said again with each level
            newest = None
        target.follow(state)
        before = state
        assert target.sound is None or target.sound is newest


def frame(sequence, values):
    return osc_message("/flow/params", sequence, values)


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=70))
def test_frames_are_read_as_they_were_written(values):
    mirror = Mirror()
    assert mirror.receive(frame(7, values)) == "params"
    assert mirror.patch.tolist() == values and mirror.revision == 1
    assert mirror.receive(frame(6, [0.0] * len(values))) is None  # came late
    assert mirror.patch.tolist() == values
    assert mirror.receive(frame(8, [0.5])) == "params" and mirror.patch.tolist() == [0.5]


def test_the_mirror_follows_what_the_server_says():
    mirror = Mirror()
    welcome = osc_message("/flow/welcome", 1, 2, 1, "0.1", "m", "vital", 2, 3, 4, "/tmp/ä")
    assert mirror.receive(welcome) == "welcome" and mirror.welcome.n_parameters == 4
    assert mirror.receive(osc_message("/flow/macros", [0.25, 0.5])) == "macros" and mirror.macros == (
        0.25,
        0.5,
    )
    assert mirror.receive(osc_message("/flow/frozen", 1, 1)) == "frozen" and mirror.frozen == {1}
    assert mirror.receive(osc_message("/flow/status", "macro 0 'Bright' is frozen")) == "notices"
    assert mirror.frozen == {1}  # what people read is not taken apart
    mirror.receive(osc_message("/flow/frozen", 1, 0))
    assert mirror.frozen == set()
    assert mirror.receive(osc_message("/flow/path", 12, 0)) == "path"
    assert mirror.path_points == 12
    mirror.receive(osc_message("/flow/error", "/flow/learn", "start it with --midi"))
    assert mirror.notices[-1].wrong and mirror.notices[-1].serial == 2
    assert mirror.notices[-1].address == "/flow/learn"
    mirror.receive(osc_message("/flow/preset", 0, "A Pad", 0.5, 0.25))
    assert mirror.presets[0].name == "A Pad"
    for j in range(3):
        mirror.receive(osc_message("/flow/binding", j, 1, "CC 20 of Knobs", "pickup", 0.25, 0))
    assert mirror.receive(osc_message("/flow/bindings", 1)) == "bindings" and len(mirror.bindings) == 1
    assert mirror.bindings[0] == Binding(1, "CC 20 of Knobs", "pickup", 0.25, False)
    for k in range(3):
        mirror.receive(osc_message("/flow/sketch/candidate", k, 0.5, "one"))
    mirror.receive(osc_message("/flow/sketch/candidate", 1, 0.9, "better"))
    assert mirror.candidates[1].label == "better" and len(mirror.candidates) == 3
    mirror.receive(osc_message("/flow/sketch/state", "hearing", 0.0))
    assert mirror.candidates == {}


@given(st.binary(max_size=300))
def test_noise_changes_nothing_and_breaks_nothing(noise):
    mirror = Mirror()
    mirror.receive(noise)
    assert mirror.welcome is None


@pytest.mark.parametrize(
    "datagram",
    [
        build("/flow/welcome", "i", 1),
        build("/flow/place", "f", 0.5),
        build("/flow/preset", "s", "no number"),
        build("/flow/nonsense", "i", 1),
        b"/flow/params\0\0\0\0,iff\0\0\0\0",
        b"/flow/params\0\0\0\0,i\0\0",
    ],
)
def test_a_message_of_another_version_is_left_out(datagram):
    assert Mirror().receive(datagram) in (None, "notices")


@given(
    bpm=st.floats(20, 300), beats=st.floats(1, 64), back=st.booleans(), loop=st.booleans(),
    at=st.floats(0, 1000),
)  # fmt: skip
def test_a_journey_stays_on_the_path_and_keeps_time(bpm, beats, back, loop, at):
    journey = PathPlayback(bpm=bpm, beats=beats, back=back, loop=loop)
    position = journey.position(at)
    whole = journey.seconds * (2 if back else 1)
    assert (position is None) == (not loop and at / journey.seconds >= (2.0 if back else 1.0))
    if position is not None:
        assert 0.0 <= position <= 1.0
    if loop:
        assert journey.position(0.0) == 0.0
        assert journey.position(whole + 0.25 * journey.seconds) == pytest.approx(0.25, abs=1e-6)


@given(
    k=st.integers(0, 9_999), name=st.text(max_size=64).filter(lambda s: "\0" not in s and s.isprintable()),
    x=st.floats(0, 1, width=32), y=st.floats(0, 1, width=32),
)  # fmt: skip
def test_presets_are_read_as_they_were_written(k, name, x, y):
    mirror = Mirror()
    assert mirror.receive(osc_message("/flow/preset", k, name, x, y)) == "presets"
    assert (mirror.presets[k].name, mirror.presets[k].x, mirror.presets[k].y) == (name, x, y)
    assert mirror.lacks_presets == (k > 0)


def test_a_place_beyond_the_map_is_left_out():
    mirror = Mirror()
    for x, y in ((1.5, 0.0), (0.0, -0.1), (float("nan"), 0.5)):
        assert mirror.receive(osc_message("/flow/preset", 0, "x", x, y)) is None
    assert mirror.receive(osc_message("/flow/preset", -1, "x", 0.5, 0.5)) is None


def test_pages_are_told_at_a_pace_and_one_that_breaks_does_not_stop_the_others(caplog):
    async def life():
        scheduler, drawn, heard = UpdateScheduler({"macros": lambda: 1}), [], []
        leave = scheduler.join(heard.append)
        feed, _ = scheduler.add_feed(drawn.append)
        scheduler.join(lambda topics: 1 / 0)
        running = asyncio.create_task(scheduler.run())
        for _ in range(200):
            scheduler.touch("macros", "notices")
            if drawn:
                scheduler.told(feed, drawn[-1]["serial"])
            await asyncio.sleep(0.001)
        leave()
        n = len(heard)
        scheduler.touch("notices")
        await asyncio.sleep(0.1)
        running.cancel()
        return len(drawn), n, len(heard), heard

    began = time.monotonic()
    with ThreadPoolExecutor(1) as thread:  # a browser of another test may have left its loop in this one
        n_drawn, n_heard, n_after, heard = thread.submit(asyncio.run, life()).result()
    most = (time.monotonic() - began) / PACE_S + 2
    assert 1 <= n_drawn <= most and 1 <= n_heard <= most and n_after == n_heard
    assert heard[0] == {"macros", "notices"} and "this is a bug of the panel" in caplog.text


def test_the_examples_are_true():
    assert doctest.testmod(path_playback).attempted and not doctest.testmod(path_playback).failed
