"""The instrument in Chromium: what is played is heard there, follows the knobs, and ends."""

import time

import numpy as np
import pytest

from models.installed import find_model
from tests.panel.conftest import device, house_of
from tests.support.live import eventually

pytestmark = pytest.mark.real

SOUNDS = "() => window.flow.sound.context?.state === 'running' && window.flow.last('sound').state === 'on'"
# Keeps what the page plays.
RECORD = """() => {
  const { context, node } = window.flow.sound;
  const recorder = context.createScriptProcessor(1024, 2, 2);
  window.heard = [];
  recorder.onaudioprocess = (event) => {
    window.heard.push([...event.inputBuffer.getChannelData(0)]);
  };
  node.connect(recorder);
  recorder.connect(context.destination);
}"""


def recorded(page):
    """The last of what was heard since the last call, 1.5 s at most: the samples of each block."""
    return np.array(page.evaluate("() => window.heard.splice(0).slice(-64)"))


def loud(samples):
    """Whether something is heard in each block."""
    return np.abs(samples).max(axis=1) > 3e-3 if samples.size else np.zeros(0, bool)


def hear(page, is_enough, limit_s=20.0):
    """Blocks from now on, until they are enough."""
    heard = []

    def enough():
        page.wait_for_timeout(100)
        heard.extend(recorded(page))
        return is_enough(np.array(heard))

    assert eventually(enough, limit_s), f"not within {limit_s:.0f} s, {len(heard)} blocks"
    return np.array(heard)


def likeness(before, after):
    """How alike the ends of two recordings are, 1 at most."""
    ends = [
        np.abs(np.fft.rfft(part[-12:] * np.hanning(1024), axis=1)).mean(axis=0) for part in (before, after)
    ]
    return float(np.dot(*(spectrum / np.linalg.norm(spectrum) for spectrum in ends)))


@pytest.fixture(scope="module")
def sounding(house, shared):
    """The page, once it sounds."""
    with device(house) as client:
        client.send("/flow/audition", 0)
    shared.mouse.click(5, 300)  # a browser lets nothing sound before somebody has touched the page
    shared.evaluate("() => window.flow.sound.turn(true)")
    shared.wait_for_function(SOUNDS, timeout=90_000)
    shared.evaluate(RECORD)
    shared.wait_for_function("() => window.heard.length > 20")
    return shared


def test_a_key_is_heard_as_long_as_it_is_held_and_follows_the_knob(house, sounding):
    page = sounding
    with device(house) as client:
        client.send("/flow/macro", 0, 0.5)
        time.sleep(0.5)
        recorded(page)
        page.keyboard.down("a")
        assert eventually(lambda: page.evaluate("() => window.flow.last('sound').voices") == 1, 30.0)
        before = hear(page, lambda heard: loud(heard).sum() > 60)  # its attack is over
        by_itself = likeness(before[:-24], before)
        assert page.locator(".piano .is-down").count() == 1
        client.send("/flow/macro", 0, 1.0)
        client.send("/flow/macro", 1, 0.0)
        changed = min(0.999, by_itself)
        hear(page, lambda heard: loud(heard)[-12:].sum() == 12 and likeness(before, heard) < changed)
        page.keyboard.up("a")
        assert eventually(lambda: page.evaluate("() => window.flow.last('sound').voices") == 0, 60.0)
        time.sleep(0.5)
        recorded(page)
        silence = hear(page, lambda heard: len(heard) > 10)
    assert not loud(silence).any()


def test_three_fingers_hold_three_keys_and_let_go_of_each(house, sounding):
    page = sounding
    keys = page.locator(".piano .white")
    page.evaluate(
        """() => {
      const piano = document.querySelector('.piano');
      const keys = [...document.querySelectorAll('.piano .white')];
      piano.scrollIntoView();
      piano.setPointerCapture = () => {}; // these pointers are not real
      window.finger = (kind, pointer, k) => {
        const box = keys[k].getBoundingClientRect();
        piano.dispatchEvent(new PointerEvent(kind, { pointerId: pointer, bubbles: true, cancelable: true,
          clientX: box.x + box.width / 2, clientY: box.y + 0.9 * box.height }));
      };
    }"""
    )
    for pointer, k in ((11, 0), (12, 2), (13, 4)):
        page.evaluate("([p, k]) => window.finger('pointerdown', p, k)", [pointer, k])
    assert page.locator(".piano .is-down").count() == 3
    assert eventually(lambda: page.evaluate("() => window.flow.last('sound').voices") == 3, 30.0)
    page.evaluate("() => window.finger('pointermove', 12, 3)")  # a finger slides to the next key
    assert page.locator(".piano .is-down").count() == 3
    for pointer in (11, 12, 13):
        page.evaluate("(p) => window.finger('pointerup', p, 0)", pointer)
    assert page.locator(".piano .is-down").count() == 0
    assert keys.count() == 15
    assert eventually(lambda: page.evaluate("() => window.flow.last('sound').voices") == 0, 60.0)


def test_a_page_that_is_closed_lets_go_of_its_keys(house, sounding, visit):
    other = visit(house.url)
    other.evaluate("() => window.flow.sound.note(72, 100)")
    assert eventually(lambda: sounding.evaluate("() => window.flow.last('sound').voices") == 1, 30.0)
    other.close()
    assert eventually(lambda: sounding.evaluate("() => window.flow.last('sound').voices") == 0, 60.0)


def test_a_sound_process_that_is_killed_is_heard_again_in_a_page_that_stays(house, sounding):
    page = sounding
    with device(house) as client:
        client.send("/flow/sound/listen")
        port = client.wait_for("/flow/sound/stream", 30.0)[0]
        house.server.that_serves(port).kill()
        assert eventually(lambda: "starts again" in house.server.said(), 30.0)
        client.send("/flow/sound/listen")
        assert client.wait_for("/flow/sound/stream", 60.0)[0] != port
    page.wait_for_function(SOUNDS, timeout=90_000)
    recorded(page)
    page.evaluate("() => window.flow.sound.note(60, 100)")
    assert eventually(lambda: loud(recorded(page)).any(), 60.0)
    page.evaluate("() => window.flow.sound.note(60, 0)")
    assert eventually(lambda: page.evaluate("() => window.flow.last('sound').voices") == 0, 60.0)


def test_all_notes_off_and_the_volume(house, sounding):
    page = sounding
    page.keyboard.down("g")
    page.keyboard.down("j")
    assert eventually(lambda: page.evaluate("() => window.flow.last('sound').voices") == 2, 30.0)
    page.get_by_role("button", name="All notes off").click()
    assert eventually(lambda: page.evaluate("() => window.flow.last('sound').voices") == 0, 5.0)
    assert page.locator(".piano .is-down").count() == 0
    page.keyboard.up("g")
    page.keyboard.up("j")
    page.get_by_label("Volume").fill("0.4")
    assert eventually(lambda: page.evaluate("() => window.flow.last('sound').volume").__round__(2) == 0.4)
    page.get_by_label("Volume").fill("0.8")


def test_sound_off_stays_off_for_this_browser(house, sounding):
    page = sounding
    switch = page.get_by_role("button", name="Sound in this browser: on")
    switch.click()
    page.get_by_role("button", name="Sound in this browser: off").wait_for()
    assert (
        page.evaluate("() => window.flow.sound.context === null && localStorage.getItem('flow-sound')") == "0"
    )
    page.get_by_role("button", name="Sound in this browser: off").click()
    page.wait_for_function("() => window.flow.sound.context?.state === 'running'")


def test_a_page_that_cannot_fetch_the_worklet_sounds_all_the_same(sounding):
    """The panel may be on its way down just then, and so may the page."""
    page = sounding
    page.evaluate(
        """() => {
          AudioWorklet.prototype.addModule = () => Promise.reject(new DOMException("no", "AbortError"));
          window.flow.sound.turn(false);
          window.flow.sound.turn(true);
          window.flow.sound.turn(false);
          window.flow.sound.turn(true);
        }"""
    )
    page.wait_for_function(SOUNDS)
    assert page.evaluate("() => window.flow.sound.node.constructor.name") == "GainNode"
    page.evaluate(RECORD)
    page.evaluate("() => window.flow.sound.note(60, 100)")
    assert eventually(lambda: loud(recorded(page)).any(), 30.0)
    page.evaluate("() => window.flow.sound.note(60, 0)")
    assert eventually(lambda: page.evaluate("() => window.flow.last('sound').voices") == 0, 60.0)


def test_a_page_from_another_address_has_no_worklet_and_sounds_all_the_same(tmp_path, visit):
    with house_of(find_model("vital-32"), tmp_path, "--panel-host", "0.0.0.0") as house:
        if "//127." in house.url:
            pytest.skip("this computer has no address on a network")
        page = visit(house.url, viewport={"width": 820, "height": 1180}, has_touch=True)
        page.mouse.click(5, 300)
        page.evaluate("() => { window.flow.sound.turn(true); window.flow.sound.audition(false); }")
        page.wait_for_function(SOUNDS, timeout=90_000)
        assert page.evaluate("() => !window.isSecureContext && !window.flow.sound.context.audioWorklet")
        page.evaluate(RECORD)
        page.evaluate("() => window.flow.sound.note(60, 100)")
        assert eventually(lambda: loud(recorded(page)).any(), 30.0)
        page.evaluate("() => window.flow.sound.note(60, 0)")
        assert eventually(lambda: page.evaluate("() => window.flow.last('sound').voices") == 0, 60.0)
