"""Notes, from their key to their last echo."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.folder import ModelFolder
from models.installed import find_model
from sounding.player import MOST_VOICES
from synths.engine import Note
from synths.vital import VitalEngine
from tests.sounding.playing import RATE, SPACE, Playing, SineEngine, key, steps, vector


def offline(note=60, velocity=100, held=1_000, n=8_000, patch=None):
    """The note as the engine renders it at once."""
    patch = SPACE.decode(vector() if patch is None else patch)
    played = Note(note=note, velocity=velocity, held_seconds=held / RATE, seconds=n / RATE)
    return SineEngine().render(patch, played).T


def test_a_note_sounds_as_it_is_rendered_offline():
    playing = Playing()
    delay = playing.player.mixer.n_delay
    playing.player.press(key(), 100)
    held = playing.run(9_000)
    playing.player.release("me", 60)
    heard = np.concatenate([held, playing.run(8_000)])[delay:]
    expected = offline(held=9_000, n=14_000)
    n, fading = len(expected), slice(9_000, 9_000 + 121)  # 15 ms, from the held render to the released one
    assert np.delete(heard[:n], fading, 0) == pytest.approx(np.delete(expected, fading, 0), abs=1e-4)
    assert steps(heard) <= steps(expected)
    assert playing.player.voices == [] and playing.player.n_late == 0


@pytest.mark.parametrize("late", [40, 400, 1_200])
def test_a_note_that_is_rendered_late_begins_later_and_sounds_the_same(late):
    playing = Playing(late=late)
    playing.player.press(key(), 100)
    heard = playing.run(20_000)
    began = int(np.argmax(np.abs(heard[:, 0]) > 1e-6))
    assert late <= began <= late + 64 + playing.player.mixer.n_delay + 2
    expected = offline(held=30_000, n=20_000)
    start = began - 1  # the first sample of a sine is 0
    assert heard[start:] == pytest.approx(expected[: len(heard) - start], abs=1e-4)


@settings(deadline=None, max_examples=10)
@given(held=st.integers(1, 20_000), late=st.integers(0, 1_500))
def test_a_note_ends_as_long_after_its_key_as_it_began_after_it(held, late):
    playing = Playing(late=late)
    playing.player.press(key(), 100)
    playing.run(held)
    playing.player.release("me", 60)
    playing.run(60_000, block=512)
    assert playing.player.voices == []
    assert not playing.run(2_000).any()


def test_a_turn_is_heard_at_the_same_place_without_a_click():
    playing = Playing(late=300)
    playing.player.press(key(), 100)
    heard = [playing.run(6_000)]
    for k in range(1, 12):
        playing.player.set_patch(0, vector(0.3, 0.2 + 0.06 * k))
        heard.append(playing.run(500))
    heard = np.concatenate([*heard, playing.run(3_000)])
    last = offline(held=90_000, n=len(heard), patch=vector(0.3, 0.86))
    delay = playing.player.mixer.n_delay
    begin = int(np.argmax(np.abs(heard[:, 0]) > 1e-6)) - 1
    assert heard[-1_500:] == pytest.approx(last[len(heard) - 1_500 - begin : len(heard) - begin], abs=1e-3)
    assert steps(heard) <= 1.02 * steps(last) and delay > 0


def test_a_turn_of_the_patch_is_followed_while_the_loop_plays():
    playing = Playing(late=200)
    playing.player.press(key(), 100)
    playing.run(60_000)  # 7.5 s: the longest render has 3 s
    playing.player.set_patch(0, vector(0.1, 0.2))
    heard = playing.run(8_000)
    assert np.abs(heard[-2_000:]).max() == pytest.approx(0.1 * 100 / 127, rel=0.2)
    assert playing.player.n_late == 0


def test_a_held_note_goes_on_for_ever_and_as_loud():
    playing = Playing()
    playing.player.press(key(), 100)
    heard = playing.run(40 * RATE, block=1_024)
    levels = [np.sqrt(np.mean(heard[k : k + 800] ** 2)) for k in range(RATE, len(heard), 800)]
    assert levels == pytest.approx([levels[0]] * len(levels), rel=0.02)
    assert steps(heard) <= 1.02 * steps(offline(held=90_000, n=20_000))


def test_what_dies_away_is_not_rendered_for_ever():
    class Pluck(SineEngine):
        def render(self, patch, note):
            audio = super().render(patch, note)
            return (audio * np.exp(-np.arange(audio.shape[1]) / 300)).astype(np.float32)

    playing = Playing(engine=Pluck())
    playing.player.press(key(), 100)
    playing.run(RATE * 10)
    assert len(playing.renderer._engine.rendered) <= 3
    playing.player.release("me", 60)
    playing.run(100)
    assert playing.player.voices == []


def test_a_held_note_that_had_died_away_sounds_again_when_its_sound_is_turned_up():
    playing = Playing(patch=vector(0.0))
    playing.player.press(key(), 100)
    assert not playing.run(RATE).any()
    playing.player.set_patch(0, vector(0.5))
    assert np.abs(playing.run(RATE)[-1_000:]).max() > 0.3
    playing.player.release("me", 60)
    playing.run(2 * RATE)
    assert playing.player.voices == []


def test_a_chord_begins_together_though_its_renders_do_not_come_together():
    playing = Playing(late=60, workers=1)  # 7.5 ms each, one after the other
    for note in (48, 55, 64):
        playing.player.press(key(note), 100)
    playing.run(1_000, block=16)
    began = [voice.started for voice in playing.player.voices]
    assert len(began) == 3 and max(began) - min(began) == 0


def test_a_chord_does_not_wait_for_a_note_that_takes_too_long():
    playing = Playing(late=60, workers=1)
    for note in range(50, 58):
        playing.player.press(key(note), 100)
    playing.run(1_000, block=16)
    began = [voice.started for voice in playing.player.voices]
    assert min(began) <= 60 + 0.03 * RATE + 16


def test_the_ninth_note_takes_the_place_of_the_oldest_one_let_go():
    playing = Playing()
    for note in range(MOST_VOICES):
        playing.player.press(key(40 + note), 60)
        playing.run(100)
    playing.player.release("me", 43)
    playing.player.press(key(80), 60)
    notes = [voice.key.note for voice in playing.player.voices]
    assert notes == [40, 41, 42, 44, 45, 46, 47, 80]
    playing.player.press(key(81), 60)
    assert [voice.key.note for voice in playing.player.voices] == [41, 42, 44, 45, 46, 47, 80, 81]
    assert playing.player.n_stolen == 2


def test_a_pedal_keeps_notes_of_its_player_only():
    playing = Playing()
    playing.player.pedal("me", True)
    for source in ("me", "you"):
        playing.player.press(key(60, source=source), 100)
    playing.run(800)
    for source in ("me", "you"):
        playing.player.release(source, 60)
    playing.run(RATE)
    assert [voice.key.source for voice in playing.player.voices] == ["me"]
    playing.player.pedal("me", False)
    playing.run(RATE)
    assert playing.player.voices == []


@settings(deadline=None, max_examples=15)
@given(st.data())
def test_nothing_is_stuck_after_panic_or_after_everybody_has_left(data):
    playing = Playing(late=data.draw(st.integers(0, 900)))
    actions = st.tuples(st.sampled_from("pruvb"), st.integers(50, 62), st.sampled_from(["me", "you"]))
    for what, note, source in data.draw(st.lists(actions, max_size=25)):
        match what:
            case "p":
                playing.player.press(key(note, source=source), 90)
            case "r":
                playing.player.release(source, note)
            case "u":
                playing.player.pedal(source, note % 2 == 0)
            case "v":
                playing.player.set_patch(0, vector(0.3, (note - 50) / 12))
            case "b":
                playing.player.bend(source, (note - 56) / 3)
        playing.run(data.draw(st.integers(1, 700)))
    if data.draw(st.booleans()):
        playing.player.panic()
        playing.run(200)
    else:
        playing.player.leave("me")
        playing.player.leave("you")
        playing.run(8 * RATE, block=512)
    assert playing.player.voices == [] and playing.player.keyboard.held == frozenset()
    assert not playing.run(1_000).any()


def test_a_bend_moves_the_pitch_and_comes_back_to_the_sample():
    playing = Playing()
    playing.player.press(key(69), 100)
    playing.run(4_000)
    playing.player.bend("me", 2.0)
    playing.run(2_000)
    bent = playing.run(4_096)[:, 0]
    hz = np.argmax(np.abs(np.fft.rfft(bent * np.hanning(4_096)))) * RATE / 4_096
    assert hz == pytest.approx(440 * 2 ** (2 / 12), abs=2.5)
    playing.player.bend("me", 0.0)
    playing.run(2_000)
    back = playing.run(4_096)[:, 0]
    hz = np.argmax(np.abs(np.fft.rfft(back * np.hanning(4_096)))) * RATE / 4_096
    assert hz == pytest.approx(440, abs=2.5)


def test_instruments_have_patches_of_their_own():
    playing = Playing()
    playing.player.set_patch(1, vector(0.05, 0.0))
    playing.player.press(key(60, instrument=1), 127)
    heard = playing.run(4_000)
    assert np.abs(heard).max() == pytest.approx(0.05, rel=0.05)
    playing.player.set_patch(0, vector(0.9, 0.9))  # not its own
    assert np.abs(playing.run(4_000)).max() == pytest.approx(0.05, rel=0.05)


def test_a_note_that_cannot_be_rendered_ends():
    playing = Playing()
    playing.player.press(key(), 100)
    job = playing.player.next_job()
    playing.player.fail(job)
    assert playing.player.voices == []
    playing.player.receive(job, None)  # it comes too late, and nobody waits for it


def test_vital_sounds_as_it_is_rendered_offline():
    model = ModelFolder.load(find_model("vital-32"))
    patch, rate = model.presets.patches[4], 44_100
    playing = Playing(engine=VitalEngine(rate), space=model.space, patch=patch, rate=rate)
    playing.player.press(key(50), 100)
    held = playing.run(70_000, block=512)
    playing.player.release("me", 50)
    heard = np.concatenate([held, playing.run(20_000, block=512)])[playing.player.mixer.n_delay :]
    note = Note(note=50, velocity=100, held_seconds=70_000 / rate, seconds=3.0)
    expected = VitalEngine(rate).render(model.space.decode(patch), note).T
    fading = slice(70_000, 70_000 + 700)  # 15 ms, from the held render to the released one
    heard, expected = (np.delete(audio, fading, 0) for audio in (heard, expected[: len(heard)]))
    # What begins within a block can differ in a fast attack by a hundredth of its peak.
    attack = 900
    assert heard[:attack] == pytest.approx(expected[:attack], abs=3e-3)
    assert heard[attack:] == pytest.approx(expected[attack:], abs=1e-3)
