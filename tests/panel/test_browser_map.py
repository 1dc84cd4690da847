"""The map in Chromium, on the real server with the shipped model."""

from itertools import cycle

import numpy as np
import pytest

from tests.panel.conftest import device, view
from tests.support.live import eventually

pytestmark = pytest.mark.real


def test_a_click_on_the_map_goes_there(house, page):
    view(page, "map")
    canvas = page.locator(".map-canvas")
    assert eventually(lambda: page.locator(".map-legend button").count() >= 10)
    with device(house) as client:
        client.send("/flow/presets")
        presets = [v for address, v in client.receive_all(1.0) if address == "/flow/preset"]
        _, name, x, y = presets[40]
        at = page.evaluate(
            """([x, y]) => { const c = document.querySelector('.map-canvas'), b = c.getBoundingClientRect();
               return [26 + x * (b.width - 52), b.height - 26 - y * (b.height - 52)]; }""",
            [x, y],
        )
        canvas.hover(position={"x": at[0], "y": at[1]})
        assert page.locator(".map-name b").inner_text() in {p[1] for p in presets}
        client.receive_all(0.1)
        canvas.click(position={"x": at[0], "y": at[1]})
        place = client.wait_for("/flow/place")
        assert place == pytest.approx([x, y], abs=0.02), name
        # Dragging goes through everything between.
        box = canvas.bounding_box()
        client.receive_all(0.1)
        page.mouse.move(box["x"] + 200, box["y"] + 100)
        page.mouse.down()
        page.mouse.move(box["x"] + 400, box["y"] + 200, steps=10)
        page.mouse.up()
        places = [v for address, v in client.receive_all(0.8) if address == "/flow/place"]
        assert len(places) >= 3 and places[0][0] < places[-1][0] and places[0][1] > places[-1][1]


def test_the_map_is_zoomed_moved_and_searched(house, page):
    view(page, "map")
    assert eventually(lambda: page.locator(".map-legend button").count() >= 10)
    presets = page.request.get(house.url.split("?")[0] + "panel/presets.json").json()
    box = page.locator(".map-canvas").bounding_box()

    def at(k):
        x, y = presets["x"][k], presets["y"][k]
        return 26 + x * (box["width"] - 52), box["height"] - 26 - y * (box["height"] - 52)

    def far_from_others(k):
        others = [at(j) for j in range(len(presets["names"])) if j != k]
        return min(np.hypot(at(k)[0] - x, at(k)[1] - y) for x, y in others)

    k = max(range(len(presets["names"])), key=far_from_others)
    x, y = box["x"] + at(k)[0], box["y"] + at(k)[1]
    step = cycle((0, 1))

    def pointed_at(dx=0):
        page.mouse.move(x + dx + next(step), y)  # only a pointer that moves points at something
        return page.locator(".map-name b").all_inner_texts()

    mine = [presets["names"][k]]
    assert eventually(lambda: pointed_at() == mine)
    # What is under the pointer stays there while zooming, and moves with it.
    for _ in range(3):
        page.mouse.wheel(0, -240)
    assert eventually(lambda: pointed_at() == mine)
    page.mouse.move(x, y)
    page.keyboard.down("Shift")
    page.mouse.down()
    right = 60 if at(k)[0] < box["width"] / 2 else -60
    page.mouse.move(x + right, y, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    assert eventually(lambda: pointed_at(right) == mine)
    page.get_by_role("button", name="Whole map").click()
    # A preset that was not searched for, or is of a hidden kind, is not pointed at.
    page.get_by_label("Find presets").fill("no preset is called so")
    assert eventually(lambda: pointed_at() == [])
    page.get_by_label("Find presets").fill(mine[0].upper())
    assert eventually(lambda: pointed_at() == mine)
    page.get_by_label("Find presets").fill("")
    kind = page.locator(".map-legend button", has_text=presets["kinds"][k])
    kind.click()
    assert kind.get_attribute("aria-pressed") == "false" and eventually(lambda: pointed_at() == [])
    kind.click()
    assert eventually(lambda: pointed_at() == mine)


def test_a_path_is_drawn_seen_by_a_page_that_opens_later_and_played(house, page, visit):
    view(page, "map")
    page.get_by_role("button", name="Draw a path").click()
    box = page.locator(".map-canvas").bounding_box()
    page.mouse.move(box["x"] + 150, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 450, box["y"] + 250, steps=15)
    page.mouse.up()
    assert eventually(
        lambda: int("".join(filter(str.isdigit, page.locator(".path-points").inner_text())) or 0) >= 5
    )
    places = "() => window.flow.last('path')"
    assert eventually(lambda: len(page.evaluate(places)) >= 5)
    later = visit(house.url)
    assert eventually(lambda: later.evaluate(places) == page.evaluate(places), 60.0)
    drawn = np.array(later.evaluate(places))
    assert np.all(np.diff(drawn[:, 0]) > 0.0) and np.all(np.diff(drawn[:, 1]) < 0.0)
    later.close()
    with device(house) as client:
        client.receive_all(0.2)
        page.get_by_role("button", name="Play the path").click()
        for _ in range(16):
            assert client.wait_for("/flow/params")
        page.get_by_role("button", name="Play the path").click()
        assert eventually(lambda: "/flow/params" not in dict(client.receive_all(0.3)))
        # Every page shows how it travels, whoever chose it.
        parameters = page.get_by_role("button", name="In parameters")
        parameters.click()
        assert client.wait_for("/flow/path")[1] == 1
        client.send("/flow/path/space", 0)
        assert client.wait_for("/flow/path")[1] == 0
        assert eventually(lambda: parameters.get_attribute("aria-pressed") == "false")
        assert not [a for a, _ in client.receive_all(0.3) if a == "/flow/path"]
