"""Two Flow Synths that share one sound, while no server is there, and when one is again."""

import numpy as np
import pytest

from models.installed import PRETRAINED
from synths.space_files import load_space
from tests.max4live.in_memory import MemorySet, trail
from tests.max4live.playing import menu_of, take
from tests.max4live.test_own_sounds import frame_of

SHIPPED = PRETRAINED / "vital-32"  # which the devices hold
LABELS = [parameter.label for parameter in load_space("vital-32")]
SAME = 2e-4  # of a parameter: the device's decoder, and the server's


@pytest.fixture
def empty(built, tmp_path):
    """A Set without a device."""
    with MemorySet(built, SHIPPED, tmp_path, LABELS) as live:
        yield live


@pytest.fixture
def linked(empty):
    """`1-Vital`, `2-Pad` that is linked to it, and their server."""
    live = empty
    live.start()
    for k, name in enumerate(("1-Vital", "2-Pad")):
        live.add(name)
        live.connect()
        live.devices[k].node(f"macro_{k + 2}").turn(90.0)
        live.pass_s(3)
    choose(live, live.devices[1], "1-Vital")
    assert live.until(lambda: apart(live) < SAME), [d.status for d in live.devices]
    live.pass_s(5)
    return live


def choose(live, device, item):
    menu = menu_of(device, "Sound")
    assert live.until(lambda: item in menu.items), menu.items
    menu.pick(menu.items.index(item))


def apart(live):
    a, b = live.sounds()
    return np.abs(a - b).max()


def is_alone(device):
    return "without" in device.status.lower()


def test_each_plays_on_by_itself_and_they_share_again(linked):
    """Its own turns move each alone; then the sound is that of the one whose it is, with no third between."""
    live = linked
    a, b = live.devices
    before = live.states()
    live.kill()
    assert live.until(lambda: is_alone(a) and is_alone(b), 60.0), (a.status, b.status)
    assert apart(live) < SAME
    take(a, 3, 80.0)
    live.pass_s(3)
    first, second = live.sounds()
    assert np.abs(first - second).max() > 0.01
    take(b, 5, 20.0)
    live.pass_s(3)
    assert np.abs(live.sounds()[0] - first).max() == 0 and np.abs(live.sounds()[1] - second).max() > 0.01
    states = live.states()
    assert states[0] != before[0] and states[1] == before[1], "what is shared is not stored twice"

    n_a, n_b = (len(trail(d)) for d in (a, b))
    shared, own = live.sounds()
    live.start()
    assert live.until(lambda: apart(live) < SAME, 60.0), (a.status, b.status)
    live.pass_s(5)
    assert np.abs(trail(a)[n_a - 1 :] - shared).max() < SAME, "the sound has not moved"
    for frame in trail(b)[n_b - 1 :]:
        assert min(np.abs(frame - own).max(), np.abs(frame - shared).max()) < SAME
    assert live.states() == states
    take(b, 5, 70.0)
    live.pass_s(3)
    assert apart(live) < SAME and np.abs(live.sounds()[0] - shared).max() > 0.01


def heard_since(device, n):
    """Return the frames that a synth was sent, beginning with the one that sounded after n."""
    return trail(device)[n - 1 :]


# Away so long, s: nobody notices, devices notice while a dial turns, they look for a server again.
@pytest.mark.parametrize("away_s", [0.02, 1.0, 5.0, 20.0])
@pytest.mark.parametrize("first", [None, 0, 1])
def test_however_a_server_comes_back_they_share_the_sound_of_the_one_whose_it_is(linked, away_s, first):
    """Whichever device it answers first; nobody hears another sound, and nothing is stored."""
    live = linked
    both = list(live.devices)
    a, b = both
    live.kill()
    live.pass_s(away_s / 2)
    if away_s >= 1:
        take(a, 4, 80.0)
        take(b, 6, 20.0)
    live.pass_s(away_s / 2)
    live.pass_s(2.0 if away_s >= 1 else 0)  # what was turned has been stored
    shared, own = live.sounds()
    n, states = [len(trail(d)) for d in both], live.states()
    live.start()
    if first is not None:  # the other comes when this one no longer waits for it
        live.devices[:] = [both[first]]
        live.pass_s(12)
        assert first == 0 or "1-Vital is not here" in b.status
        live.devices[:] = both
    assert live.until(lambda: "plays 1-Vital" in b.status, 60.0), (a.status, b.status)
    live.pass_s(3)
    assert apart(live) < SAME
    assert np.abs(heard_since(a, n[0]) - shared).max() < SAME, "the sound has not moved"
    known = [own, shared, *([frame_of(states[1])] if first == 1 else [])]  # its own, where it says so
    for frame in heard_since(b, n[1]):
        assert min(np.abs(frame - sound).max() for sound in known) < SAME
    assert live.states() == states


def test_a_set_with_a_link_opens_without_a_server(linked, built, tmp_path):
    """The linked one plays its own sound, as it was before the link, and names the one that it misses."""
    live = linked
    states, sounds = live.states(), live.sounds()
    live.kill()
    with MemorySet(built, SHIPPED, tmp_path / "again", LABELS) as again:
        a, b = (again.add(*each) for each in zip(("1-Vital", "2-Pad"), states, strict=True))
        assert again.until(lambda: is_alone(a) and is_alone(b)), (a.status, b.status)
        again.pass_s(3)
        assert b.status == "Without the server this plays its own sound, not that of 1-Vital"
        assert "its own sound" not in a.status
        np.testing.assert_allclose(again.sounds()[0], sounds[0], atol=SAME)
        np.testing.assert_allclose(again.sounds()[1], frame_of(states[1]), atol=SAME)
        assert apart(again) > 0.01
        assert again.states() == states
        take(b, 5, 20.0)
        again.pass_s(3)
        assert again.states()[1] != states[1], "its own sound is stored"
        again.start()
        assert again.until(lambda: apart(again) < SAME, 60.0), (a.status, b.status)
        np.testing.assert_allclose(again.sounds()[0], sounds[0], atol=SAME)
        again.pass_s(3)
        assert "plays 1-Vital" in b.status and "its own sound" not in b.status
