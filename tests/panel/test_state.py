"""What the panel remembers: points, snapshots, the path in tempo; how parts act on messages. No socket."""

import asyncio
import doctest
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SoundError
from panel.state import path_playback
from panel.state.panel_state import PanelSettings, PanelState
from panel.state.path_playback import PathPlayback
from panel.state.snapshots import Snapshots, interpolate
from server.instrument.point_history import PointHistory
from server.osc.addresses import TO_CLIENTS
from server.osc.builder import osc_message
from tests.panel.test_mirror import example

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


@given(
    bpm=st.floats(20, 300), beats=st.floats(1, 64), back=st.booleans(), loop=st.booleans(),
    at=st.floats(0, 1000),
)  # fmt: skip
def test_playback_stays_on_the_path_and_keeps_time(bpm, beats, back, loop, at):
    playback = PathPlayback(bpm=bpm, beats=beats, back=back, loop=loop)
    position = playback.position(at)
    whole = playback.seconds * (2 if back else 1)
    assert (position is None) == (not loop and at / playback.seconds >= (2.0 if back else 1.0))
    if position is not None:
        assert 0.0 <= position <= 1.0
    if loop:
        assert playback.position(0.0) == 0.0
        assert playback.position(whole + 0.25 * playback.seconds) == pytest.approx(0.25, abs=1e-6)


def test_the_examples_are_true():
    assert doctest.testmod(path_playback).attempted and not doctest.testmod(path_playback).failed


def live(tmp_path, work):
    """Run something with a panel's state, on a loop of its own: a browser may have left one here."""

    async def run():
        state = PanelState(PanelSettings(data=tmp_path))
        state.sent = []
        state.link.send = lambda *message: state.sent.append(message)
        try:
            return await work(state)
        finally:
            state.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


def tell(state, address, *values):
    """Let a message of the server come in, as the link does."""
    state._on_change(state.mirror.receive(osc_message(address, *values)))


@pytest.mark.parametrize("address", TO_CLIENTS)
def test_any_message_may_be_the_first(tmp_path, address):
    async def work(state):
        state._on_change(state.mirror.receive(example(address)))

    live(tmp_path, work)


def instruments(state, focus):
    for k in range(2):
        tell(state, "/flow/instrument", k, 2, f"id-{k}", f"Track {k}", 1, int(k == focus), "")


def test_the_server_says_which_macro_waits_for_a_control(tmp_path):
    async def work(state):
        instruments(state, focus=0)
        state.learning.learn(2, only_here=False)
        state.learning.learn(3, only_here=True)
        state.learning.unlearn(2)
        assert state.sent == [("/flow/learn", 2), ("/flow/learn", 3, "id-0"), ("/flow/unlearn", 2)]
        waiting = [state.learning.macro]
        for k, instrument in ((2, ""), (3, "id-0"), (4, "id-1"), (-1, "")):
            tell(state, "/flow/learning", k, instrument)
            waiting.append(state.learning.macro)
        return waiting

    assert live(tmp_path, work) == [-1, 2, 3, -1, -1]


def test_a_page_shows_the_controls_of_the_instrument_that_it_shows(tmp_path):
    async def work(state):
        shown = state.scheduler._readers["bindings"]
        for j, instrument in enumerate(("", "id-0", "id-1", "long gone")):
            tell(state, "/flow/binding", j, j, "CC 20", "pickup", 0.5, 0, instrument)
        seen = []
        for focus in (0, 1):
            instruments(state, focus)
            seen.append([one["macro"] for one in shown()])
        return seen

    assert live(tmp_path, work) == [[0, 1], [0, 2]]


def test_undo_stays_with_the_instrument_that_was_played(tmp_path):
    async def work(state):
        instruments(state, focus=0)
        for x in (0.1, 0.2):
            tell(state, "/flow/latent", [x, x])
            await asyncio.sleep(0.5)
        tell(state, "/flow/latent", [0.7, 0.7])
        instruments(state, focus=1)
        await asyncio.sleep(0.5)
        assert not state.points.can_undo
        tell(state, "/flow/latent", [0.2, 0.2])
        instruments(state, focus=0)
        await asyncio.sleep(0.5)
        state.points.undo()
        return state.sent[-1]

    assert live(tmp_path, work) == ("/flow/latent", pytest.approx(0.1), pytest.approx(0.1))


def test_a_path_does_not_go_on_with_another_instrument(tmp_path):
    async def work(state):
        instruments(state, focus=0)
        state.path.play(PathPlayback(bpm=60, beats=8))
        instruments(state, focus=0)
        assert state.path.is_playing
        instruments(state, focus=1)
        return state.path.is_playing

    assert not live(tmp_path, work)


def test_the_sound_of_another_instruments_sketch_is_asked_for_anew(tmp_path):
    async def work(state):
        state.sketch._target.set(np.zeros(10), 8_000)
        tell(state, "/flow/sketch/state", "done", 1.0)
        assert state.sent == [] and state.sketch.sound is not None
        tell(state, "/flow/sketch/candidates", 3)  # the focus has moved
        assert state.sketch.sound is None
        tell(state, "/flow/sketch/state", "done", 1.0)
        return state.sent[-1][0]

    assert live(tmp_path, work) == "/flow/sketch/take"


def test_a_path_that_plays_notes_no_points_and_stops_when_it_is_told_to(tmp_path):
    async def work(state):
        tell(state, "/flow/latent", [0.1, 0.2])
        await asyncio.sleep(0.5)
        state.path.play(PathPlayback(bpm=300, beats=1))
        tell(state, "/flow/latent", [0.5, 0.5])
        await asyncio.sleep(0.5)
        assert state.path.is_playing and not state.points.can_undo
        state.path.stop()
        n = len(state.sent)
        await asyncio.sleep(0.1)
        assert not state.path.is_playing and len(state.sent) == n > 10
        tell(state, "/flow/latent", [0.5, 0.5])
        await asyncio.sleep(0.5)
        assert state.points.can_undo
        state.points.undo()
        return state.sent[-1]

    assert live(tmp_path, work) == ("/flow/latent", pytest.approx(0.1), pytest.approx(0.2))


def test_one_undo_brings_back_the_sound_before_a_sketch(tmp_path):
    async def work(state):
        tell(state, "/flow/latent", [0.1, 0.2])
        await asyncio.sleep(0.5)
        tell(state, "/flow/sketch/state", "hearing", 0.1)
        for x in (0.3, 0.4, 0.5):  # answers, each of which rests for a while
            tell(state, "/flow/latent", [x, x])
            tell(state, "/flow/sketch/state", "refining", x)
            await asyncio.sleep(0.5)
        tell(state, "/flow/sketch/state", "done", 1.0)
        tell(state, "/flow/latent", [0.6, 0.6])
        await asyncio.sleep(0.5)
        state.points.undo()
        return state.sent[-1]

    assert live(tmp_path, work) == ("/flow/latent", pytest.approx(0.1), pytest.approx(0.2))


def test_a_preset_is_heard_by_its_own_patch_only(tmp_path):
    async def work(state):
        asked = []

        async def audio(space, patch, note, gestures=None):
            asked.append(patch.tolist())
            return patch

        state.sounds._renderer.audio = audio
        tell(state, "/flow/preset", 0, "Pad", 0.5, 0.5)
        with pytest.raises(SoundError, match="no preset 'Bell'"):
            await state.sounds.preset_note("Bell")
        heard = asyncio.create_task(state.sounds.preset_note("Pad"))
        await asyncio.sleep(0)
        tell(state, "/flow/preset/patch", "Bell", [0.0, 0.0])
        tell(state, "/flow/preset/patch", "Pad", [0.25, 0.5])
        await heard
        return asked

    assert live(tmp_path, work) == [[0.25, 0.5]]
