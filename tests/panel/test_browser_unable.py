"""What cannot do anything looks so, and says why: no controllers, no microphone, no sound, no path."""

import pytest

from tests.panel.conftest import device, view
from tests.panel.test_browser import knob
from tests.support.live import eventually

pytestmark = pytest.mark.real


def test_volume_and_panic_wait_for_the_sound(house, visit):
    """First in this file: other pages switch the sound on."""
    off = [{"name": "flow-sound", "value": "0"}]
    kept = {"cookies": [], "origins": [{"origin": f"http://127.0.0.1:{house.port}", "localStorage": off}]}
    page = visit(house.url, storage_state=kept)
    parts = [page.get_by_label("Volume"), page.get_by_label("Hear each change")]
    parts.append(page.get_by_role("button", name="All notes off"))
    assert eventually(lambda: "switch the sound on" in page.locator(".sound-said").inner_text())
    assert not any(part.is_enabled() for part in parts)
    page.get_by_role("button", name="Sound in this browser: off").click()
    assert eventually(lambda: all(part.is_enabled() for part in parts), 30.0)
    page.context.close()


def test_nothing_can_be_learned_where_no_controllers_are_heard(house, page):
    view(page, "connect")
    said = page.locator(".learn-refused")
    assert eventually(lambda: "start it with --midi" in said.inner_text())
    learn = page.get_by_role("button", name="Learn")
    assert learn.count() >= 10 and not any(one.is_enabled() for one in learn.all())
    assert not page.get_by_text("Bind by name").is_enabled()
    assert not page.get_by_role("button", name="No, another one").is_visible()
    view(page, "play")
    knob(page, 2).click(button="right")
    item = page.get_by_role("menuitem", name="Learn a controller")
    assert item.is_disabled() and "--midi" in item.inner_text()
    page.keyboard.press("ArrowUp")  # the last that can be chosen
    page.keyboard.press("Enter")
    assert eventually(lambda: page.locator(".knob.is-frozen").count() == 1)
    with device(house) as client:
        client.send("/flow/freeze", 2, 0)
        assert eventually(lambda: page.locator(".knob.is-frozen").count() == 0)


def test_a_path_is_played_and_cleared_once_there_is_one(house, page):
    view(page, "map")
    play, clear = (page.get_by_role("button", name=name, exact=True) for name in ("Play the path", "Clear"))
    assert play.is_disabled() and clear.is_disabled()
    with device(house) as client:
        client.send("/flow/path/add")
        assert eventually(clear.is_enabled)
        assert play.is_disabled() and "No path yet" in page.locator(".path-points").inner_text()
        client.send("/flow/vary", 1.0)
        client.send("/flow/path/add")
        assert eventually(play.is_enabled)
        client.send("/flow/path/clear")
        assert eventually(play.is_disabled)


def test_a_macro_of_ones_own_is_made_once_there_are_sounds_on_both_sides(house, page):
    page.get_by_text("Macros on the dials").click()
    make = page.get_by_role("button", name="Make", exact=True)
    make.wait_for()
    assert make.is_disabled()
    with device(house) as client:
        client.send("/flow/own/add", 0)
        client.send("/flow/own/add", 1)
        assert eventually(make.is_enabled)
        client.send("/flow/own/clear")
        assert eventually(make.is_disabled)
